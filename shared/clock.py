"""Business time as data: ticks move a service's clock, and only ever forward."""

from datetime import datetime

from shared.connection import Connection


async def advance(conn: Connection, at: datetime) -> bool:
    """Move the service's business clock to `at`; False when it is there already or past it.

    Locks the clock's row, so that ticks of several schedulers are taken one after the other.
    """
    moved = await conn.fetchval(
        "insert into business_clock as c (at) values ($1)"
        " on conflict (one) do update set at = excluded.at where c.at < excluded.at returning at",
        at,
    )
    return moved is not None
