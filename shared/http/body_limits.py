"""How large a request's body may be, one bound for all and for some routes one of their own; and how slow."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Message, Receive

from shared.http.problem_responses import TITLES, problem_response
from shared.service import MIB, BodyLimit, RouteBodyLimit

CLOSE = {"Connection": "close"}
"""The rest of a body that is too large is not read, so no other request can follow it."""
DRAINED, DRAINING = 64 * MIB, 10.0
"""Bytes, and seconds, for which the rest of a body that was refused is read and forgotten."""


class TooLarge(HTTPException):
    """A body went past its bound while it came in. An HTTPException, which FastAPI lets through."""

    def __init__(self, bound: BodyLimit) -> None:
        super().__init__(413, headers=CLOSE)
        self.bound = bound


class TooSlow(HTTPException):
    """A body was silent for too long, or took too long as a whole."""

    def __init__(self) -> None:
        super().__init__(408, headers=CLOSE)


class BodyLimits:
    """The bounds of a service."""

    def __init__(self, max_bytes: int, body_limits: Sequence[RouteBodyLimit] = ()) -> None:
        self._common = BodyLimit(max_bytes, "Kirim isi yang lebih kecil, misalnya surat dibagi menjadi beberapa.")
        self._by_route = body_limits

    def of(self, scope: Mapping[str, Any]) -> BodyLimit:
        """The bound of a request."""
        for each in self._by_route:
            if scope["method"] == each.method and each.path.fullmatch(scope["path"]):
                return each.limit
        return self._common


@dataclass(frozen=True, slots=True)
class BodyTimeouts:
    """Seconds that a body may be silent, and may take as a whole."""

    silence: float
    whole: float


class Body:
    """A body as it comes in, until it is too large or too slow: a length need not be told, and need not be true."""

    __slots__ = ("_bound", "_left", "_more", "_patience", "_receive", "_until")

    def __init__(self, receive: Receive, bound: BodyLimit, patience: BodyTimeouts) -> None:
        self._receive, self._bound, self._patience = receive, bound, patience
        self._left, self._more = bound.max_bytes, True
        self._until: float | None = None

    async def receive(self) -> Message:
        """The next part. Raises TooLarge or TooSlow; once the body is whole, waits for the caller to leave."""
        if not self._more:
            return await self._receive()
        now = asyncio.get_running_loop().time()
        if self._until is None:
            self._until = now + self._patience.whole
        try:
            async with asyncio.timeout(min(self._patience.silence, self._until - now)):
                message = await self._next()
        except TimeoutError:
            raise TooSlow from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise TooLarge(self._bound)
        return message

    async def drain(self) -> None:
        """Read and forget the rest, for a while.

        Who is still sending when the connection closes is told that it was reset, and may never read the answer: a
        gateway then makes a 502 of a 413.
        """
        left = DRAINED
        with suppress(TimeoutError):
            async with asyncio.timeout(min(DRAINING, self._patience.whole)):
                while self._more and left > 0:
                    left -= len((await self._next()).get("body", b""))

    async def _next(self) -> Message:
        message = await self._receive()
        self._more = message["type"] == "http.request" and message.get("more_body", False)
        return message


def too_large(bound: BodyLimit) -> JSONResponse:
    """413, naming the limit."""
    return problem_response(413, TITLES[413][0], bound.message, headers=CLOSE)


async def refused(_: Request, error: Exception) -> JSONResponse:
    """The same, for what went past its bound inside the application."""
    assert isinstance(error, TooLarge)
    return too_large(error.bound)
