"""Work that comes while other work is done: gathered, bounded, in order, and nobody's trouble but its own."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.http.batcher import Together


class Bench:
    """Doubles numbers when it is let; refuses a batch that has a 13 in it."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Semaphore(0)

    async def double(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        await self.gate.acquire()
        if 13 in numbers:
            raise ValueError("13")
        return [2 * number for number in numbers]

    def let(self, batches: int = 1) -> None:
        for _ in range(batches):
            self.gate.release()


async def begun(bench: Bench, together: Together[int, int], *numbers: int) -> list["asyncio.Task[int]"]:
    tasks = [asyncio.create_task(together.do(number)) for number in numbers]
    await asyncio.sleep(0)  # they are handed in
    await asyncio.sleep(0)  # and the first batch runs
    return tasks


async def test_a_lone_one_goes_at_once() -> None:
    bench = Bench()
    together = Together(bench.double)
    bench.let(3)
    assert [await together.do(number) for number in (1, 2, 3)] == [2, 4, 6]
    assert bench.batches == [[1], [2], [3]]


async def test_those_who_come_meanwhile_are_one_batch_up_to_a_limit() -> None:
    bench = Bench()
    together = Together(bench.double, most=3)
    first = await begun(bench, together, 1)
    others = await begun(bench, together, 2, 3, 4, 5)
    bench.let(3)
    assert await asyncio.gather(*first, *others) == [2, 4, 6, 8, 10]
    assert bench.batches == [[1], [2, 3, 4], [5]]


async def test_who_is_cancelled_while_waiting_is_not_done() -> None:
    bench = Bench()
    together = Together(bench.double)
    first = await begun(bench, together, 1)
    gone, stays = await begun(bench, together, 2, 3)
    gone.cancel()
    bench.let(2)
    assert await asyncio.gather(*first, stays) == [2, 6]
    assert bench.batches == [[1], [3]]


async def test_a_cancelled_callers_work_is_done_and_disturbs_nobody() -> None:
    bench = Bench()
    together = Together(bench.double)
    first = await begun(bench, together, 1)
    gone, stays = await begun(bench, together, 2, 3)
    bench.let()
    await asyncio.gather(*first)
    await asyncio.sleep(0)
    assert bench.batches[-1] == [2, 3]
    gone.cancel()
    bench.let()
    assert await stays == 6
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_what_fails_fails_for_its_batch_and_the_next_goes_on() -> None:
    bench = Bench()
    together = Together(bench.double)
    first = await begun(bench, together, 1)
    unlucky = await begun(bench, together, 13, 2)
    bench.let(3)
    assert await asyncio.gather(*first) == [2]
    failed = await asyncio.gather(*unlucky, return_exceptions=True)
    assert [type(error) for error in failed] == [ValueError, ValueError]
    assert await together.do(4) == 8
