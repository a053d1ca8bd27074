"""Injects the faults round by round: up to three at once; after each round all must recover by itself."""

import asyncio
import time
from collections.abc import Callable, Sequence
from random import Random

from lab.faults.context import FaultContext
from lab.faults.fault import Fault
from lab.faults.journal import Journal
from lab.faults.registry import FAULT_CLASSES
from lab.faults.schedule import PlannedFault

AT_ONCE = 3
GAP = 30
"""So many commands are acknowledged between two beginnings at the most, or ..."""
LONGEST_GAP = 2.0
"""... so many seconds pass."""


class FaultInjector:
    """The faults of a run. The seed says what each does and how long; which go together follows from the moment."""

    def __init__(
        self,
        context: FaultContext,
        journal: Journal,
        seed: int,
        over: Callable[[], bool],
        on_done: Callable[[Fault], None],
    ) -> None:
        self._context, self._journal, self._seed = context, journal, seed
        self._over, self._on_done = over, on_done
        self._gaps = Random(f"{seed}/gaps")
        self._started = 0

    async def run(self, rounds: Sequence[Sequence[PlannedFault]]) -> None:
        """Run all rounds, or until it is over. Raises PlatformError when something does not recover."""
        for planned_faults in rounds:
            await self._round([self._fault(planned) for planned in planned_faults])
            if self._over():
                return
            await self._context.wait_until_healthy()
            # The story goes on for a moment, or the next round would find nothing under way.
            await self._gap(GAP)

    def _fault(self, planned: PlannedFault) -> Fault:
        self._started += 1
        return FAULT_CLASSES[planned.kind](planned, self._context, Random(f"{self._seed}/{self._started}"))

    async def _round(self, waiting: list[Fault]) -> None:
        active: list[Fault] = []
        async with asyncio.TaskGroup() as group:
            while (waiting and not self._over()) or active:
                active = [fault for fault in active if not fault.ended]
                await self._context.restart_ended(_occupied(active), [fault.planned for fault in active])
                following = None if self._over() else _next(waiting, active)
                if following is None:
                    await asyncio.sleep(0.02)
                    continue
                waiting.remove(following)
                active.append(following)
                group.create_task(self._one(following, active))
                await self._gap(self._gaps.randint(0, GAP))

    async def _one(self, fault: Fault, active: Sequence[Fault]) -> None:
        beside = [other for other in active if other is not fault and not other.ended]
        for each in (fault, *beside) if beside else ():
            each.overlapped = True
        await fault.run()
        self._on_done(fault)

    async def _gap(self, commands: int) -> None:
        until, before = time.monotonic() + LONGEST_GAP, len(self._journal.entries)
        while len(self._journal.entries) - before < commands and time.monotonic() < until:
            await asyncio.sleep(0.01)


def _occupied(active: Sequence[Fault]) -> frozenset[str]:
    return frozenset().union(*(fault.exclusive for fault in active))


def _next(waiting: Sequence[Fault], active: Sequence[Fault]) -> Fault | None:
    """The first that is compatible with all active ones."""
    if len(active) >= AT_ONCE:
        return None
    return next((fault for fault in waiting if all(map(fault.compatible_with, active))), None)
