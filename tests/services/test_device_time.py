"""No route believes a device's clock further than it can be true."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from ops.docs.services import described_services
from ops.system import SERVICES, Issuer
from shared.contract.ids import new_id
from shared.database.pool import Database
from shared.security.auth import Role
from tests.access.examples import Examples
from tests.access.world import Office
from tests.services.requests.desk import OPENS, desk_on, key_file, resident
from tests.support.moments import Place, places, put
from tests.support.serving import app_of

NOW = datetime.fromisoformat(OPENS)
TOO_FAR = NOW + timedelta(hours=24, minutes=1)


def taken(kind: str) -> list[tuple[str, Place]]:
    """Every field of this format that a command takes, of all services."""
    found = [(name, place) for name in SERVICES for place in places(described_services()[name].openapi)]
    return [(name, place) for name, place in found if place.format == kind]


@dataclass
class Town:
    """The four services without brokers, their clocks at NOW, and an office with something of each kind to name."""

    https: dict[str, httpx.AsyncClient]
    office: Office
    token: Callable[..., dict[str, str]]

    async def send(self, name: str, place: Place, value: str) -> httpx.Response:
        """A command that is good but, it may be, for this one field."""
        made = described_services()[name]
        allow = next(r.allow for r in made.routes if (r.method.lower(), r.path) == (place.method, place.path))
        assert allow is not None
        role = Role.STOREKEEPER if Role.STOREKEEPER in allow.roles else allow.roles[0]
        asked = Examples(made.openapi).ask(place.method, place.path, role, self.office)
        headers = {**self.token(role, self.office.wilayah(role)), "Idempotency-Key": str(new_id())}
        query, body = dict(asked.query), asked.body
        if place.where == "query":
            query[place.field[0]] = value
        if isinstance(body, dict):
            body |= {"at": NOW.isoformat()} if "at" in body else {}
            put(body, place.field, value)
            return await self.https[name].request(place.method, asked.path, headers=headers, params=query, json=body)
        headers["Content-Type"] = "text/csv" if "/import" in place.path else "application/octet-stream"
        content = body if isinstance(body, bytes) else b"nama;alamat\n"
        return await self.https[name].request(
            place.method, asked.path, headers=headers, params=query, content=content
        )


@pytest.fixture
async def town(
    database: Callable[[str], Awaitable[str]],
    issuer: Issuer,
    tmp_path: Path,
    token: Callable[..., dict[str, str]],
    stack: AsyncExitStack,
) -> Town:
    office = Office("17.02", "17.02.06.1004", "tanda")
    dsn = await database("requests")
    desk = await stack.enter_async_context(desk_on(dsn, issuer.jwks_file, key_file(tmp_path), token))
    filed = await desk.drive(resident(), letter={"number": "470/1", "date": "2026-04-09"})
    office.note(request_id=filed["request_id"], case_id=filed["case_ids"][0])
    town = Town({"requests": desk.http}, office, token)
    for name in ("dispatch", "inventory", "notify"):
        town.https[name] = await _alone(name, await database(name), issuer, stack)
    return town


async def _alone(name: str, dsn: str, issuer: Issuer, stack: AsyncExitStack) -> httpx.AsyncClient:
    told: dict[str, Any] = {"database_url": dsn, "jwks_file": issuer.jwks_file, "kafka_bootstrap_servers": "-:1"}
    told |= {"allow_private_webhooks": True} if name == "notify" else {}
    service = import_module(f"services.{name}.app").build(
        import_module(f"services.{name}.settings").Settings.model_validate(told)
    )
    db = await Database.connect(dsn, size=2)
    stack.push_async_callback(db.close)
    async with db.transaction() as conn:
        await conn.execute("insert into business_clock (at) values ($1)", NOW)
    transport = httpx.ASGITransport(app_of(service, db))
    return await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=f"http://{name}"))


async def test_every_route_refuses_a_moment_more_than_a_day_ahead(town: Town) -> None:
    moments = [(name, place) for name, place in taken("date-time") if place.path != "/clock"]
    assert len(moments) >= 23
    believed = []
    for name, place in moments:
        answer = await town.send(name, place, TOO_FAR.isoformat())
        told = answer.json()
        good = answer.status_code == 422 and told.get("server_time") == "2026-11-24T01:00:00+00:00"
        if not good or (told["errors"][0]["field"], told["errors"][0]["code"]) != (place.field[-1], "at.ahead"):
            believed.append(f"{name} {place}: {answer.status_code} {answer.text}")
        assert good is False or "jam perangkat" in told["errors"][0]["rule"]
    assert believed == [], "commands go through `once`; what only asks calls `must_have_come`"


async def test_every_route_takes_a_moment_within_a_day_and_a_past_one(town: Town) -> None:
    for name, place in [(name, place) for name, place in taken("date-time") if place.path != "/clock"]:
        for at in (NOW + timedelta(hours=23, minutes=59), NOW - timedelta(days=30)):
            answer = await town.send(name, place, at.isoformat())
            codes = [error.get("code") for error in answer.json().get("errors", ())]
            assert "at.ahead" not in codes, (name, place, answer.text)


async def test_every_route_refuses_a_day_to_come(town: Town) -> None:
    """Of a birthday the rules of age speak, and answers to a question."""
    days = [(name, place) for name, place in taken("date") if place.field[-1] != "birth_date"]
    assert days
    for name, place in days:
        answer = await town.send(name, place, (NOW + timedelta(days=2)).date().isoformat())
        fields = [error["field"] for error in answer.json().get("errors", ())]
        assert ".".join(place.field) in fields, (name, place, answer.text)


async def test_before_the_first_tick_the_wall_clock_is_the_servers(
    database: Callable[[str], Awaitable[str]],
    issuer: Issuer,
    token: Callable[..., dict[str, str]],
    stack: AsyncExitStack,
) -> None:
    http = await _alone("inventory", dsn := await database("inventory"), issuer, stack)
    conn = await asyncpg.connect(dsn)
    await conn.execute("delete from business_clock")
    await conn.close()
    town = Town({"inventory": http}, Office("17.02", "17.02.06.1004", "tanda"), token)
    place = next(place for _, place in taken("date-time") if place.path == "/receipts")
    ahead, now = datetime.now(UTC) + timedelta(hours=25), datetime.now(UTC)
    assert "server_time" in (await town.send("inventory", place, ahead.isoformat())).json()
    assert (await town.send("inventory", place, now.isoformat())).status_code == 201
