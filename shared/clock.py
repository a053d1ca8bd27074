"""Business time. It is stored in the database; ticks move it forward, and it never goes back."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from shared.database.connection import Connection
from shared.database.periodic import PeriodicTask
from shared.database.pool import Database
from shared.reference.device_time import WrongClock
from shared.system_clock import utc_now

Tick = Callable[[Connection, datetime], Awaitable[None]]
"""A service's reaction to a tick: it closes days, expires limits and raises alarms that are due at that time."""


LEAP = timedelta(days=31)
"""The furthest that one tick of POST /clock may move the clock without `force`."""


async def advance(conn: Connection, at: datetime) -> bool:
    """Move the business clock to `at`. Returns False, and changes nothing, when the clock is at `at` or later.

    The statement locks the clock's row, so concurrent ticks are processed one after the other.
    """
    moved = await conn.fetchval(
        "insert into business_clock as c (at) values ($1)"
        " on conflict (one) do update set at = excluded.at where c.at < excluded.at returning at",
        at,
    )
    return moved is not None


async def now(conn: Connection) -> datetime | None:
    """The business time of the latest tick; None before the first tick."""
    at: datetime | None = await conn.fetchval("select at from business_clock")
    return at


async def business_time(conn: Connection) -> datetime:
    """The business time of the latest tick, or the system clock before the first tick.

    It is the time of receipt of a command, and `shared.reference.device_time` compares the clocks of devices with it.
    """
    return await now(conn) or utc_now()


def check_tick(at: datetime, before: datetime | None, wall: datetime | None, *, force: bool) -> None:
    """Raise WrongClock (422) for a tick that is too far ahead: the clock could never go back.

    `wall` is the system clock if the service ticks by it; then no tick may be ahead of it. Otherwise `wall` is None,
    and a tick more than LEAP after the tick `before` needs `force`.
    """
    if wall is not None and at > wall:
        rule = "jam layanan ini mengikuti jam server dan tidak dapat mendahuluinya"
        raise WrongClock("at", rule, "this clock follows the server's and cannot be ahead of it", "at.wall", wall)
    if wall is None and before is not None and at - before > LEAP and not force:
        rule = f"lebih dari {LEAP.days} hari sekaligus, dan jam ini tidak dapat mundur; bila memang dimaksud: force"
        en = f"more than {LEAP.days} days at once, and this clock never goes back; if it is meant, say force"
        raise WrongClock("at", rule, en, "at.leap", before)


def tick_task(tick: Tick, every: float) -> PeriodicTask:
    """A task that moves the business clock to the system clock every `every` seconds.

    Each tick is one transaction. A tick that fails is rolled back, and the next tick covers it. Several processes may
    tick at the same time.
    """

    async def run(db: Database) -> None:
        async with db.transaction() as conn:
            at = utc_now()
            if await advance(conn, at):
                await tick(conn, at)

    return PeriodicTask("tick", every, run, retry_on=(Exception,), aligned=True)
