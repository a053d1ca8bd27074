"""Runs the simulation on the system while faults are injected, and watches both."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg
import httpx
from aiokafka.errors import KafkaError
from rich.console import Console

from lab.faults.context import FaultContext, ReplayClaim
from lab.faults.endless_simulator import CITY, EndlessSimulator
from lab.faults.fault import Fault
from lab.faults.injector import FaultInjector
from lab.faults.journal import Journal
from lab.faults.schedule import PlannedFault
from lab.simulate import ServiceClient
from lab.simulate.service_client import CommandRejected
from ops.platform import FaultEnvironment, PlatformError
from ops.system import SERVICES, QuiescenceMonitor, System
from shared.database.errors import TRANSIENT_ERRORS

DAYS = 10
"""The simulation runs for so many days at least: a shortage of cards has ended by then."""
STALL_S = 3.0
"""Seconds without an acknowledged command of which the journal tells, and how often."""
EXPECTED_FAILURES = (
    CommandRejected,
    httpx.TransportError,
    PlatformError,
    KafkaError,
    asyncpg.PostgresError,
    *TRANSIENT_ERRORS,
)


@dataclass
class WorkloadResult:
    """What was done. `broke` is why the workload ended early; `alerts` counts the webhooks by alert."""

    faults: list[Fault] = field(default_factory=list)
    days: int = 0
    requests: int = 0
    cases: int = 0
    broke: str = ""
    over: bool = False
    """No further fault."""
    gave_up: list[str] = field(default_factory=list)
    claims: list[ReplayClaim] = field(default_factory=list)
    simulator: EndlessSimulator | None = None

    @property
    def alerts(self) -> Counter[tuple[str, ...]]:
        """How many different webhook messages raised each alert, by its id."""
        raised = self.simulator.supply.receiver.raised() if self.simulator else Counter[str]()
        return Counter({(alert_id,): times for alert_id, times in raised.items()})


async def run_workload(
    system: System,
    environment: FaultEnvironment,
    journal: Journal,
    rounds: Sequence[Sequence[PlannedFault]],
    seed: int,
    patience: float,
    console: Console,
) -> WorkloadResult:
    """Run until all faults are done and the day is over; a workload that fails ends after the current fault."""
    result = WorkloadResult()
    urls = {name: system.url(name) for name in SERVICES}
    client = ServiceClient(urls, system.token, seed=seed, patience=patience, journal=journal.acknowledged)
    async with client, QuiescenceMonitor(system) as monitor:
        simulator = result.simulator = EndlessSimulator(
            CITY, seed=seed, client=client, wait_quiescent=lambda: monitor.wait(patience)
        )
        context = FaultContext(system, environment, simulator)
        watching = asyncio.create_task(_watch(journal, monitor))
        injecting = asyncio.create_task(_inject(result, context, journal, rounds, seed, console))
        story = asyncio.create_task(simulator.run_until(lambda: injecting.done() and len(simulator.figures) >= DAYS))
        result.broke = await _side_by_side(result, story, injecting)
        watching.cancel()
    if result.broke:
        await context.restore_all()
    result.gave_up, result.claims = context.gave_up, context.claims
    result.days = len(simulator.figures)
    result.requests, result.cases = len(simulator.request_ids), len(simulator.cases)
    return result


async def _side_by_side(result: WorkloadResult, story: "asyncio.Task[None]", injecting: "asyncio.Task[None]") -> str:
    """Until both are done; if the story breaks, the fault in hand is the last; if a fault does, the story ends."""
    injecting.add_done_callback(lambda task: story.cancel() if not task.cancelled() and task.exception() else None)
    broke = await _failure_of(story)
    result.over = True
    return "; ".join(filter(None, (broke, await _failure_of(injecting))))


async def _inject(
    result: WorkloadResult,
    context: FaultContext,
    journal: Journal,
    rounds: Sequence[Sequence[PlannedFault]],
    seed: int,
    console: Console,
) -> None:
    """The faults, from the second day on."""
    start, of = time.monotonic(), sum(map(len, rounds))

    def done(fault: Fault) -> None:
        result.faults.append(fault)
        journal.fault(str(fault.planned), fault.began - start, fault.ended - start)
        day, took = context.simulator.figures[-1].day, fault.ended - fault.began
        words = (
            f"{len(result.faults):4}/{of}  {fault.planned!s:28} {fault.began - start:6.1f} s + {took:4.1f} s   {day}"
        )
        console.print(f"[dim]{words}   {len(journal.entries)} commands[/]", highlight=False, soft_wrap=True)

    while len(context.simulator.figures) < 2 and not result.over:
        await asyncio.sleep(0.01)
    await FaultInjector(context, journal, seed, lambda: result.over, done).run(rounds)


async def _watch(journal: Journal, monitor: QuiescenceMonitor) -> None:
    """Keep what a long stall waited for: whoever reads the journal asks for that first."""
    while True:
        await asyncio.sleep(STALL_S)
        still = time.monotonic() - journal.beats[-1] if journal.beats else 0
        if still > STALL_S:
            journal.stalled(monitor.trouble or "a command's answer", still)


async def _failure_of(work: "asyncio.Task[None]") -> str:
    """Wait for it; what broke it, in words, or "" when nothing did."""
    words: list[str] = []
    await asyncio.wait({work})
    try:
        if not work.cancelled():
            work.result()
    except* EXPECTED_FAILURES as group:
        words += _leaves(group)
    return "; ".join(dict.fromkeys(words))


def _leaves(error: BaseException) -> list[str]:
    if isinstance(error, BaseExceptionGroup):
        return [words for each in error.exceptions for words in _leaves(each)]
    return [f"{type(error).__name__}: {error}"]
