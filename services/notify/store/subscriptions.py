"""Subscriptions to the alerts of a province."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from shared.contract.fields import StockLevel
from shared.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription to the alerts of a province. `url` is the owner's and stays out of logs."""

    subscription_id: UUID
    owner: str
    province: str
    url: str
    levels: tuple[StockLevel, ...]
    at: datetime


class Owner(NamedTuple):
    """Who subscribed, and to which province."""

    owner: str
    province: str


class SubscriptionCounts(NamedTuple):
    """How many subscriptions of an owner have not ended: all, and those to one host."""

    of_owner: int
    to_host: int


async def lock_owner(conn: Connection, owner: str) -> None:
    """Nobody else subscribes for this owner until the transaction ends."""
    await conn.execute("select pg_advisory_xact_lock(hashtext('subscriptions'), hashtext($1))", owner)


async def insert(conn: Connection, subscription: Subscription, sealed_secret: bytes) -> SubscriptionCounts:
    """Add a subscription whose receiver has yet to answer a challenge; returns the owner's numbers with it."""
    host: str = await conn.fetchval(
        "insert into subscription"
        " (subscription_id, owner, province, url, levels, sealed_secret, subscribed_at, unverified)"
        " values ($1, $2, $3, $4, $5, $6, $7, true) returning host",
        *(subscription.subscription_id, subscription.owner, subscription.province, subscription.url),
        *(subscription.levels, sealed_secret, subscription.at),
    )
    row = await conn.fetchrow(
        "select count(*) as of_owner, count(*) filter (where host = $2) as to_host"
        " from subscription where owner = $1 and state = 'active'",
        *(subscription.owner, host),
    )
    assert row is not None
    return SubscriptionCounts(row["of_owner"], row["to_host"])


async def lock_active(conn: Connection, subscription_id: UUID) -> bool:
    """Lock a subscription; False when it has ended."""
    found: int | None = await conn.fetchval(
        "select 1 from subscription where subscription_id = $1 and state = 'active' for no key update",
        subscription_id,
    )
    return found is not None


async def set_challenge(conn: Connection, subscription_id: UUID, challenge: str, delivery_id: int) -> None:
    """Store the latest challenge and its delivery; a pending delivery of an older challenge is dropped."""
    await conn.execute(
        "update delivery d set state = 'dropped', ended_at = clock_timestamp() from subscription s"
        " where s.subscription_id = $1 and d.delivery_id = s.challenge_delivery and d.state = 'pending'",
        subscription_id,
    )
    await conn.execute(
        "update subscription set challenge = $2, challenge_delivery = $3, challenge_failed = false"
        " where subscription_id = $1",
        *(subscription_id, challenge, delivery_id),
    )


async def verify(conn: Connection, subscription_id: UUID) -> None:
    """The receiver has answered its challenge: the messages that wait for it become due."""
    await conn.execute(
        "update subscription set unverified = false, challenge_failed = false, verified_at = clock_timestamp()"
        " where subscription_id = $1",
        subscription_id,
    )


async def fail_challenge(conn: Connection, subscription_id: UUID, delivery_id: int) -> None:
    """The latest challenge is given up. The messages of a receiver that never answered one are dropped."""
    failed = await conn.fetchval(
        "update subscription set challenge_failed = true where subscription_id = $1 and challenge_delivery = $2"
        " returning unverified",
        *(subscription_id, delivery_id),
    )
    if failed:
        await _drop_pending(conn, subscription_id)


async def pause(conn: Connection, subscription_id: UUID, asked: timedelta) -> None:
    """The receiver gets no message for as long as it asked."""
    await conn.execute(
        "update subscription set resumes_at = clock_timestamp() + $2 where subscription_id = $1",
        *(subscription_id, asked),
    )


async def encrypted_secret(conn: Connection, subscription_id: UUID) -> bytes | None:
    """The encrypted secret that signs its messages; None once it has ended."""
    found: bytes | None = await conn.fetchval(
        "select sealed_secret from subscription where subscription_id = $1", subscription_id
    )
    return found


async def plaintext_secrets(conn: Connection, upgraded_since: timedelta) -> list[tuple[UUID, str]]:
    """Subscriptions whose secret is not encrypted yet; none before the upgrade is as long ago as that."""
    rows = await conn.fetch(
        "select subscription_id, secret from subscription, migration where secret is not null"
        " and name = 'notify/0003_sealed_secrets' and applied_at < now() - $1::interval",
        upgraded_since,
    )
    return [(row["subscription_id"], row["secret"]) for row in rows]


async def save_encrypted_secret(conn: Connection, subscription_id: UUID, encrypted: bytes) -> None:
    """Replace the plain text of a secret; that of a subscription that has ended stays deleted."""
    await conn.execute(
        "update subscription set sealed_secret = $2, secret = null where subscription_id = $1 and secret is not null",
        *(subscription_id, encrypted),
    )


async def subscriptions(conn: Connection, wilayah: str, owner: str | None) -> list[Record]:
    """Subscriptions to provinces of a wilayah, of one owner or of all; the newest first. Never the secret."""
    return await conn.fetch(
        "select s.subscription_id, owner, province, url, levels, subscribed_at, verified_at, resumes_at,"
        " case when s.state = 'active' and unverified then 'unverified' else s.state end as state,"
        " d.state as challenge_state, d.attempts as challenge_attempts, d.due_at as challenge_due_at,"
        " d.last_status as challenge_status, d.last_error as challenge_error"
        " from subscription s left join delivery d on d.delivery_id = s.challenge_delivery"
        " where ($1 = '' or province = $1 or starts_with(province, $1 || '.')) and ($2::text is null or owner = $2)"
        " order by s.subscription_id desc",
        *(wilayah, owner),
    )


async def owner_of(conn: Connection, subscription_id: UUID) -> Owner | None:
    """Whose a subscription is; None when there is none."""
    row = await conn.fetchrow("select owner, province from subscription where subscription_id = $1", subscription_id)
    return Owner(row["owner"], row["province"]) if row else None


async def end(conn: Connection, subscription_id: UUID, state: str) -> None:
    """End an active subscription: its secret is deleted, and its pending deliveries are dropped."""
    await conn.execute(
        "update subscription set state = $2, secret = null, sealed_secret = null"
        " where subscription_id = $1 and state = 'active'",
        *(subscription_id, state),
    )
    await _drop_pending(conn, subscription_id)


async def _drop_pending(conn: Connection, subscription_id: UUID) -> None:
    await conn.execute(
        "update delivery set state = 'dropped', ended_at = clock_timestamp()"
        " where subscription_id = $1 and state = 'pending'",
        subscription_id,
    )
