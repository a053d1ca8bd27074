"""Periodic tasks: one runner, and one error policy for all of them.

A run that raises an error of `retry_on` is logged, and the next run follows after the interval, or after a minute
where the interval is longer. Any other error ends the task, and with it the process (see `shared.running`).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from shared.database.errors import TRANSIENT_ERRORS
from shared.database.pool import Database
from shared.system_clock import utc_now

log = structlog.get_logger()

RETRY_SECONDS = 60.0
"""The longest pause after a failed run: a daily task does not wait a day."""


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """Runs `run` at start and then every `every` seconds, counted from the end of a run. It is a `Worker`.

    When a run fails the log has the event "<name> failed": a warning for a transient error or one that `retry_on`
    names, and an error with the location for what only `Exception` in `retry_on` covers.
    """

    name: str
    every: float
    run: Callable[[Database], Awaitable[object]]
    retry_on: tuple[type[Exception], ...] = TRANSIENT_ERRORS
    aligned: bool = False
    """Whether runs begin at multiples of `every` by the system clock, so that all processes run at the same time."""

    async def __call__(self, db: Database) -> None:
        """Run until cancelled."""
        failed = f"{self.name} failed"
        while True:
            try:
                await self.run(db)
                failing = False
            except self.retry_on as error:
                if isinstance(error, TRANSIENT_ERRORS) or Exception not in self.retry_on:
                    log.warning(failed, error=type(error).__name__)
                else:
                    log.error(failed, error=type(error).__name__, exc_info=error)
                failing = True
            await asyncio.sleep(self.pause(failing=failing))

    def pause(self, *, failing: bool) -> float:
        """Seconds until the next run."""
        seconds = min(self.every, RETRY_SECONDS) if failing else self.every
        return seconds - utc_now().timestamp() % seconds if self.aligned else seconds
