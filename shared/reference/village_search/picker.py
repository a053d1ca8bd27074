"""The one index of a process: made once, in a thread, at the start or by whoever asks first."""

import asyncio
from collections.abc import Sequence
from functools import cache, lru_cache

from shared.reference.village_search.search import Index
from shared.reference.village_search.villages import Village

REMEMBERED = 4096
"""Answers kept: people who look for the same place type the same letters."""


@cache
def _index() -> Index:
    return Index()


class Picker:
    """Finds villages without holding up the event loop while the index is being made."""

    def __init__(self) -> None:
        self._making: asyncio.Task[Index] | None = None
        self._found = lru_cache(maxsize=REMEMBERED)(self._search)

    async def ready(self) -> Index:
        """The index, as soon as there is one."""
        if self._making is None:
            self._making = asyncio.create_task(asyncio.to_thread(_index))
        # Whoever waits may go away: the index is made all the same.
        return await asyncio.shield(self._making)

    async def prepare(self, _: object = None) -> None:
        """At the start, so that the first who types need not wait."""
        await self.ready()

    async def search(self, typed: str, within: str, limit: int) -> Sequence[Village]:
        """As `Index.search`."""
        await self.ready()
        return self._found(" ".join(typed.split()).lower(), within, limit)

    def _search(self, typed: str, within: str, limit: int) -> Sequence[Village]:
        assert self._making is not None
        return self._making.result().search(typed, within, limit)
