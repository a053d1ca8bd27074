"""Whose signatures count here: keys by file and by a provider's URL, kept up to date while the service runs.

A key that is not known makes the set be read again, at most once in `AGAIN` seconds whoever asks; a set older than
`FRESH` seconds is read again beside the request, so that a key the provider withdrew counts no longer than that.
While the provider is away the keys it last gave go on counting. A service starts without its provider.
"""

import asyncio
import time
from pathlib import Path

import httpx
import structlog

from shared.claims import Claims
from shared.identity import Identity
from shared.settings import Settings
from shared.tokens import DEV_KEY, SESSION_KEY, Keys, Policy, UnknownKey, usable
from shared.web import cookies

log = structlog.get_logger()

AGAIN = 5.0
FRESH = 300.0
MAX_BYTES = 256 * 1024
TIMEOUT = httpx.Timeout(3.0)


_SESSION = Policy(audience=cookies.AUDIENCE, longest=cookies.LIFETIME)


class Keyring:
    """The keys for bearer tokens, from a file, a URL, or both; and the key of the pages' sessions, by file alone.

    Raises OSError or ValueError for a file that is no JWK set, RuntimeError in production for one that holds the
    key of the development issuer.
    """

    def __init__(
        self, file: Path | None, url: str, policy: Policy, *, production: bool, again: float = AGAIN
    ) -> None:
        self._url, self._policy, self._production, self._again = url, policy, production, again
        held = usable(file.read_text()) if file else []
        if production and any(key.key_id == DEV_KEY for key in held):
            raise RuntimeError(
                "JWKS_FILE holds the key of the development issuer (kid dev), with which anybody of this clone signs"
                " any role: give the provider's JWKS_URL, or set ENVIRONMENT=development"
            )
        self._sessions = Keys([key for key in held if key.key_id == SESSION_KEY], _SESSION)
        self._held = [key for key in held if key.key_id != SESSION_KEY]
        self._keys = Keys(self._held, policy)
        self._lock = asyncio.Lock()
        self._asked = self._read = float("-inf")
        self._beside: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Keyring":
        """The keys that the settings name."""
        policy = Policy(
            audience=settings.jwt_audience,
            issuer=settings.jwt_issuer,
            claims=claims_of(settings),
            leeway=settings.clock_leeway,
            longest=settings.jwt_lifetime if settings.production else None,
        )
        return cls(settings.jwks_file, settings.jwks_url, policy, production=settings.production)

    async def bearer(self, token: str) -> Identity:
        """The caller of a bearer token. Raises Unauthorized (401)."""
        if self._url and time.monotonic() - self._read > FRESH:
            self._read_beside()
        try:
            return self._keys.identify(token)
        except UnknownKey:
            if not self._url:
                raise
            await self._read_again()
            return self._keys.identify(token)

    def session(self, token: str) -> Identity:
        """Whose session a page's cookie is. Raises Unauthorized (401)."""
        return self._sessions.identify(token)

    def _read_beside(self) -> None:
        if self._beside is None or self._beside.done():
            self._beside = asyncio.create_task(self._read_again())

    async def _read_again(self) -> None:
        """Ask the provider, unless somebody has just done so; whoever comes meanwhile waits for that answer."""
        async with self._lock:
            if time.monotonic() - self._asked < self._again:
                return
            self._asked = time.monotonic()
            try:
                self._take(await _fetch(self._url))
            except (httpx.HTTPError, ValueError) as error:
                log.warning("key set unread", error=type(error).__name__)

    def _take(self, jwks: str) -> None:
        refused = {SESSION_KEY, DEV_KEY} if self._production else {SESSION_KEY}
        given = [key for key in usable(jwks) if key.key_id not in refused]
        if not given:
            raise ValueError("no usable key")
        self._keys, self._read = Keys([*given, *self._held], self._policy), time.monotonic()


async def _fetch(url: str) -> str:
    """A JWK set's text. Raises httpx.HTTPError, or ValueError for one that is too large."""
    async with httpx.AsyncClient(timeout=TIMEOUT) as client, client.stream("GET", url) as answer:
        answer.raise_for_status()
        text = b""
        async for part in answer.aiter_bytes():
            text += part
            if len(text) > MAX_BYTES:
                raise ValueError("too large for a key set")
    return text.decode()


def claims_of(settings: Settings) -> Claims:
    """How the provider's claims are read."""
    return Claims(settings.role_claim, settings.wilayah_claim, settings.role_names, settings.production)
