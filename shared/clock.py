"""Business time as data: ticks move a service's clock, and only ever forward."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from shared.database.connection import Connection
from shared.database.pool import Database
from shared.reference.device_time import WrongClock
from shared.system_clock import utc_now

log = structlog.get_logger()

Tick = Callable[[Connection, datetime], Awaitable[None]]
"""What a service does when business time moves on."""


LEAP = timedelta(days=31)
"""So far a tick from outside may go at once; further only if that is said to be meant."""


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
    """What time it is: that of the latest tick, or the wall's before the first. It is the server's clock, against
    which `shared.reference.device_time` holds what devices say, and the time of receipt of whatever comes now."""
    return await now(conn) or utc_now()


def must_be_plausible(at: datetime, before: datetime | None, wall: datetime | None, *, force: bool) -> None:
    """Raises WrongClock (422) for a tick that would make things fall due long before their time, for good.

    `wall` is the wall clock where it drives this one: no tick is ahead of it. Elsewhere a leap of more than LEAP from
    the tick `before` must be meant (`force`).
    """
    if wall is not None and at > wall:
        rule = "jam layanan ini mengikuti jam server dan tidak dapat mendahuluinya"
        raise WrongClock("at", rule, "this clock follows the server's and cannot be ahead of it", "at.wall", wall)
    if wall is None and before is not None and at - before > LEAP and not force:
        rule = f"lebih dari {LEAP.days} hari sekaligus, dan jam ini tidak dapat mundur; bila memang dimaksud: force"
        en = f"more than {LEAP.days} days at once, and this clock never goes back; if it is meant, say force"
        raise WrongClock("at", rule, en, "at.leap", before)


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
