"""The base class of faults: each begins, lasts, and is undone. A subclass for each kind."""

import asyncio
import time
from abc import ABC, abstractmethod
from random import Random

from lab.faults.context import FaultContext
from lab.faults.schedule import KAFKA, POSTGRES, PlannedFault

A_BROKER_FOR_LONG = "a broker for long"
"""One broker at a time is away for long; others only for as long as a restart takes, which a retry survives."""


class Fault(ABC):
    """A planned fault and how it is done. While it runs no other fault may touch a name in `exclusive`, nor
    have one of `requires` as its own."""

    long = False
    """Whether its target is away for longer than a restart takes."""

    def __init__(self, planned: PlannedFault, context: FaultContext, random: Random) -> None:
        self.planned, self.context, self.random = planned, context, random
        self.began = self.ended = 0.0
        """By the monotonic clock; 0 as long as it has not come to that."""
        self.overlapped = False

    @property
    def exclusive(self) -> frozenset[str]:
        """Its target; a broker by its number."""
        if self.planned.target != KAFKA:
            return frozenset({self.planned.target})
        return frozenset({f"{KAFKA}-{self.planned.node}", *([A_BROKER_FOR_LONG] if self.long else [])})

    @property
    def requires(self) -> frozenset[str]:
        """Nothing."""
        return frozenset()

    def compatible_with(self, other: "Fault") -> bool:
        """Whether both may be in play at once."""
        mine, theirs = self.exclusive, other.exclusive
        return not (mine & theirs or mine & other.requires or self.requires & theirs)

    async def run(self) -> None:
        """Inject the fault, wait, undo it, and wait until the target answers again."""
        self.began = time.monotonic()
        await self.inject()
        await asyncio.sleep(self.random.uniform(*self.duration()))
        await self.recover()
        self.ended = time.monotonic()

    def duration(self) -> tuple[float, float]:
        """Seconds between its beginning and its end, from and to."""
        return (0.0, 0.0)

    @abstractmethod
    async def inject(self) -> None:
        """Do it."""

    async def recover(self) -> None:  # noqa: B027  (some undo themselves)
        """Undo it."""


class InTheDatabase(Fault):
    """A fault that works through a database session."""

    @property
    def requires(self) -> frozenset[str]:
        """The database server."""
        return frozenset({POSTGRES})
