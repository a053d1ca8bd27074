"""Work that comes while other work is done is gathered, and done together next: as a database commits in groups.

Nothing waits for company. What comes to an idle room goes at once and alone; the busier the room, the more go in one.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from shared.contract.envelope import current_context

Item = TypeVar("Item")
Result = TypeVar("Result")


class Together(Generic[Item, Result]):
    """Runs one batch at a time, of at most `most` items, in the order they came.

    `run` answers each item of a batch, in order. What it raises goes to every one of them: whatever concerns one item
    alone must be its result.
    """

    def __init__(self, run: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]], most: int = 64) -> None:
        self._run, self._most = run, most
        self._waiting: deque[_Waiting[Item, Result]] = deque()
        self._working: asyncio.Task[None] | None = None

    async def do(self, item: Item) -> Result:
        """The result of this item.

        A caller that is cancelled takes its item along while it waits. Once its batch runs the item is done with the
        others, whole or not at all, and the caller does not hear of it: as when a line breaks after a commit.
        """
        waiting: _Waiting[Item, Result] = _Waiting(item, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await waiting.result

    async def _work(self) -> None:
        current_context.set(None)  # it is of many stories, not of the one that began it
        try:
            while batch := self._next():
                await self._settle(batch)
        finally:
            # Here and not when the task is seen to have ended: who comes between would wait for nobody.
            self._working = None

    def _next(self) -> "list[_Waiting[Item, Result]]":
        batch: list[_Waiting[Item, Result]] = []
        while self._waiting and len(batch) < self._most:
            waiting = self._waiting.popleft()
            if not waiting.result.done():
                batch.append(waiting)
        return batch

    async def _settle(self, batch: "Sequence[_Waiting[Item, Result]]") -> None:
        try:
            results = await self._run([each.item for each in batch])
        except BaseException as error:
            for each in batch:
                if not each.result.done():
                    each.result.set_exception(error) if isinstance(error, Exception) else each.result.cancel()
            if not isinstance(error, Exception):
                raise
            return
        for each, result in zip(batch, results, strict=True):
            if not each.result.done():
                each.result.set_result(result)


class _Waiting(NamedTuple, Generic[Item, Result]):
    item: Item
    result: "asyncio.Future[Result]"
