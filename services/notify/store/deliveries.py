"""What is on its way to each subscriber. Times are of the database's own wall clock, one for all workers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from asyncpg import Record

from services.notify.domain.webhooks import Delivered, GivenUp, Gone, TryAgain, Verdict
from services.notify.store import subscriptions
from shared.connection import Connection
from shared.fields import StockLevel


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is this worker's until `busy_until`."""

    delivery_id: int
    message_id: UUID
    subscription_id: UUID
    url: str
    secret: str | None
    """In the clear: written by version 0.1.0 while both versions ran."""
    sealed_secret: bytes | None
    body: str
    attempt: int
    busy_until: datetime


async def add(conn: Connection, message_id: UUID, kind: str, body: str, province: str, level: StockLevel) -> None:
    """A delivery of the message for each active subscription to the province that wants the level."""
    await conn.execute(
        "insert into delivery (message_id, subscription_id, type, body)"
        " select $1, subscription_id, $2, $3 from subscription"
        " where province = $4 and state = 'active' and $5 = any(levels) order by subscription_id",
        *(message_id, kind, body, province, level),
    )


# The lease stands on the subscription, so a receiver that hangs holds one slot and its messages keep their
# order. `no key update` lets new deliveries refer to the row meanwhile. The delivery's own conditions are looked
# at again as it is updated: another worker may have ended it after this statement's snapshot.
_CLAIM = """
with picked as (
    select s.subscription_id, s.url, s.secret, s.sealed_secret, next.delivery_id
    from subscription s cross join lateral (
        select d.delivery_id from delivery d
        where d.subscription_id = s.subscription_id and d.state = 'pending' and d.due_at <= clock_timestamp()
        order by d.delivery_id limit 1
    ) next
    where s.state = 'active' and coalesce(s.busy_until <= clock_timestamp(), true)
    order by next.delivery_id limit $1 for no key update of s skip locked
), taken as (
    update delivery d set attempts = d.attempts + 1 from picked p
    where d.delivery_id = p.delivery_id and d.state = 'pending' and d.due_at <= clock_timestamp()
    returning d.delivery_id, d.message_id, d.subscription_id, p.url, p.secret, p.sealed_secret, d.body, d.attempts
), leased as (
    update subscription s set busy_until = clock_timestamp() + $2 from taken t
    where s.subscription_id = t.subscription_id returning s.subscription_id, s.busy_until
)
select * from taken join leased using (subscription_id)
"""


async def claim(conn: Connection, slots: int, lease: timedelta) -> list[Claim]:
    """Up to `slots` due deliveries, at most one a subscription; nobody else gets them before the lease ends."""
    return [
        Claim(
            delivery_id=row["delivery_id"],
            message_id=row["message_id"],
            subscription_id=row["subscription_id"],
            url=row["url"],
            secret=row["secret"],
            sealed_secret=row["sealed_secret"],
            body=row["body"],
            attempt=row["attempts"],
            busy_until=row["busy_until"],
        )
        for row in await conn.fetch(_CLAIM, slots, lease)
    ]


async def settle(conn: Connection, claim: Claim, verdict: Verdict, status: int | None, error: str | None) -> None:
    """Write down what an attempt came to, and give the lease back."""
    # A worker that comes back after its lease has ended must not free the next one's.
    await conn.execute(
        "update subscription set busy_until = null where subscription_id = $1 and busy_until = $2",
        *(claim.subscription_id, claim.busy_until),
    )
    match verdict:
        case Delivered():
            await _finish(conn, claim, "delivered", status, error)
        case GivenUp():
            await _finish(conn, claim, "given_up", status, error)
        case Gone():
            await _finish(conn, claim, "dropped", status, error)
            await subscriptions.end(conn, claim.subscription_id, "gone")
        case TryAgain(seconds):
            await conn.execute(
                "update delivery set due_at = clock_timestamp() + $3, last_status = $4, last_error = $5"
                " where delivery_id = $1 and state = 'pending' and attempts = $2",
                *(claim.delivery_id, claim.attempt, timedelta(seconds=seconds), status, error),
            )
        case _:
            assert_never(verdict)


async def _finish(conn: Connection, claim: Claim, state: str, status: int | None, error: str | None) -> None:
    await conn.execute(
        "update delivery set state = $2, ended_at = clock_timestamp(), last_status = $3, last_error = $4"
        " where delivery_id = $1 and state <> 'delivered'",
        *(claim.delivery_id, state, status, error),
    )


async def page(conn: Connection, subscription_id: UUID, after: int | None, limit: int) -> list[Record]:
    """Deliveries to a subscription, the newest first, from the one that follows `after`."""
    return await conn.fetch(
        "select delivery_id, message_id, type, state, attempts, due_at, ended_at, last_status, last_error"
        " from delivery where subscription_id = $1 and ($2::bigint is null or delivery_id < $2)"
        " order by delivery_id desc limit $3",
        *(subscription_id, after, limit),
    )


async def count_pending(conn: Connection) -> int:
    """Deliveries that are not settled, counted to 10,000."""
    counted: int = await conn.fetchval(
        "select count(*) from (select from delivery where state = 'pending' limit 10000) d"
    )
    return counted
