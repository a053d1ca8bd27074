"""How long a fact takes from its writing to its effect in the next service, at a given rate of commands.

Only edges that machines cause count: a request accepted -> known to dispatch, a visit planned -> shown by
requests, a card printed -> taken from the stock. Times are those of the database, when the row was written.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from lab.bench.filing import bodies
from lab.simulate.service_client import Command, CommandRejected, ServiceClient
from ops.system import System, wait_until_quiescent
from shared.security.auth import Role

OFFICE = "17.02"
STORIES = {10: 20, 100: 150, 200: 200}
"""By rate (commands a second), how many stories are told."""
AT = datetime(2026, 4, 6, 2, 0, tzinfo=UTC)


async def _paced(rate: int, sends: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """Start each send at its time, whether or not those before are answered."""
    began, running = time.perf_counter(), []
    for number, send in enumerate(sends):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        running.append(asyncio.ensure_future(send()))
    return list(await asyncio.gather(*running))


class Teller:
    """Tells stories through the API at a steady rate."""

    def __init__(self, client: ServiceClient, rate: int, lines: Sequence[str]) -> None:
        self._client, self._rate, self._lines = client, rate, lines
        self._clock = AT + timedelta(days=400 * sorted(STORIES).index(rate))

    def _post(
        self, service: str, path: str, role: Role, what: str, body: dict[str, Any], at: datetime | None = None
    ) -> Callable[[], Awaitable[Any]]:
        command = Command(f"{self._rate}/{what}", service, path, role, OFFICE, at or self._clock, body)
        return lambda: self._client.post(command)

    async def _tick(self, what: str, at: datetime, *services: str) -> None:
        for service in services:
            command = Command(f"{self._rate}/{what} {service}", service, "/clock", Role.OPS, "", at, {"force": True})
            await self._client.post(command)

    async def tell(self) -> dict[str, str]:
        """File, plan, record, print; returns request id by case id."""
        await self._tick("begin", self._clock, "requests", "dispatch", "inventory")
        letters = [json.loads(body) for body in self._lines]
        filed = [
            self._post("requests", "/requests", Role.OPERATOR, f"file {n}", letter | {"at": self._clock.isoformat()})
            for n, letter in enumerate(letters)
        ]
        planning = asyncio.create_task(self._plan())
        answers = await _paced(self._rate, filed)
        cases = {case: answer["request_id"] for answer in answers for case in answer["case_ids"]}
        visits = await self._visits(cases)
        planning.cancel()
        last = max(datetime.fromisoformat(visit["ends_at"]) for visit in visits.values())
        await self._tick("visited", last, "dispatch", "inventory")
        for verb in (self._record, self._ready, self._print):
            await _paced(self._rate, [verb(case, visit) for case, visit in visits.items()])
        return cases

    async def _plan(self) -> None:
        """A tick four times a second, as if the clock were impatient."""
        for number in range(10_000):
            at = self._clock + timedelta(seconds=number)
            command = Command(f"{self._rate}/tick {number}", "dispatch", "/clock", Role.OPS, "", at)
            await self._client.post(command)
            await asyncio.sleep(0.25)

    async def _visits(self, cases: dict[str, str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        deadline = time.monotonic() + 60
        while len(found) < len(cases) and time.monotonic() < deadline:
            for case in cases.keys() - found.keys():
                with suppress(CommandRejected):  # not heard of yet
                    shown = await self._client.get("dispatch", f"/cases/{case}", Role.DISPATCHER, OFFICE)
                    if shown["visits"]:
                        found[case] = shown["visits"][0]
        return found

    def _record(self, case: str, visit: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
        at = datetime.fromisoformat(visit["ends_at"])
        path = f"/visits/{visit['visit_id']}/outcome"
        return self._post("dispatch", path, Role.OFFICER, f"outcome {case}", {"outcome": "recorded"}, at)

    def _ready(self, case: str, visit: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
        at = datetime.fromisoformat(visit["ends_at"]) + timedelta(minutes=30)
        return self._post("dispatch", f"/cases/{case}/print-ready", Role.PRINT_OPERATOR, f"ready {case}", {}, at)

    def _print(self, case: str, visit: dict[str, Any]) -> Callable[[], Awaitable[Any]]:
        at = datetime.fromisoformat(visit["ends_at"]) + timedelta(minutes=45)
        body = {"print_id": case, "station": "P1", "serial": f"L{UUID(case).int % 10**12:012d}"}
        return self._post("dispatch", f"/cases/{case}/prints", Role.PRINT_OPERATOR, f"print {case}", body, at)


INBOX = "select event_id::text, received_at from inbox"
STEPS = "select case_id || '/' || sequence, recorded_at from step"
LEDGER = "select event_id::text, recorded_at from movement"


async def _edges(system: System, source: str, kind: str, target: str, effect: str) -> dict[str, float]:
    """Milliseconds by key, from the row in the source's outbox to the row in the target's database.

    `effect` gives the time by event id, or by key and sequence.
    """
    writer, reader = await asyncpg.connect(system.dsn(source)), await asyncpg.connect(system.dsn(target))
    try:
        written = await writer.fetch(
            "select event_id::text, key, key || '/' || sequence as place, recorded_at from outbox"
            " where headers like $1",
            f"%\nid.jemputbola.{kind}.v1\n%",
        )
        taken = {row[0]: row[1] for row in await reader.fetch(effect)}
        edges = {}
        for row in written:
            arrived = taken.get(row["event_id"]) or taken.get(row["place"])
            if arrived is not None:
                edges[row["key"]] = (arrived - row["recorded_at"]).total_seconds() * 1000
        return edges
    finally:
        await asyncio.gather(writer.close(), reader.close())


def _quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {name: ordered[min(len(ordered) - 1, int(len(ordered) * q))] for name, q in (("p50", 0.5), ("p99", 0.99))}


async def measure(system: System) -> dict[str, dict[str, dict[str, float]]]:
    """The figures of `latency_ms`, by rate: the story, and each hop."""
    figures: dict[str, dict[str, dict[str, float]]] = {}
    lines = bodies(sum(STORIES.values()))
    async with ServiceClient(
        {name: system.url(name) for name in system.services}, system.token, seed=1, at_once=32
    ) as client:
        opening = {"place": OFFICE, "quantity": 100_000, "document": "BA-1", "confirmed": True}
        await client.post(Command("opening", "inventory", "/receipts", Role.STOREKEEPER, OFFICE, AT, opening))
        for rate, count in STORIES.items():
            cases = await Teller(client, rate, [lines.pop() for _ in range(count)]).tell()
            await wait_until_quiescent(system)
            hops = {
                "accepted_to_dispatch": await _edges(system, "requests", "RequestAccepted", "dispatch", INBOX),
                "scheduled_to_requests": await _edges(system, "dispatch", "VisitScheduled", "requests", STEPS),
                "printed_to_stock": await _edges(system, "dispatch", "PrintCompleted", "inventory", LEDGER),
            }
            accepted, scheduled, printed = hops.values()
            whole = [
                accepted[request] + scheduled[case] + printed[case]
                for case, request in cases.items()
                if request in accepted and case in scheduled and case in printed
            ]
            if len(whole) < count:
                raise RuntimeError(f"{len(whole)} of {count} stories came to their end at {rate} a second")
            figures[str(rate)] = {
                "story": _quantiles(whole),
                **{
                    name: _quantiles([ms for key, ms in edges.items() if key in cases or key in set(cases.values())])
                    for name, edges in hops.items()
                },
            }
    return figures
