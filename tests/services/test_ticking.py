"""A service that ticks itself by the wall clock."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from shared.connection import Connection
from shared.fields import Instant
from shared.offices import Offices
from shared.service import Service
from shared.settings import Settings
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
        offices=Offices.load(None),
        migrations=tmp_path,
        routers=[],
        consumers=[],
        tick=tick,
    )
    conn = await asyncpg.connect(str(told["database_url"]))

    async def has_moved() -> bool:
        return bool(await conn.fetchval("select at >= $1 from business_clock", ticks[-1] if ticks else None))

    async with serve(service):
        await until(has_moved, what="the clock moved by the second tick or a later one")
    assert ticks == sorted(ticks)
    assert not service.broken
    await conn.close()
