"""Waiting for what happens by itself: look again until a deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

T = TypeVar("T")


async def until(look: Callable[[], Awaitable[T]], *, timeout: float = 60, what: str = "it") -> T:
    """The first true answer of `look`. Raises AssertionError after `timeout` seconds."""
    answer = None
    try:
        async with asyncio.timeout(timeout):
            while not (answer := await look()):
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"{what} did not happen within {timeout} s; last seen: {answer!r}") from None
    return answer


async def until_equal(look: Callable[[], Awaitable[T]], wanted: T, *, timeout: float = 60) -> None:
    """Wait until `look` answers `wanted`. Raises AssertionError with its last answer after `timeout` seconds."""
    answer = None
    try:
        async with asyncio.timeout(timeout):
            while (answer := await look()) != wanted:
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"{answer!r} did not become {wanted!r} within {timeout} s") from None


async def later(moment: datetime) -> datetime:
    """The first whole second after a moment, once it is there."""

    async def passed() -> datetime | None:
        now = datetime.now(UTC).replace(microsecond=0)
        return now if now > moment else None

    found = await until(passed)
    assert found is not None
    return found
