"""A print races a withdrawal or a cancellation on running services: a card has one fate, no NIK is free too early."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import httpx
import pytest

from ops.system import SERVICES, System, wait_until_quiescent
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.requests.desk import OFFICE, letter, resident

BEGAN = datetime.fromisoformat("2026-11-24T09:00:00+07:00")
AT_ONCE = 16
STAGGER = 0.01
"""Seconds by which the one may be ahead of the other."""


class Raced(NamedTuple):
    """A case, ready to be printed."""

    request_id: str
    case_id: str
    whole: bool
    """Its letter is cancelled, not the case withdrawn."""
    print_first: bool


class Office:
    """Commands of one office to the running services."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.now = BEGAN
        self.tokens: dict[Role, str] = {}
        self.clients = {name: httpx.AsyncClient(base_url=system.url(name), timeout=60) for name in SERVICES}

    async def post(self, service: str, path: str, role: Role, **body: Any) -> httpx.Response:
        if role not in self.tokens:
            self.tokens[role] = self.system.token(role, "" if role is Role.OPS else OFFICE)
        headers = {"Authorization": f"Bearer {self.tokens[role]}", "Idempotency-Key": str(new_id())}
        return await self.clients[service].post(path, json={"at": self.now.isoformat(), **body}, headers=headers)

    async def must(self, service: str, path: str, role: Role, **body: Any) -> Any:
        answer = await self.post(service, path, role, **body)
        assert answer.is_success, answer.text
        return answer.json()

    async def tick(self, at: datetime) -> None:
        self.now = max(self.now, at)
        for service in ("requests", "dispatch"):
            await self.must(service, "/clock", Role.OPS)

    async def file(self, number: int) -> tuple[str, str]:
        body = letter(resident(nik=f"170206570850{number:04}"), at=self.now.isoformat())
        answer = await self.must("requests", "/requests", Role.OPERATOR, **body)
        return answer["request_id"], answer["case_ids"][0]

    async def rows(self, service: str, sql: str, *values: Any) -> list[asyncpg.Record]:
        conn = await asyncpg.connect(self.system.dsn(service))
        try:
            return list(await conn.fetch(sql, *values))
        finally:
            await conn.close()


@asynccontextmanager
async def office_of(system: System) -> AsyncIterator[Office]:
    office = Office(system)
    try:
        yield office
    finally:
        for client in office.clients.values():
            await client.aclose()


async def all_of(work: Sequence[Any]) -> list[Any]:
    """So many at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(each: Any) -> Any:
        async with room:
            return await each

    return await asyncio.gather(*(one(each) for each in work))


async def ready(office: Office, number: int) -> list[tuple[str, str]]:
    """Cases that are ready to be printed: their requests and ids."""
    filed = await all_of([office.file(n) for n in range(1, number + 1)])
    await wait_until_quiescent(office.system)
    await office.tick(office.now + timedelta(hours=9))
    visits = await office.rows("dispatch", "select visit_id, case_id, ends_at from visit order by ends_at")
    assert len(visits) == number
    await office.tick(visits[-1]["ends_at"])
    outcome = {"outcome": "recorded"}
    await all_of(
        [
            office.must(
                "dispatch", f"/visits/{v['visit_id']}/outcome", Role.OFFICER, at=v["ends_at"].isoformat(), **outcome
            )
            for v in visits
        ]
    )
    await all_of([office.must("dispatch", f"/cases/{v['case_id']}/print-ready", Role.PRINT_OPERATOR) for v in visits])
    return filed


async def race(office: Office, case: Raced, random: Random) -> None:
    """Both at about the same moment; whoever printed for a closed case notes the blank card as spoiled."""
    serial = f"BR{UUID(case.case_id).int % 10**12:012}"
    card = {"print_id": str(new_id()), "station": "P1", "serial": serial}
    close = f"/requests/{case.request_id}" + ("/cancel" if case.whole else f"/cases/{case.case_id}/withdraw")

    async def prints() -> httpx.Response:
        return await office.post("dispatch", f"/cases/{case.case_id}/prints", Role.PRINT_OPERATOR, **card)

    async def ends() -> httpx.Response:
        return await office.post("requests", close, Role.OPERATOR, reason="asked_by_resident")

    first, second = (prints, ends) if case.print_first else (ends, prints)
    going = asyncio.ensure_future(first())
    await asyncio.sleep(random.random() * STAGGER)  # which of the two is ahead is what is tried here
    answers = [await second(), await going]
    printed = answers[1 if case.print_first else 0]
    assert {answer.status_code for answer in answers} <= {200, 201, 409}, [answer.text for answer in answers]
    if printed.status_code == 409:
        assert "status_change" in printed.text
        path = f"/cases/{case.case_id}/spoils"
        await office.must("dispatch", path, Role.PRINT_OPERATOR, **{**card, "cause": "status_change"})


LEFT = """
select a.print_id, a.case_id, c.stage from print_attempt a join cases c using (case_id)
where a.kind = 'printed' and c.stage <> 'handed_over'
    and not exists (select from destroyed_card d where d.print_id = a.print_id)
"""
FREE = "select case_id from person where not open"


async def no_nik_is_free_too_early(office: Office) -> None:
    """Looked at in this order: what was free before is over, and no card of it is left after."""
    free = {row["case_id"] for row in await office.rows("requests", FREE)}
    left = {row["case_id"] for row in await office.rows("dispatch", LEFT)}
    assert free & left == set()


async def watch(office: Office, until: asyncio.Event) -> int:
    """Look all the time; returns how often."""
    looks = 0
    while not until.is_set():
        await no_nik_is_free_too_early(office)
        looks += 1
    return looks


async def give_each_card_its_fate(office: Office) -> int:
    """Every other one is handed over, the others are destroyed: nobody refuses. Returns of how many closed cases."""
    left = await office.rows("dispatch", LEFT)
    work = []
    for number, row in enumerate(left):
        path = f"/cases/{row['case_id']}"
        cause = "case_closed" if row["stage"] == "cancelled" else "unclaimed"
        destroy = {"print_id": str(row["print_id"]), "cause": cause}
        work.append(
            office.must("dispatch", f"{path}/handover", Role.OFFICER, receiver="family")
            if number % 2
            else office.must("dispatch", f"{path}/destroy", Role.OFFICER, **destroy)
        )
    await all_of(work)
    return sum(row["stage"] == "cancelled" for row in left)


async def races(system: System, each: int) -> int:
    """Print against withdrawal and cancellation, in each order, so many times; how many cards met a closed case."""
    random = Random(4)  # noqa: S311
    async with office_of(system) as office:
        filed = await ready(office, each * 4)
        cases = [Raced(*case, whole=n % 4 < 2, print_first=n % 2 == 0) for n, case in enumerate(filed)]
        over = asyncio.Event()
        watching = asyncio.ensure_future(watch(office, over))
        await all_of([race(office, case, random) for case in cases])
        over.set()
        assert await watching > 0
        await wait_until_quiescent(system)
        await no_nik_is_free_too_early(office)
        states = await office.rows("requests", "select count(*) from case_wait where waits_for = 'answer'")
        assert states[0][0] == 0
        met = await give_each_card_its_fate(office)
        await wait_until_quiescent(system)
        assert len(await office.rows("requests", FREE)) == len(cases)
        made = await office.rows("dispatch", "select kind, count(*) as n from print_attempt group by kind")
        used = {"printed": 0, "spoiled": 0, **{row["kind"]: row["n"] for row in made}}
        assert sum(used.values()) == len(cases)
        gone = (await office.rows("dispatch", "select count(*) from destroyed_card"))[0][0]
        accounts = await office.rows("inventory", "select kind, balance from account where balance <> 0")
        expected = {
            "tray": -len(cases),
            "spoiled": used["spoiled"],
            "printed": used["printed"] - gone,
            "destroyed": gone,
        }
        assert {row["kind"]: row["balance"] for row in accounts} == {k: n for k, n in expected.items() if n}
        body = letter(resident(nik="1702065708500001"))
        assert (await office.must("requests", "/requests/check", Role.OPERATOR, **body))["errors"] == []
        return met


@pytest.mark.parametrize(
    "times", [pytest.param(60, marks=pytest.mark.long), pytest.param(200, marks=pytest.mark.soak)]
)
@pytest.mark.timeout(1500)
def test_a_print_against_a_withdrawal_or_cancel_in_each_order(times: int, tmp_path: Path) -> None:
    with System(tmp_path / "system", fresh=True) as system:
        assert asyncio.run(races(system, times)) > 0
