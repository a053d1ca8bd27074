"""Pages are for persons with a session: without one a browser is sent to the login and back.

who: Annotated[Identity, Depends(page(Role.OPS, scope=LISTED))]
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote

from fastapi import Request
from fastapi.security import HTTPAuthorizationCredentials
from starlette.exceptions import HTTPException

from shared.problems import Unauthorized
from shared.security.auth import Allow, Identity, Role, Scope
from shared.security.cookies import cookie_of, must_be_same_origin, opens_a_page

LOGIN = "/masuk"


@dataclass(frozen=True, slots=True)
class Page(Allow):
    """A dependency: the person at a page, by cookie alone. A browser that opens the page without a session gets
    a 303 to the login, a script 401; another role gets 403, and so does an unsafe method of another origin."""

    @property
    def by(self) -> str:
        """What a person shows, for the docs."""
        return "cookie"

    async def caller(self, request: Request, credentials: HTTPAuthorizationCredentials | None) -> Identity:
        """The person. A page may be opened by a link of another site; nothing else may come from one."""
        session = cookie_of(request)
        try:
            if session is None:
                raise Unauthorized("masuk dahulu")
            identity = request.app.state.keys.session(session)
        except Unauthorized:
            if opens_a_page(request):
                _to_the_login(request)
            raise
        if not opens_a_page(request):
            must_be_same_origin(request)
        assert isinstance(identity, Identity)
        return identity


def page(*roles: Role, scope: Scope) -> Callable[..., Identity]:
    """A dependency that lets persons of these roles open a page; see `Page`."""
    return Page(roles, scope, cookie=True)  # type: ignore[return-value]  # FastAPI awaits it


def _to_the_login(request: Request) -> NoReturn:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    raise HTTPException(303, "Masuk dahulu", {"Location": f"{LOGIN}?kembali={quote(here, safe='/')}"})
