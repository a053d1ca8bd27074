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

from shared.claims import Claims, Unclear
from shared.identity import Identity
from shared.problems import Unauthorized
from shared.wall import utc_now

ALGORITHMS = ("EdDSA", "ES256", "RS256")
AUDIENCE = "jemput-bola"
DEV_KEY, SESSION_KEY = "dev", "sesi"
RSA_BITS = 2048


class UnknownKey(Unauthorized):
    """Signed by a key that is not known here, or not yet."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a token must be. `longest` is its greatest lifetime in seconds, None for any; so is `leeway`."""

    audience: str = AUDIENCE
    issuer: str = ""
    claims: Claims = field(default_factory=lambda: Claims(nation_by_word=False))
    leeway: float = 10
    longest: float | None = None


@dataclass(frozen=True, slots=True)
class _Verified:
    identity: Identity
    starts: float
    expires: float


class Keys:
    """Public keys by their kid, and what a token signed by one of them must be."""

    def __init__(self, keys: Iterable[jwt.PyJWK], policy: Policy) -> None:
        self._keys = {key.key_id: key for key in keys}
        self._policy = policy
        # A signature takes longer to check than most queries; a token is checked once, its times each time.
        self._verified = lru_cache(maxsize=4096)(self._verify)

    def __contains__(self, kid: str) -> bool:
        return kid in self._keys

    def identify(self, token: str) -> Identity:
        """The caller. Raises Unauthorized (401) for a token that is forged, expired or not for us."""
        try:
            found = self._verified(token)
        except Unclear as error:
            raise Unauthorized(f"token tidak lengkap: {error}") from error
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise Unauthorized("token tidak sah") from error
        now = utc_now().timestamp()
        if found.expires <= now - self._policy.leeway:
            raise Unauthorized("token kedaluwarsa")
        if found.starts > now + self._policy.leeway:
            raise Unauthorized("token belum berlaku")
        return found.identity

    def _verify(self, token: str) -> _Verified:
        key = self._keys.get(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            raise UnknownKey("token tidak sah")
        policy = self._policy
        claims = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=policy.audience,
            issuer=policy.issuer or None,
            options={
                "require": ["exp", "sub", "aud"] + (["iss"] if policy.issuer else []),
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
        expires, issued = float(claims["exp"]), claims.get("iat")
        if policy.longest is not None and (issued is None or expires - float(issued) > policy.longest):
            raise Unclear("umurnya tidak disebut, atau terlalu panjang")
        return _Verified(
            policy.claims.identity(claims), max(float(claims.get("nbf", 0)), float(issued or 0)), expires
        )


def usable(jwks: str) -> list[jwt.PyJWK]:
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
