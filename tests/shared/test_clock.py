"""A service that ticks itself by the wall clock."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx

from ops.system import Issuer
from shared.contract.fields import Instant
from shared.database.connection import Connection
from shared.security.auth import Role
from shared.service import Service
from shared.settings import Settings
from tests.services.notify.desk import open_desk
from tests.support.polling import until
from tests.support.serving import serve


async def test_business_time_follows_the_wall_and_outlives_a_failure(
    settings: Callable[[str], Awaitable[dict[str, object]]], tmp_path: Path
) -> None:
    told = await settings("")
    ticks: list[Instant] = []

    async def tick(conn: Connection, at: Instant) -> None:
        ticks.append(at)
        if len(ticks) == 1:
            raise ValueError("a mistake of ours")

    service = Service(
        name="ticking",
        settings=Settings(**told, tick_every=0.05),
        migrations=tmp_path,
        routers=[],
        consumers=[],
        tick=tick,
    )
    conn = await asyncpg.connect(str(told["database_url"]))

    async def has_moved() -> bool:
        return bool(await conn.fetchval("select at >= $1 from business_clock", ticks[-1] if ticks else None))

    async with serve(service) as client:
        await until(has_moved, what="the clock moved by the second tick or a later one")
        assert (await client.get("/health/ready")).status_code == 200
    assert ticks == sorted(ticks)
    await conn.close()


async def test_a_tick_is_bounded_by_the_wall_clock_unless_forced(
    database: Callable[[str], Awaitable[str]], issuer: Issuer, token: Callable[..., dict[str, str]]
) -> None:
    """A clock that goes too far makes everything fall due, and never goes back."""
    ops = token(Role.OPS)
    for every, far, forced in ((60.0, 422, 422), (0.0, 422, 200)):
        async with open_desk(await database("notify"), issuer, token, tick_every=every) as desk:
            now = datetime.now(UTC)

            async def clock(at: datetime, http: httpx.AsyncClient = desk.http, **said: bool) -> httpx.Response:
                return await http.post("/clock", json={"at": at.isoformat(), **said}, headers=ops)

            assert (await clock(now - timedelta(hours=1))).status_code == 200
            mistyped = await clock(now + timedelta(days=366))
            assert mistyped.status_code == far
            assert (mistyped.json()["errors"][0]["field"], "server_time" in mistyped.json()) == ("at", True)
            assert (await clock(now + timedelta(days=366), force=True)).status_code == forced
