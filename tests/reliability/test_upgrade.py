"""A rolling upgrade: the last release and this one side by side, on the same topics, groups and databases."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from lab.faults import endless_simulator
from lab.faults.count import count
from lab.faults.journal import Journal
from lab.faults.verdict import Verdict
from lab.faults.workload import WorkloadResult
from lab.simulate import Command, ServiceClient
from ops.platform import PortBook
from ops.system import SERVICES, QuiescenceMonitor, ServiceProcess, System

ROOT = Path(__file__).parents[2]
SEED, PATIENCE = 17, 90.0
BOTH_FROM, DISPATCH_FROM, NEW_FROM, DAYS = 1, 3, 5, 7
CONSUMERS, DISPATCH = ("requests", "inventory", "notify"), "dispatch"
"""Consumers are deployed before producers: dispatch states what older ones would pass over."""
CITY = replace(endless_simulator.CITY, opening=150, drives=(), found_wrong=0.0, decides=False)
"""So few cards that they run low within these days; the last release neither destroys a card nor decides."""


def git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)


def last_release() -> str:
    """The commit of the last release before this one, by the list of releases: a clone may come without tags."""
    here = git("rev-parse", "HEAD").stdout.strip()
    listed = [line.split() for line in (ROOT / "docs/archive/releases.txt").read_text().splitlines()]
    known = [commit for _, commit in listed if git("cat-file", "-e", commit).returncode == 0 and commit != here]
    return known[-1] if known else ""


@pytest.fixture
def released(tmp_path: Path) -> Iterator[Path]:
    """The code of the last release before this commit."""
    commit = last_release()
    if not commit:
        pytest.skip("no earlier release in this clone (is it shallow?)")
    tree = tmp_path / "released"
    made = git("worktree", "add", "--detach", str(tree), commit)
    assert made.returncode == 0, made.stderr
    yield tree
    git("worktree", "remove", "--force", str(tree))


def system_of(tree: Path) -> type[System]:
    """A system whose services are of another version."""

    class Released(ServiceProcess):
        def environment(self) -> dict[str, str]:
            return {**super().environment(), "PYTHONPATH": str(tree)}

    class ReleasedSystem(System):
        process = Released

    return ReleasedSystem


class Turns:
    """Clients of the same service, asked in turn."""

    def __init__(self, clients: Sequence[httpx.AsyncClient]) -> None:
        self._clients = cycle(clients)

    async def request(self, *words: Any, **more: Any) -> httpx.Response:
        return await next(self._clients).request(*words, **more)


class Consenting(httpx.AsyncClient):
    """A client of the new version: a filing says who consents, which the old one did not know."""

    async def request(self, *words: Any, json: Any = None, **more: Any) -> httpx.Response:
        asked = {**json, "consent": "warga"} if words[1] == "/requests" and json else json
        return await super().request(*words, json=asked, **more)


LETTER = {"at", "kelurahan", "kind", "letter"}
RESIDENT = {"name", "birth_date", "sex", "nik", "phone", "address", "reason", "needs"}
"""What both versions take of a letter and of a resident."""


class Plain(ServiceClient):
    """Says what both versions understand: letters to homes with the fields there were; corrections wait."""

    async def post(self, command: Command) -> Any:
        if command.method == "PATCH":
            return {}
        if command.path == "/requests":
            command = replace(command, body=_plain(command.body))
        return await super().post(command)


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    residents = [
        # Only the new one asks why another photo is wanted.
        {**{name: each.get(name) for name in RESIDENT}, "service": each["service"].replace("photo", "damaged")}
        for each in body["residents"]
    ]
    letter = {name: body[name] for name in LETTER & body.keys()}
    return {**letter, "documents_complete": True, "residents": residents}


def _told(answer: Any) -> None:
    """The old version says less of the cases that it filed."""
    if "case_ids" in answer:
        filed = [{"case_id": case_id, "stage": "accepted", "missing": []} for case_id in answer["case_ids"]]
        answer.setdefault("cases", filed)


class Upgraded(endless_simulator.EndlessSimulator):
    """On some days something is done before work begins."""

    plans: dict[int, Callable[[], Awaitable[None]]]

    async def _day(self, day: date) -> None:
        if len(self.figures) in self.plans:
            await self.plans[len(self.figures)]()
        await super()._day(day)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_old_and_new_work_side_by_side_and_nothing_is_lost(released: Path, tmp_path: Path) -> None:
    with system_of(released)(tmp_path / "system", fresh=True) as system:
        verdict = asyncio.run(upgrade(system, Journal(tmp_path / "journal.jsonl", SEED)))
    assert verdict.green, verdict.to_json()
    assert verdict.commands > 500


async def upgrade(system: System, journal: Journal) -> Verdict:
    """Old alone, both of the consumers, both of dispatch, new alone; then everything is counted."""
    ports = PortBook(system.data / "new-ports.json").settle(*SERVICES)
    old = dict(system.services)
    new = {
        name: ServiceProcess(name, system.data / "new", port, old[name].settings)
        for name, port in zip(SERVICES, ports, strict=True)
    }

    def acknowledged(command: Command, answer: Any) -> None:
        _told(answer)
        journal.acknowledged(command, answer)

    client = Plain(
        {name: system.url(name) for name in SERVICES},
        system.token,
        seed=SEED,
        patience=PATIENCE,
        journal=acknowledged,
    )
    clients = {name: client._clients[name] for name in SERVICES}
    beside = {name: Consenting(base_url=new[name].url, timeout=20) for name in SERVICES}

    async def start(*names: str) -> None:
        before = await asyncio.gather(*(migrations(system, name) for name in names))
        await asyncio.gather(*(asyncio.to_thread(new[name].start) for name in names))
        system.services |= {f"new {name}": new[name] for name in names}
        client._clients |= {name: Turns((clients[name], beside[name])) for name in names}
        after = await asyncio.gather(*(migrations(system, name) for name in names))
        assert all(first <= then for first, then in zip(before, after, strict=True))

    async def stop(*names: str) -> None:
        client._clients |= {name: beside[name] for name in names}
        await asyncio.gather(*(asyncio.to_thread(old[name].stop) for name in names))

    async def start_consumers() -> None:
        await start(*CONSUMERS)

    async def start_dispatch() -> None:
        await stop(*CONSUMERS)
        await start(DISPATCH)

    async def stop_dispatch() -> None:
        await stop(DISPATCH)

    async with client, QuiescenceMonitor(system) as monitor:
        simulator = Upgraded(CITY, seed=SEED, client=client, wait_quiescent=lambda: monitor.wait(PATIENCE))
        simulator.plans = {BOTH_FROM: start_consumers, DISPATCH_FROM: start_dispatch, NEW_FROM: stop_dispatch}
        await simulator.run_until(lambda: len(simulator.figures) >= DAYS)
        for client in clients.values():
            await client.aclose()
    verdict = Verdict(SEED, 0, 1)
    await count(system, journal, WorkloadResult(days=len(simulator.figures), simulator=simulator), verdict, PATIENCE)
    journal.close()
    assert await waiting_for_an_answer(system) == 0
    return verdict


async def waiting_for_an_answer(system: System) -> int:
    """Cases closed in requests whose NIK is held because dispatch, old or new, never answered."""
    conn = await asyncpg.connect(system.dsn("requests"))
    try:
        count: int = await conn.fetchval("select count(*) from case_wait where waits_for = 'answer'")
    finally:
        await conn.close()
    return count


async def migrations(system: System, name: str) -> set[str]:
    conn = await asyncpg.connect(system.dsn(name))
    try:
        return {row["name"] for row in await conn.fetch("select name from migration")}
    finally:
        await conn.close()
