"""Whose signatures count here: the provider's for tokens, the login room's for the sessions of pages."""

from pathlib import Path

from shared.security import cookies
from shared.security.identity import Identity
from shared.security.jwks_client import AGAIN, JwksClient
from shared.security.tokens import DEV_KEY, SESSION_KEY, TokenKeys, TokenPolicy, usable_keys


class TrustedKeys:
    """The keys for bearer tokens, from a file, a URL, or both; and the key of the pages' sessions, by file alone.

    Raises OSError or ValueError for a file that is no JWK set, RuntimeError in production for one that holds the
    key of the development issuer.
    """

    def __init__(
        self, file: Path | None, url: str, policy: TokenPolicy, *, production: bool, again: float = AGAIN
    ) -> None:
        keys = usable_keys(file.read_text()) if file else []
        if production and any(key.key_id == DEV_KEY for key in keys):
            raise RuntimeError(
                "JWKS_FILE holds the key of the development issuer (kid dev), with which whoever has this clone signs"
                " any role: give the provider's JWKS_URL, or set ENVIRONMENT=development"
            )
        session = TokenPolicy(audience=cookies.AUDIENCE, longest=cookies.LIFETIME, leeway=policy.leeway)
        self._sessions = TokenKeys([key for key in keys if key.key_id == SESSION_KEY], session)
        self._bearer = JwksClient(
            url,
            policy,
            held=[key for key in keys if key.key_id != SESSION_KEY],
            refused=frozenset({SESSION_KEY, DEV_KEY} if production else {SESSION_KEY}),
            again=again,
        )

    async def bearer(self, token: str) -> Identity:
        """The caller of a bearer token. Raises Unauthorized (401)."""
        return await self._bearer.ask(lambda keys: keys.identify(token))

    def session(self, token: str) -> Identity:
        """Whose session a page's cookie is. Raises Unauthorized (401)."""
        return self._sessions.identify(token)
