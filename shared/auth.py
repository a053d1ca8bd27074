"""Who is calling, in which role, and for which wilayah.

A token is a JWT signed by a known key, with the claims `sub`, `role` and `wilayah`. A wilayah is a prefix of
whole segments of Kemendagri codes: "17.71" sees all of Kota Bengkulu and nothing of Cirebon; "" sees all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import jwt
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.problems import Forbidden, Unauthorized
from shared.wall import utc_now

ALGORITHMS = ("EdDSA", "ES256", "RS256")
AUDIENCE = "jemput-bola"


class Role(StrEnum):
    """What a caller may do."""

    OPERATOR = "operator"
    DISPATCHER = "dispatcher"
    OFFICER = "officer"
    PRINT_OPERATOR = "print_operator"
    STOREKEEPER = "storekeeper"
    PROVINCIAL = "provincial"
    OPS = "ops"
    SUBSCRIBER = "subscriber"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller whose token was checked."""

    subject: str
    role: Role
    wilayah: str

    def sees(self, code: str) -> bool:
        """Whether a region or office code lies in the caller's wilayah."""
        return not self.wilayah or code == self.wilayah or code.startswith(self.wilayah + ".")

    def must_see(self, code: str) -> None:
        """Raises Forbidden (403) for a code outside the caller's wilayah."""
        if not self.sees(code):
            raise Forbidden(f"wilayah {self.wilayah} tidak mencakup {code}", field="wilayah")


class Keys:
    """The public keys whose signature counts."""

    def __init__(self, jwks: str) -> None:
        self._keys = {key.key_id: key for key in jwt.PyJWKSet.from_json(jwks).keys}
        # A signature takes longer to check than most queries; a token is checked once, its expiry each time.
        self._verified = lru_cache(maxsize=4096)(self._verify)

    @classmethod
    def load(cls, file: Path) -> "Keys":
        """Read a JWK set. Raises OSError or jwt.PyJWTError when it is not one."""
        return cls(file.read_text())

    def identify(self, token: str) -> Identity:
        """The caller. Raises Unauthorized (401) for a token that is forged, expired or not for us."""
        try:
            identity, expires = self._verified(token)
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            raise Unauthorized("token tidak sah") from error
        if expires <= utc_now().timestamp():
            raise Unauthorized("token kedaluwarsa")
        return identity

    def _verify(self, token: str) -> tuple[Identity, float]:
        key = self._keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token,
            key,
            algorithms=[name for name in ALGORITHMS if name == key.algorithm_name],
            audience=AUDIENCE,
            options={"require": ["exp", "sub", "aud"], "verify_exp": False},
        )
        return Identity(str(claims["sub"]), Role(claims["role"]), str(claims["wilayah"])), float(claims["exp"])


_bearer = HTTPBearer(auto_error=False)


def anyone() -> None:
    """Marks a route open to all."""


def allow(*roles: Role) -> Callable[..., Identity]:
    """A dependency: the caller, if in one of these roles. 401 without a good token, 403 in another role."""

    def caller(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Identity:
        if credentials is None:
            raise Unauthorized("sertakan token: Authorization: Bearer ...")
        keys: Keys = request.app.state.keys
        identity = keys.identify(credentials.credentials)
        if identity.role not in roles:
            raise Forbidden(f"peran {identity.role} tidak boleh melakukan ini")
        return identity

    return caller
