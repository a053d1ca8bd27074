"""Deliveries of messages to subscribers. Times are of the database's own wall clock, one for all workers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from asyncpg import Record

from services.notify.domain.webhooks import VERIFICATION, Delivered, DeliveryOutcome, GivenUp, Gone, TryAgain
from services.notify.store import subscriptions
from shared.contract.fields import StockLevel
from shared.database.connection import Connection


@dataclass(frozen=True, slots=True)
class DeliveryClaim:
    """A delivery that is this worker's until `busy_until`."""

    delivery_id: int
    message_id: UUID
    subscription_id: UUID
    url: str
    secret: str | None
    """Plain text: written by version 0.1.0 while both versions ran."""
    sealed_secret: bytes | None
    body: str
    challenge: str | None
    """What the receiver must answer with; None for a message like any other."""
    attempt: int
    busy_until: datetime


async def add(conn: Connection, message_id: UUID, kind: str, body: str, province: str, level: StockLevel) -> None:
    """A delivery of the message for each subscription to the province that wants the level. One whose receiver has
    yet to prove itself has it kept until then."""
    # `for share` meets whoever ends a subscription: either he waits, and drops this delivery along with the others,
    # or this statement waits, and finds it ended.
    await conn.execute(
        "insert into delivery (message_id, subscription_id, type, body)"
        " select $1, s.subscription_id, $2, $3 from ("
        "  select subscription_id from subscription where province = $4 and state = 'active' and $5 = any(levels)"
        "  and not (unverified and challenge_failed) order by subscription_id for share"
        " ) s",
        *(message_id, kind, body, province, level),
    )


async def add_challenge(conn: Connection, message_id: UUID, subscription_id: UUID, body: str) -> int:
    """A delivery that asks the receiver to prove itself; returns its id. The subscription is locked, or new."""
    delivery_id: int = await conn.fetchval(
        "insert into delivery (message_id, subscription_id, type, body) values ($1, $2, $3, $4)"
        " returning delivery_id",
        *(message_id, subscription_id, VERIFICATION, body),
    )
    return delivery_id


# The lease stands on the subscription, so a receiver that hangs holds one slot and its messages keep their
# order. `no key update` lets new deliveries refer to the row meanwhile. The conditions are looked at again, of the
# subscription as it is locked and of the delivery as it is updated: another worker may have been there after this
# statement's snapshot. Hosts have their share before owners have: a host that hangs takes nobody's place elsewhere.
_CLAIM = """
with busy as (
    select owner, host from subscription where state = 'active' and busy_until > clock_timestamp()
), due as (
    select s.subscription_id, s.owner, s.host, next.delivery_id, next.due_at
    from subscription s cross join lateral (
        select d.delivery_id, d.due_at from delivery d
        where d.subscription_id = s.subscription_id and d.state = 'pending' and d.due_at <= clock_timestamp()
        and (not s.unverified or d.delivery_id = s.challenge_delivery)
        order by d.delivery_id limit 1
    ) next
    where s.state = 'active' and coalesce(greatest(s.busy_until, s.resumes_at) <= clock_timestamp(), true)
), of_hosts as (
    select *, row_number() over (partition by host order by due_at, delivery_id)
        + (select count(*) from busy b where b.host = due.host) as place from due
), of_owners as (
    select *, row_number() over (partition by owner order by due_at, delivery_id)
        + (select count(*) from busy b where b.owner = of_hosts.owner) as owners_place
    from of_hosts where place <= $3
), picked as (
    select s.subscription_id, s.url, s.secret, s.sealed_secret, fair.delivery_id,
        case when s.challenge_delivery = fair.delivery_id then s.challenge end as challenge
    from of_owners fair join subscription s using (subscription_id)
    where owners_place <= $3 and s.state = 'active'
    and coalesce(greatest(s.busy_until, s.resumes_at) <= clock_timestamp(), true)
    order by fair.due_at, fair.delivery_id limit $1 for no key update of s skip locked
), taken as (
    update delivery d set attempts = d.attempts + 1 from picked p
    where d.delivery_id = p.delivery_id and d.state = 'pending' and d.due_at <= clock_timestamp()
    returning d.delivery_id, d.message_id, d.subscription_id, p.url, p.secret, p.sealed_secret, p.challenge,
        d.body, d.attempts as attempt
), leased as (
    update subscription s set busy_until = clock_timestamp() + $2 from taken t
    where s.subscription_id = t.subscription_id returning s.subscription_id, s.busy_until
)
select * from taken join leased using (subscription_id)
"""


async def claim(conn: Connection, slots: int, share: int, lease: timedelta) -> list[DeliveryClaim]:
    """Up to `slots` due deliveries, those due first before others, at most one a subscription; nobody else gets them
    before the lease ends. No owner and no host has more than `share` under way, in all workers."""
    return [DeliveryClaim(**row) for row in await conn.fetch(_CLAIM, slots, lease, share)]


async def settle(
    conn: Connection, claim: DeliveryClaim, outcome: DeliveryOutcome, status: int | None, error: str | None
) -> None:
    """Store the outcome of an attempt, and release the lease."""
    # A worker that comes back after its lease has ended must not free the next one's. Whose it is, the row is locked:
    # whoever ends a subscription takes it and its deliveries in this order too.
    await conn.execute(
        "update subscription set busy_until = nullif(busy_until, $2) where subscription_id = $1",
        *(claim.subscription_id, claim.busy_until),
    )
    match outcome:
        case Delivered():
            await _finish(conn, claim, "delivered", status, error)
            if claim.challenge is not None:
                await subscriptions.verify(conn, claim.subscription_id)
        case GivenUp():
            await _finish(conn, claim, "given_up", status, error)
            if claim.challenge is not None:
                await subscriptions.fail_challenge(conn, claim.subscription_id, claim.delivery_id)
        case Gone():
            await _finish(conn, claim, "dropped", status, error)
            await subscriptions.end(conn, claim.subscription_id, "gone")
        case TryAgain(seconds, pause):
            if pause:
                await subscriptions.pause(conn, claim.subscription_id, timedelta(seconds=pause))
            await conn.execute(
                "update delivery set due_at = clock_timestamp() + $3, last_status = $4, last_error = $5"
                " where delivery_id = $1 and state = 'pending' and attempts = $2",
                *(claim.delivery_id, claim.attempt, timedelta(seconds=seconds), status, error),
            )
        case _:
            assert_never(outcome)


async def _finish(conn: Connection, claim: DeliveryClaim, state: str, status: int | None, error: str | None) -> None:
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
