"""Business time as data: ticks move a service's clock, and only ever forward."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from shared.connection import Connection
from shared.db import Database
from shared.wall import utc_now

log = structlog.get_logger()

Tick = Callable[[Connection, datetime], Awaitable[None]]
"""What a service does when business time moves on."""


async def advance(conn: Connection, at: datetime) -> bool:
    """Move the service's business clock to `at`; False when it is there already or past it.

    Locks the clock's row, so that several ticks are taken one after the other.
    """
    moved = await conn.fetchval(
        "insert into business_clock as c (at) values ($1)"
        " on conflict (one) do update set at = excluded.at where c.at < excluded.at returning at",
        at,
    )
    return moved is not None


async def now(conn: Connection) -> datetime | None:
    """Business time, by the latest tick; None before the first."""
    at: datetime | None = await conn.fetchval("select at from business_clock")
    return at


async def business_time(conn: Connection) -> datetime:
    """What time it is for limits: that of the latest tick, or the wall's before the first."""
    return await now(conn) or utc_now()


async def tick_by_the_wall(db: Database, tick: Tick, every: float) -> None:
    """Let business time be the wall clock's: a tick each `every` seconds, until cancelled.

    A tick that fails is taken back whole and comes again with the next, which says more. Several processes that
    tick do no harm.
    """
    while True:
        try:
            async with db.transaction() as conn:
                at = utc_now()
                if await advance(conn, at):
                    await tick(conn, at)
        except Exception as error:
            log.error("tick failed", error=type(error).__name__, exc_info=error)
        await asyncio.sleep(every - utc_now().timestamp() % every)
