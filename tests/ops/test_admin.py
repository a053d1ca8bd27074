"""The operator's commands on a whole system that runs, as a person types them."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from lab.simulate import CITIES, simulate
from lab.simulate.population.letters import letters
from lab.simulate.population.resident_list import ResidentPool
from ops.system import SERVICES, System, wait_until_quiescent
from shared.contract.events import CaseAdded, Event, RequestAmended
from shared.contract.fields import ServiceCode, Urgency
from shared.contract.ids import new_id
from shared.reference.offices import Offices
from shared.security.auth import Role
from shared.system_clock import utc_now
from tests.support.kafka import send_raw
from tests.support.records import record

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]
CITY = CITIES["rejang-lebong"]
DAYS, SEED = 3, 5


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system with three days behind it."""
    with System(tmp_path_factory.mktemp("mending"), fresh=True) as running:
        asyncio.run(simulate(running, CITY, days=DAYS, seed=SEED))
        yield running


def environment(system: System) -> dict[str, str]:
    """As in a container: everything is named by variables."""
    named = {f"{name.upper()}_DATABASE_URL": system.dsn(name) for name in SERVICES}
    named |= {f"{name.upper()}_URL": system.url(name) for name in SERVICES}
    return {**os.environ, **named, "KAFKA_BOOTSTRAP_SERVERS": system.bootstrap_servers, "PYTHONUNBUFFERED": "1"}


def ops(system: System, *words: str) -> tuple[int, str]:
    """Exit code and all that was printed, which is never a stack trace."""
    done = subprocess.run(
        [sys.executable, "-m", "ops", *words], cwd=ROOT, env=environment(system), capture_output=True, text=True
    )
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    return done.returncode, said


def ask(system: System, service: str, query: str, *values: object) -> Any:
    """A value of a service's database, as superuser."""

    async def fetch() -> Any:
        conn = await asyncpg.connect(system.platform.dsn(service))
        try:
            return await conn.fetchval(query, *values)
        finally:
            await conn.close()

    return asyncio.run(fetch())


def send(system: System, event: Event, **changes: Any) -> None:
    """A record on the event's topic, as a stranger would send it."""
    made = record(event, **changes)
    sent = {"value": made.value, "key": made.key, "headers": made.headers, "partition": made.partition}
    asyncio.run(send_raw(system.bootstrap_servers, event.topic.name, [sent]))


def test_a_request_is_traced_by_whatever_id_one_has(system: System) -> None:
    case_id = ask(system, "dispatch", "select case_id from print_attempt where kind = 'printed' order by at limit 1")
    request_id = str(ask(system, "dispatch", "select request_id from cases where case_id = $1", case_id))
    ids = [
        request_id,
        str(case_id),
        str(ask(system, "dispatch", "select visit_id from visit where case_id = $1 limit 1", case_id)),
        str(ask(system, "dispatch", "select story from cases where case_id = $1", case_id)),
        str(ask(system, "dispatch", "select event_id from outbox where key = $1 limit 1", str(case_id))),
        str(ask(system, "requests", "select event_id from outbox where key = $1 limit 1", request_id)),
        str(
            ask(
                system,
                "inventory",
                "select event_id from movement where kind = 'print' and print_id is not null order by at limit 1",
            )
        ),
    ]
    for given in ids[:-1]:
        code, said = ops(system, "trace", given)
        assert (code, request_id in said) == (0, True), given
    code, said = ops(system, "trace", ids[-1])
    assert code == 0
    code, said = ops(system, "trace", request_id)
    for stage in ("Diajukan", "Terjadwal", "Terekam", "Siap cetak", "Tercetak", "inventory", "dispatch"):
        assert stage in said
    assert "✓ semua peristiwa diterbitkan dan diambil" in said
    assert max(len(line) for line in said.splitlines()) <= 82


def test_a_trace_holds_no_person(system: System) -> None:
    office, pool = Offices.load()[CITY.office], ResidentPool(CITY, SEED)
    persons = [
        resident
        for day in CITY.calendar(DAYS)
        if office.works_on(day)
        for letter in letters(CITY, office, SEED, day, pool)
        for resident in letter.residents
    ]
    assert len(persons) > 30
    traced = ""
    for n in range(3):
        request_id = ask(system, "requests", "select id from request order by id offset $1 limit 1", n * 5)
        traced += ops(system, "trace", str(request_id))[1] + ops(system, "trace", str(request_id), "--json")[1]
    for person in persons:
        for secret in (person.name, person.address, person.nik, person.phone):
            assert not secret or secret not in traced


def test_what_is_not_taken_or_lost_from_the_ledger_is_said(system: System) -> None:
    case_id = ask(
        system, "dispatch", "select case_id from print_attempt where kind = 'printed' order by at desc limit 1"
    )
    request_id = ask(system, "dispatch", "select request_id from cases where case_id = $1", case_id)
    event_id: UUID = ask(
        system,
        "requests",
        "select event_id from outbox where key = $1 and headers like '%CaseAdded%' limit 1",
        str(request_id),
    )
    ask(system, "requests", "update outbox set recorded_at = now() - interval '1 hour' where event_id = $1", event_id)
    ask(system, "dispatch", "delete from inbox where event_id = $1", event_id)
    code, said = ops(system, "trace", str(case_id))
    assert (code, "CaseAdded belum diambil dispatch" in said) == (0, True)


def test_an_unknown_id_is_told_so(system: System) -> None:
    code, said = ops(system, "trace", str(new_id()))
    assert (code, "tidak ada permohonan" in said) == (1, True)
    assert ops(system, "trace", "470/001")[0] == 1


def test_publishing_again_changes_nothing(system: System) -> None:
    code, said = ops(system, "outbox", "replay", "--service", "dispatch", "--since", "1d", "--wait", "--as", "budi")
    assert (code, "semua sudah diterbitkan lagi" in said) == (0, True)
    asyncio.run(wait_until_quiescent(system))
    assert ask(system, "dispatch", "select by_whom from mending where action = 'outbox replay'") == "budi"
    code, said = ops(system, "ledger", "verify")
    assert (code, "Buku besar seimbang" in said) == (0, True)
    code, said = ops(system, "outbox", "status")
    assert code == 0
    code, said = ops(system, "lag")
    assert code == 0
    assert len(re.findall(r"^\w+\.\w+ +Stable +\d +12 +0 +-", said, re.MULTILINE)) == 6


def test_a_dead_letter_is_applied_after_the_event_it_builds_on(system: System) -> None:
    request_id, case_id = new_id(), new_id()
    needs = {"kelurahan": "17.02.06.1004", "team_size": 2, "skills": ()}
    amended = RequestAmended(
        at=utc_now(), request_id=request_id, case_id=case_id, minutes=99, urgency=Urgency.HIGH, **needs
    )
    added = CaseAdded(
        **{"at": utc_now(), "request_id": request_id, "case_id": case_id, "office": "17.02", **needs},
        service=ServiceCode.FIRST,
        minutes=15,
        urgency=Urgency.NORMAL,
        print_on_hold=False,
    )
    send(system, amended, sequence=2)
    asyncio.run(wait_until_quiescent(system))
    send(system, added, sequence=1)
    asyncio.run(wait_until_quiescent(system))
    code, said = ops(system, "dlq", "list", "--service", "dispatch")
    assert (code, "dispatch.requests.RequestAmended" in said, "ditolak" in said) == (0, True, True)
    letter = str(ask(system, "dispatch", "select id from dead_letter where resolved_at is null"))[-12:]
    assert f"partisi {record(amended).partition}" in ops(system, "dlq", "show", letter)[1]
    system.services["dispatch"].stop()
    code, said = ops(system, "dlq", "replay", letter, "--wait", "--timeout", "1")
    assert (code, "dispatch belum mengerjakannya" in said) == (1, True)
    system.services["dispatch"].start()
    code, said = ops(system, "dlq", "replay", letter, "--wait")
    assert (code, "diulang" in said or "sudah selesai" in said) == (0, True)
    assert ask(system, "dispatch", "select minutes from cases where case_id = $1", case_id) == 99
    assert "Tidak ada pesan tersisih" in ops(system, "dlq", "list")[1]
    assert "diulang" in ops(system, "dlq", "list", "--all")[1]


def test_pruning_says_what_goes(system: System) -> None:
    ask(system, "notify", "insert into inbox values ('notify.stock', gen_random_uuid(), now() - interval '46 days')")
    assert re.search(r"inbox +45 hari +0 +0 +0 +1", ops(system, "prune", "--dry-run")[1])
    assert re.search(r"inbox +45 hari +0 +0 +0 +1", ops(system, "prune")[1])
    assert re.search(r"inbox +45 hari +0 +0 +0 +0", ops(system, "prune", "--dry-run")[1])


@pytest.mark.timeout(180)
def test_ctrl_c_ends_a_watch_quietly(system: System) -> None:
    watching = subprocess.Popen(
        [sys.executable, "-m", "ops", "lag", "--watch"],
        cwd=ROOT,
        env=environment(system),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert watching.stdout is not None
    for line in watching.stdout:
        if "notify.stock" in line:
            break
    watching.send_signal(signal.SIGINT)
    rest = watching.stdout.read()
    assert (watching.wait(60), "Traceback" in rest) == (130, False)


def test_the_doctor_finds_a_dead_service_and_a_missing_database(system: System) -> None:
    now = {"at": utc_now().replace(second=0, microsecond=0).isoformat(), "force": True}
    headers = {"Authorization": f"Bearer {system.token(Role.OPS)}"}
    for name in SERVICES:
        httpx.post(f"{system.url(name)}/clock", json=now, headers=headers, timeout=60).raise_for_status()
    asyncio.run(wait_until_quiescent(system))
    code, said = ops(system, "doctor")
    assert (code, "✕" in said) == (0, False), said
    system.services["inventory"].kill()
    code, said = ops(system, "doctor")
    assert code == 1
    assert re.search(r"✕ layanan +inventory: tidak menjawab", said)
    assert re.search(r"✕ outbox +inventory: tidak ada yang menerbitkan", said)
    system.platform.postgres.kill()
    for words in (("doctor",), ("dlq", "list"), ("outbox", "status"), ("lag",), ("ledger", "verify"), ("prune",)):
        code, said = ops(system, *words)
        assert (code, "tidak menjawab" in said) == (1, True), words
    system.platform.postgres.start()
    system.services["inventory"].start()
