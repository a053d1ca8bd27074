"""One run: a fresh system, the story with the faults beside it, then the count."""

import asyncio
import logging
import time
from pathlib import Path

from rich.console import Console

from lab.faults import count, workload
from lab.faults.journal import Journal
from lab.faults.mutants import Mutant, MutantProcess
from lab.faults.registry import REQUIRED_FEATURE
from lab.faults.schedule import plan_faults
from lab.faults.verdict import Verdict
from ops.paths import BUILD, DEFAULT_DATA
from ops.platform import FaultEnvironment
from ops.system import System

PATIENCE, PATIENCE_WITH_MUTANTS = 300.0, 60.0
"""Seconds for which a command is sent again, and quiet is waited for. A broken system may never be quiet."""


def run(n: int, seed: int, cluster: int, mutant: str | None, data: Path | None, out: Path | None) -> int:
    """See `lab.faults.main`."""
    console, chosen = Console(), Mutant(mutant) if mutant else None
    folder = data or DEFAULT_DATA / "faults"
    out = out or BUILD / (f"faults-{chosen}.json" if chosen else "faults.json")
    verdict = Verdict(seed, n, cluster, chosen)
    began = time.monotonic()
    # Our own clients see the brokers go and come, and leave connections behind: that is no news here.
    for noisy in ("aiokafka", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    with (
        FaultEnvironment(cluster) as environment,
        System(folder, brokers=cluster, fresh=True, console=console, fault_environment=environment) as system,
    ):
        journal = Journal(folder / "journal.jsonl", seed)
        try:
            if chosen:
                _break(system, chosen)
            asyncio.run(_tell_and_count(system, environment, journal, verdict, console))
        except BaseException:
            # In the middle of a fault nothing is left that could stop in order.
            system.kill()
            raise
        finally:
            journal.close()
    verdict.duration_s = round(time.monotonic() - began, 1)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(verdict.to_json())
    out.with_suffix(".md").write_text(verdict.to_markdown())
    verdict.show(console)
    return 0 if verdict.green else 1


async def _tell_and_count(
    system: System, environment: FaultEnvironment, journal: Journal, verdict: Verdict, console: Console
) -> None:
    skipped = {
        kind: environment.missing[what] for kind, what in REQUIRED_FEATURE.items() if what in environment.missing
    }
    verdict.skipped = {kind.value: why for kind, why in skipped.items()}
    rounds = plan_faults(verdict.n, verdict.seed, verdict.cluster, verdict.mutant, without=[*skipped])
    patience = PATIENCE_WITH_MUTANTS if verdict.mutant else PATIENCE
    try:
        result = await workload.run_workload(system, environment, journal, rounds, verdict.seed, patience, console)
        await count.count(system, journal, result, verdict, patience)
    except asyncio.CancelledError:
        # Threads that wait for a server to get ready wait no longer, and the loop can end.
        system.kill()
        raise


def _break(system: System, mutant: Mutant) -> None:
    for name, healthy in system.services.items():
        healthy.stop()
        system.services[name] = MutantProcess(mutant, healthy)
    for broken in system.services.values():
        broken.launch()
    for broken in system.services.values():
        broken.await_ready()
