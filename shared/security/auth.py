"""Who may call a route, in which roles, and for which wilayah: said at the route itself, and printed in docs.

    who: Annotated[Identity, Depends(allow(Role.STOREKEEPER, scope=path("office")))]

`docs/access.md` prints what every route declares; a route that declares nothing fails a test, and the
authorisation walk tries each declaration on the running services.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from fastapi import Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.security.base import SecurityBase

from shared.problems import Forbidden, Unauthorized
from shared.security.cookies import cookie_of, must_be_same_origin
from shared.security.identity import Identity, Role
from shared.security.tokens import AUDIENCE
from shared.security.trusted_keys import TrustedKeys

__all__ = [
    "AUDIENCE",
    "LISTED",
    "NATION",
    "OWN",
    "Allow",
    "Identity",
    "Role",
    "Scope",
    "ScopeKind",
    "allow",
    "anyone",
    "body",
    "found",
    "overlap",
    "path",
]


class ScopeKind(StrEnum):
    """How a route keeps a caller to its wilayah. The first three are checked here, before the route's own code."""

    PATH = "`{}` of the path lies in it, or 403"
    OVERLAP = "`{}` of the query overlaps it, or 403; the list is cut to it"
    NATION = "the whole country, or 403"
    BODY = "`{}` of the body lies in it, or 403"
    FOUND = "what `{}` names lies in it, or 404"
    LISTED = "the list is cut to it"
    OWN = "nothing but the caller's own"


@dataclass(frozen=True, slots=True)
class Scope:
    """The wilayah check of a route: its kind, the name it goes by, and what it does besides."""

    kind: ScopeKind
    name: str = ""
    besides: str = ""

    @property
    def words(self) -> str:
        """For the docs."""
        return "; ".join(filter(None, (self.kind.format(self.name), self.besides)))

    def check(self, request: Request, who: Identity) -> None:
        """Raises Forbidden (403) where the request itself names a code beyond the caller's wilayah."""
        if self.kind is ScopeKind.PATH:
            who.must_see(request.path_params[self.name])
        elif self.kind is ScopeKind.OVERLAP and self.name in request.query_params:
            who.must_see_part(request.query_params[self.name])
        elif self.kind is ScopeKind.NATION and who.wilayah:
            raise Forbidden("hanya untuk wilayah nasional", field="wilayah")


LISTED, NATION, OWN = Scope(ScopeKind.LISTED), Scope(ScopeKind.NATION), Scope(ScopeKind.OWN)


def path(name: str) -> Scope:
    """The code in the path must lie in the caller's wilayah."""
    return Scope(ScopeKind.PATH, name)


def overlap(name: str) -> Scope:
    """The code in the query must overlap the caller's wilayah."""
    return Scope(ScopeKind.OVERLAP, name)


def body(name: str) -> Scope:
    """The code in the body must lie in the caller's wilayah: the route's code calls `must_see`."""
    return Scope(ScopeKind.BODY, name)


def found(name: str, besides: str = "") -> Scope:
    """What an id names must lie in the caller's wilayah: what is found is asked `sees`."""
    return Scope(ScopeKind.FOUND, name, besides)


_bearer = HTTPBearer(auto_error=False)


@dataclass(frozen=True, slots=True)
class Allow(SecurityBase):
    """A dependency: the caller, if in any of these roles and within the scope.

    401 without a good token, 403 in another role or beyond the scope. A route that takes the cookie of a page's
    session takes it from a page of the same origin only.
    """

    # A scheme itself, for the OpenAPI document: asking a dependency more would cost each request.
    model = _bearer.model
    scheme_name = _bearer.scheme_name

    roles: tuple[Role, ...]
    scope: Scope | None
    cookie: bool

    @property
    def by(self) -> str:
        """What a caller shows, for the docs."""
        return "token, cookie" if self.cookie else "token"

    async def __call__(self, request: Request) -> Identity:
        identity = await self.caller(request, await _bearer(request))
        # Whoever counts requests learns here whose this one is.
        request.state.identity = identity
        if not identity.is_any(*self.roles):
            raise Forbidden(f"peran {identity.role} tidak boleh melakukan ini")
        if self.scope is not None:
            self.scope.check(request, identity)
        return identity

    async def caller(self, request: Request, credentials: HTTPAuthorizationCredentials | None) -> Identity:
        """Who asks. Raises Unauthorized (401), or Forbidden (403) for a cookie that another site made come."""
        keyring: TrustedKeys = request.app.state.keys
        if credentials is not None:
            return await keyring.bearer(credentials.credentials)
        session = cookie_of(request) if self.cookie else None
        if session is None:
            raise Unauthorized("sertakan token: Authorization: Bearer ...")
        must_be_same_origin(request)
        return keyring.session(session)


def allow(*roles: Role, scope: Scope | None = None, cookie: bool = False) -> Callable[..., Identity]:
    """A dependency that lets callers of these roles in; see `Allow`."""
    return Allow(roles, scope, cookie)  # type: ignore[return-value]  # FastAPI awaits it


async def anyone() -> None:
    """A dependency that does nothing: it marks a route that is open to all, and means to be."""
