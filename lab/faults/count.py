"""Counts what was lost: once nothing is outstanding, compares the journal with the databases and the topics."""

import asyncio
import time

import asyncpg
from aiokafka.errors import KafkaError

from lab.faults import effects, facts, snapshots, stages, topics
from lab.faults.endless_simulator import CITY
from lab.faults.findings import Findings
from lab.faults.journal import Journal
from lab.faults.snapshots import Snapshots
from lab.faults.topics import TopicLog
from lab.faults.verdict import Figures, Verdict
from lab.faults.workload import WorkloadResult
from ops.platform import PlatformError
from ops.system import QuiescenceMonitor, System
from shared.database.errors import TRANSIENT_ERRORS


async def count(system: System, journal: Journal, result: WorkloadResult, verdict: Verdict, patience: float) -> None:
    """Fill in the verdict."""
    findings = Findings(stuck=[*result.gave_up, *await _settle(system, patience)])
    log = await topics.read(system.bootstrap_servers)
    there = await snapshots.read(system.platform)
    facts.check(findings, journal, log, there, result.claims, ended=not result.broke)
    effects.check(findings, journal, log, there, result.alerts)
    stages.check(findings, journal, log, there)
    _sum_up(verdict, result, journal, log, there, findings)


async def _settle(system: System, patience: float) -> list[str]:
    """Wait until nothing is on its way any more; what still is after `patience` seconds is stuck."""
    until = time.monotonic() + patience
    async with QuiescenceMonitor(system) as monitor:
        try:
            await monitor.wait(patience)
            while (waiting := await snapshots.waiting(system.platform)) and time.monotonic() < until:
                await asyncio.sleep(0.2)
            await monitor.wait(patience)
            outstanding = waiting
        except (PlatformError, KafkaError, asyncpg.PostgresError, *TRANSIENT_ERRORS):
            outstanding = (await monitor.snapshot()).outstanding
    return [f"{what} {count}" for what, count in outstanding.items()]


def _sum_up(
    verdict: Verdict, result: WorkloadResult, journal: Journal, log: TopicLog, there: Snapshots, findings: Findings
) -> None:
    verdict.broke, verdict.days = result.broke, result.days
    for fault in result.faults:
        figures = verdict.faults.setdefault(fault.planned.name, Figures())
        figures.add(fault.overlapped, fault.ended - fault.began, journal.stall(fault.began, fault.ended))
    verdict.requests, verdict.cases = result.requests, result.cases
    verdict.commands, verdict.facts, verdict.records = len(journal.entries), len(log.facts), log.records
    verdict.lost, verdict.doubled, verdict.stuck = len(findings.lost), len(findings.doubled), len(findings.stuck)
    verdict.dead_letters = sum(database.dead_letters for database in there.databases.values())
    verdict.ledger_sum = _ledger(there, stages.on_hand(journal, CITY.office), ended=not result.broke)
    verdict.alerts_per_crossing = effects.alerts_per_crossing(log)
    verdict.order_violations = len(log.disordered)
    verdict.details = {
        "lost": findings.lost,
        "doubled": findings.doubled,
        "stuck": findings.stuck,
        "disordered": log.disordered,
    }


def _ledger(there: Snapshots, expected: int, *, ended: bool) -> int:
    """The sum of all balances, the differences to the movements, and to what the commands leave in the office."""
    kept = {name: kept for name, (kept, _) in there.ledger.items()}
    held_cards = sum(
        kept[name] for name in kept if name.startswith((f"{CITY.office}:office_store", f"{CITY.office}:tray"))
    )
    differences = sum(abs(kept - counted) for kept, counted in there.ledger.values())
    return abs(sum(kept.values())) + differences + (abs(held_cards - expected) if ended else 0)
