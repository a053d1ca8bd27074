"""How large a request's body may be: one bound for all, and for some routes one of their own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Message, Receive

from shared.answers import TITLES, answer

CLOSE = {"Connection": "close"}
"""The rest of a body that is too large is not read, so no other request can follow it."""
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bound:
    """Bytes at most, and what to do about more, for the person at the screen."""

    most: int
    advice: str

    @property
    def words(self) -> str:
        """The limit, and the advice."""
        size = f"{self.most // MIB} MiB" if self.most % MIB == 0 else f"{self.most} byte"
        return f"Isi permintaan paling besar {size}. {self.advice}"


@dataclass(frozen=True, slots=True)
class Larger:
    """Requests with a bound of their own, by method and whole path."""

    method: str
    path: re.Pattern[str]
    bound: Bound


class TooLarge(HTTPException):
    """A body went past its bound while it came in. An HTTPException, which FastAPI lets through."""

    def __init__(self, bound: Bound) -> None:
        super().__init__(413, headers=CLOSE)
        self.bound = bound


class Bounds:
    """The bounds of a service."""

    def __init__(self, most: int, larger: Sequence[Larger] = ()) -> None:
        self._common = Bound(most, "Kirim isi yang lebih kecil, misalnya surat dibagi menjadi beberapa.")
        self._larger = larger

    def of(self, scope: Mapping[str, Any]) -> Bound:
        """The bound of a request."""
        for each in self._larger:
            if scope["method"] == each.method and each.path.fullmatch(scope["path"]):
                return each.bound
        return self._common


def bounded(receive: Receive, bound: Bound) -> Receive:
    """The body as it comes in, until it is too large: a length need not be told, and need not be true."""
    left = bound.most

    async def read() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLarge(bound)
        return message

    return read


def too_large(bound: Bound) -> JSONResponse:
    """413, naming the limit."""
    return answer(413, TITLES[413][0], bound.words, headers=CLOSE)


async def refused(_: Request, error: Exception) -> JSONResponse:
    """The same, for what went past its bound inside the application."""
    assert isinstance(error, TooLarge)
    return too_large(error.bound)
