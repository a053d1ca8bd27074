"""An old dump and no archive: what was forgotten is named exactly; after the recommended steps the rest agrees."""

import asyncio
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from random import Random

import asyncpg
import pytest

from lab.faults.endless_simulator import CITY, EndlessSimulator
from lab.faults.facts import facts_of
from lab.faults.journal import Journal
from lab.simulate import Command, ServiceClient
from lab.simulate.population.people import resident
from ops.backup import Archive
from ops.reconcile.advance import advance
from ops.reconcile.cancel_orphans import cancel_orphans
from ops.reconcile.comparison import reconcile
from ops.reconcile.findings import Report
from ops.reconcile.rewind_consumers import rewind_consumers
from ops.system import SERVICES, QuiescenceMonitor, System, wait_until_quiescent
from shared.reference.offices import Offices
from shared.reference.regions import kelurahan_of
from shared.security.auth import Role
from tests.support.polling import later, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
SEED = 5
DAYS_BEFORE = 4
RECORDED = ("recorded", "print_ready", "printed")


class Interrupted(EndlessSimulator):
    """Before one of its days, when all is quiet, something is done."""

    do: Callable[[], Awaitable[None]]

    async def _day(self, day: date) -> None:
        if len(self.figures) == DAYS_BEFORE:
            await self.wait_quiescent()
            await self.do()
        await super()._day(day)


async def tell(system: System, journal: Journal, days: int, then: Callable[[], Awaitable[None]]) -> None:
    """The story; `then` happens in the middle of it."""
    urls = {name: system.url(name) for name in SERVICES}
    client = ServiceClient(urls, system.token, seed=SEED, journal=journal.acknowledged)
    async with client, QuiescenceMonitor(system) as monitor:
        simulator = Interrupted(CITY, seed=SEED, client=client, wait_quiescent=lambda: monitor.wait(60))
        simulator.do = then
        await simulator.run_until(lambda: len(simulator.figures) >= days)


def dump(system: System, name: str, folder: Path) -> None:
    server = system.platform.postgres
    file = str(folder / f"{name}.dump")
    subprocess.run([server.tool("pg_dump"), "-Fc", "-f", file, server.dsn(name)], check=True)


def restore(system: System, name: str, folder: Path) -> None:
    """As after the loss of that service's server: its database is what the dump says."""
    server = system.platform.postgres
    server.psql(f"drop database {name} with (force)")
    server.psql(f"create database {name} owner {name}")
    file = str(folder / f"{name}.dump")
    subprocess.run([server.tool("pg_restore"), "-d", server.dsn(name), file], check=True)


async def fetch(system: System, service: str, sql: str, *given: object) -> list[asyncpg.Record]:
    conn = await asyncpg.connect(system.dsn(service))
    try:
        return list(await conn.fetch(sql, *given))
    finally:
        await conn.close()


def ids(rows: Iterable[asyncpg.Record]) -> set[str]:
    return {str(row[0]) for row in rows}


def things(report: Report, kind: str) -> set[str]:
    found = report.of(kind)
    return set(found.things) if found else set()


def test_what_an_old_dump_forgot_is_named_and_the_rest_agrees(tmp_path: Path) -> None:
    with System(tmp_path / "system", fresh=True) as system:
        asyncio.run(forget_and_mend(system, tmp_path))


async def forget_and_mend(system: System, folder: Path) -> None:
    """Requests and inventory lose everything since the dump; dispatch, notify and the topics know more."""
    journal, lost = Journal(folder / "journal.jsonl", SEED), ("requests", "inventory")
    before: list[int] = []

    async def dump_both() -> None:
        assert (await reconcile(system)).findings == []
        before.append(len(journal.entries))
        for name in lost:
            await asyncio.to_thread(dump, system, name, folder)

    await tell(system, journal, 8, dump_both)
    assert (await reconcile(system)).findings == []
    for name in lost:
        await asyncio.to_thread(system.services[name].stop)
        await asyncio.to_thread(restore, system, name, folder)

    since = [*(fact for entry in journal.entries[before[0] :] for fact in facts_of(entry))]
    filed = {identity[0] for kind, identity in since if kind == "RequestFiled"}
    prints = {identity[0] for kind, identity in since if kind in ("PrintCompleted", "PrintSpoiled")}
    still_open = ids(
        await fetch(
            system,
            "dispatch",
            "select distinct request_id from cases where request_id = any($1::text[]::uuid[])"
            " and stage not in ('handed_over', 'rejected', 'cancelled')",
            [*filed],
        )
    )
    first = await reconcile(system)
    assert things(first, "request unknown to requests") == still_open
    assert things(first, "print without a movement") == prints
    assert set(first.forgotten["RequestFiled"]) == filed
    assert len(filed) > 20
    assert len(prints) > 20

    await as_recommended(system, lost)
    after = await reconcile(system)
    recorded = ids(
        await fetch(
            system,
            "dispatch",
            "select distinct request_id from cases where request_id = any($1::text[]::uuid[]) and stage = any($2)",
            *([*filed], RECORDED),
        )
    )
    assert things(after, "request unknown to requests") == recorded
    assert {finding.kind for finding in after.findings} <= {
        "request unknown to requests",
        "received shipment forgotten by inventory",
        "dispatched shipment forgotten by inventory",
        "report forgotten by inventory",
    }, after.as_json()
    assert await one_more_letter(system)
    journal.close()


async def as_recommended(system: System, lost: Iterable[str]) -> None:
    for name in lost:
        assert sum((await rewind_consumers(system, name)).values()) > 0
    assert await advance(system)
    await asyncio.gather(*(asyncio.to_thread(system.services[name].start) for name in lost))
    await wait_until_quiescent(system, 60)
    await advance(system)
    await wait_until_quiescent(system, 60)
    assert await cancel_orphans(system)
    await wait_until_quiescent(system, 60)
    assert await advance(system) == {}


async def one_more_letter(system: System) -> str:
    """Filed again under a new number, it gets to dispatch."""
    (request_id,) = await file(system, 99, 1)
    (case,) = await fetch(
        system, "dispatch", "select min(stage) as stage from cases where request_id = $1::text::uuid", request_id
    )
    return str(case["stage"] or "")


async def business_time(system: System) -> datetime:
    """As late as the story has come; by default some morning."""
    clocks = await fetch(system, "requests", "select at from business_clock")
    return max((row["at"] for row in clocks), default=Offices.load()[CITY.office].moment(date(2026, 8, 3), time(9)))


async def file(system: System, seed: int, number: int) -> list[str]:
    """File so many letters, and wait until all is quiet; returns the ids of the requests."""
    random, office = Random(seed), Offices.load()[CITY.office]  # noqa: S311  a seed is the point
    at = await business_time(system)
    answers = []
    async with ServiceClient({name: system.url(name) for name in SERVICES}, system.token, seed=seed) as client:
        for n in range(number):
            village = random.choice(kelurahan_of(CITY.office))
            person = {**resident(random, CITY, village), "nik": None}
            body = {
                "kelurahan": village.code,
                "kind": "home_visit",
                "letter": {"number": f"470/{seed}/{n}", "date": f"{office.day_of(at):%Y-%m-%d}"},
                "consent": "warga",
                "documents_complete": True,
                "residents": [person],
            }
            command = Command(f"letter/{n}", "requests", "/requests", Role.OPERATOR, village.code, at, body)
            answers.append(await client.post(command))
    await wait_until_quiescent(system, 60)
    return [answer["request_id"] for answer in answers]


def test_new_facts_go_out_though_transaction_ids_are_reused(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    with System(tmp_path / "system", fresh=True, archive=archive) as system:
        asyncio.run(go_back(system, archive))


async def go_back(system: System, archive: Archive) -> None:
    """The whole server goes back, and its services go on: only the topics know what was in between."""
    server = system.platform.postgres
    await asyncio.to_thread(archive.backup, server.dsn(), server.tool("postgres").parent)
    kept = await file(system, 1, 2)
    moment = await later(datetime.now(UTC))
    await later(moment)
    forgotten = await file(system, 2, 6)
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(shutil.rmtree, server.data)
    await asyncio.to_thread(archive.restore, server, moment)
    await asyncio.to_thread(server.start)
    await asyncio.gather(*(until(partial(asyncio.to_thread, each.probe)) for each in system.services.values()))

    again = await file(system, 3, 2)
    known = ids(await fetch(system, "dispatch", "select request_id from cases"))
    assert known == {*kept, *again}
    report = await reconcile(system)
    assert set(report.forgotten["RequestFiled"]) == set(forgotten)
    assert set(things(report, "stream of requests behind")) == set(forgotten)
    await asyncio.to_thread(system.services["dispatch"].stop)
    await rewind_consumers(system, "dispatch")
    await advance(system)
    await asyncio.to_thread(system.services["dispatch"].start)
    await wait_until_quiescent(system, 60)
    report = await reconcile(system)
    assert things(report, "request unknown to requests") == set(forgotten)
    assert set(await cancel_orphans(system)) == set(forgotten)
    await wait_until_quiescent(system, 60)
    assert (await reconcile(system)).findings == []


def test_sequences_reused_after_a_restore_are_taken_as_new(tmp_path: Path) -> None:
    with System(tmp_path / "system", fresh=True) as system:
        asyncio.run(go_on_without_the_steps(system, tmp_path))


async def go_on_without_the_steps(system: System, folder: Path) -> None:
    """Dispatch and inventory are restored, and work goes on at once, as if nothing had to be done."""
    journal, lost = Journal(folder / "journal.jsonl", SEED), ("dispatch", "inventory")

    async def dump_both() -> None:
        for name in lost:
            await asyncio.to_thread(dump, system, name, folder)

    await tell(system, journal, 14, dump_both)
    journal.close()
    (told,) = await fetch(system, "notify", "select crossing, level from standing")
    assert told["crossing"] > 0
    await asyncio.gather(*(asyncio.to_thread(system.services[name].stop) for name in lost))
    for name in lost:
        await asyncio.to_thread(restore, system, name, folder)
    await asyncio.gather(*(asyncio.to_thread(system.services[name].start) for name in lost))
    case_id = await nobody_was_there(system)
    stage = "select stage from case_file where id = $1::text::uuid"
    assert (await fetch(system, "requests", stage, case_id))[0]["stage"] == "handed_over"  # it was, and is forgotten

    found = await reconcile(system)
    assert any(thing.split()[1] == case_id for thing in things(found, "place used twice"))
    assert things(found, "counters of an office behind") == {CITY.office}
    await advance(system)
    await wait_until_quiescent(system, 60)
    steps = "select stage from step where case_id = $1::text::uuid order by sequence desc limit 1"
    assert (await fetch(system, "requests", steps, case_id))[0]["stage"] == "visited"
    (own,) = await fetch(system, "inventory", "select crossing, level from office_stock")
    (now,) = await fetch(system, "notify", "select crossing, level from standing")
    assert own["crossing"] >= now["crossing"] > told["crossing"]
    assert own["level"] == now["level"]
    after = await reconcile(system)
    for kind in ("place used twice", "stream of cases behind", "stream of stock behind"):
        assert after.of(kind) is None, after.as_json()
    assert after.of("counters of an office behind") is after.of("office stands differently") is None
    assert await advance(system) == {}


async def nobody_was_there(system: System) -> str:
    """Of a case that was handed over, and for dispatch is planned again: the team finds nobody."""
    done = ids(await fetch(system, "requests", "select id from case_file where stage = 'handed_over'"))
    planned = (
        "select visit_id, case_id, starts_at from visit where state = 'planned' and case_id = any($1::text[]::uuid[])"
    )
    visit = (await fetch(system, "dispatch", planned, [*done]))[0]
    async with ServiceClient({name: system.url(name) for name in SERVICES}, system.token, seed=98) as client:
        path, body = f"/visits/{visit['visit_id']}/outcome", {"outcome": "absent"}
        await client.post(Command("nobody", "dispatch", path, Role.OFFICER, CITY.office, visit["starts_at"], body))
    await wait_until_quiescent(system, 60)
    return str(visit["case_id"])
