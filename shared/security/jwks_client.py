"""A provider's published keys, kept up to date while the service runs.

A key that is not known makes the set be read again, at most once in `AGAIN` seconds whoever asks; a set older than
`FRESH` seconds is read again beside the request, so that a key the provider withdrew counts no longer than that.
While the provider is away the keys it last gave go on counting.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import httpx
import jwt
import structlog

from shared.security.tokens import TokenKeys, TokenPolicy, UnknownKey, usable_keys

log = structlog.get_logger()

AGAIN = 5.0
FRESH = 300.0
MAX_BYTES = 256 * 1024
TIMEOUT = httpx.Timeout(3.0)

T = TypeVar("T")


class JwksClient:
    """The keys at a URL, none of these kids, and those held besides; "" is no URL."""

    def __init__(
        self,
        url: str,
        policy: TokenPolicy,
        *,
        held: Sequence[jwt.PyJWK] = (),
        refused: frozenset[str] = frozenset(),
        again: float = AGAIN,
    ) -> None:
        self._url, self._policy, self._held, self._refused, self._again = url, policy, held, refused, again
        self._keys = TokenKeys(held, policy)
        self._lock = asyncio.Lock()
        self._asked = float("-inf")
        self._read: float | None = None
        self._beside: asyncio.Task[None] | None = None

    async def ask(self, question: Callable[[TokenKeys], T]) -> T:
        """The keys' answer, asked again after a fresh look where they do not know the key. Raises as it does."""
        if not self._url:
            return question(self._keys)
        if self._old() and (self._beside is None or self._beside.done()):
            self._beside = asyncio.create_task(self._read_again())
        try:
            return question(self._keys)
        except UnknownKey:
            await self._read_again()
            return question(self._keys)

    def _old(self) -> bool:
        """Whether a set was read, but long ago; the first is read when a key is missed."""
        return self._read is not None and time.monotonic() - self._read > FRESH

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
        given = [key for key in usable_keys(jwks) if key.key_id not in self._refused]
        if not given:
            raise ValueError("no usable key")
        self._keys, self._read = TokenKeys([*given, *self._held], self._policy), time.monotonic()


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
