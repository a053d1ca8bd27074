"""Tokens: JWTs whose signature, audience, issuer and times are checked before anything in them is believed.

Only RS256, ES256 and EdDSA count, each with a key of its own kind: `none` and the HS family never do. The key of
the pages' sessions ("sesi") signs no bearer token, and no other key signs a session: each set has its own keys
and audience. In production the development issuer's key ("dev") does not count, and neither does a token that
lives too long, or does not say since when it lives.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jwt

from shared.problems import Unauthorized
from shared.security.claims import AmbiguousClaims, Claims
from shared.security.identity import Identity
from shared.system_clock import utc_now

ALGORITHMS = ("EdDSA", "ES256", "RS256")
AUDIENCE = "jemput-bola"
DEV_KEY, SESSION_KEY = "dev", "sesi"
RSA_BITS = 2048


class UnknownKey(Unauthorized):
    """Signed by a key that is not known here, or not yet."""


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """What a token must be. `longest` is its greatest lifetime in seconds, None for any; so is `leeway`."""

    audience: str | None = AUDIENCE
    """The `aud` it has; None for any, for a caller that sees by itself whom it is for."""
    issuer: str = ""
    claims: Claims = field(default_factory=lambda: Claims(nation_by_word=False))
    leeway: float = 10
    longest: float | None = None


class TokenKeys:
    """Public keys by their kid, and what a token signed by one of them must be."""

    def __init__(self, keys: Iterable[jwt.PyJWK], policy: TokenPolicy) -> None:
        self._keys = {key.key_id: key for key in keys}
        self._policy = policy
        # A signature takes longer to check than most queries; a token is checked once, its times each time.
        self._known = lru_cache(maxsize=4096)(self._identify)

    def identify(self, token: str) -> Identity:
        """The caller. Raises Unauthorized (401) for a token that is forged, expired or not for us."""
        identity, claims = self._known(token)
        self._must_be_in_time(claims)
        return identity

    def claims(self, token: str, policy: TokenPolicy | None = None) -> dict[str, Any]:
        """What a token says, unread; by a policy of its own, if one is given. Raises Unauthorized as `identify`."""
        claims = self._decode(token, policy or self._policy)
        self._must_be_in_time(claims)
        return claims

    def _identify(self, token: str) -> tuple[Identity, dict[str, Any]]:
        claims = self._decode(token, self._policy)
        try:
            return self._policy.claims.identity(claims), claims
        except AmbiguousClaims as error:
            raise Unauthorized(f"token tidak lengkap: {error}") from error

    def _decode(self, token: str, policy: TokenPolicy) -> dict[str, Any]:
        told = {"aud": policy.audience, "iss": policy.issuer, "iat": policy.longest}
        # Times are seen to each time that a token is shown, not once.
        options: Any = {
            "require": ["exp", "sub", *(name for name, asked in told.items() if asked)],
            "verify_aud": policy.audience is not None,
            **dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat"), False),
        }
        try:
            key = self._keys.get(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise UnknownKey("token tidak sah")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=policy.audience,
                issuer=policy.issuer or None,
                options=options,
            )
            if policy.longest and float(claims["exp"]) - float(claims["iat"]) > policy.longest:
                raise Unauthorized("token berlaku terlalu lama")
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise Unauthorized("token tidak sah") from error
        return claims

    def _must_be_in_time(self, claims: dict[str, Any]) -> None:
        now, leeway = utc_now().timestamp(), self._policy.leeway
        try:
            starts, ends = max(float(claims.get(name, 0)) for name in ("nbf", "iat")), float(claims["exp"])
        except (TypeError, ValueError) as error:
            raise Unauthorized("token tidak sah") from error
        if ends <= now - leeway:
            raise Unauthorized("token kedaluwarsa")
        if starts > now + leeway:
            raise Unauthorized("token belum berlaku")


def usable_keys(jwks: str) -> list[jwt.PyJWK]:
    """The keys of a JWK set that may sign here: named, for signatures, of our algorithms, RSA long enough.

    Others are passed over: a provider's set may hold keys for other uses. Raises ValueError for what is no set.
    """
    content = json.loads(jwks)
    if not isinstance(content, dict) or not isinstance(content.get("keys"), list):
        raise ValueError("not a JWK set")
    return [key for key in map(_parsed, content["keys"]) if key is not None and _counts(key)]


def _parsed(entry: Any) -> jwt.PyJWK | None:
    try:
        return jwt.PyJWK(entry)
    except (jwt.PyJWTError, AttributeError):
        return None


def _counts(key: jwt.PyJWK) -> bool:
    long_enough = key.algorithm_name != "RS256" or key.key.key_size >= RSA_BITS
    return (
        bool(key.key_id) and key.public_key_use in (None, "sig") and key.algorithm_name in ALGORITHMS and long_enough
    )
