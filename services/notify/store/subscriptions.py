"""Who is told of a province, and where."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from shared.connection import Connection
from shared.fields import StockLevel


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants to be told of a province, and where. `url` is the owner's and stays out of logs."""

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


async def insert(conn: Connection, subscription: Subscription, sealed_secret: bytes) -> None:
    """A new subscription."""
    await conn.execute(
        "insert into subscription (subscription_id, owner, province, url, levels, sealed_secret, subscribed_at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        *(subscription.subscription_id, subscription.owner, subscription.province, subscription.url),
        *(subscription.levels, sealed_secret, subscription.at),
    )


async def sealed_secret(conn: Connection, subscription_id: UUID) -> bytes | None:
    """What signs its messages; None once it has ended."""
    found: bytes | None = await conn.fetchval(
        "select sealed_secret from subscription where subscription_id = $1", subscription_id
    )
    return found


async def clear_secrets(conn: Connection, upgraded_since: timedelta) -> list[tuple[UUID, str]]:
    """Subscriptions whose secret is not sealed yet; none before the upgrade is as long ago as that."""
    rows = await conn.fetch(
        "select subscription_id, secret from subscription, migration where secret is not null"
        " and name = 'notify/0003_sealed_secrets' and applied_at < now() - $1::interval",
        upgraded_since,
    )
    return [(row["subscription_id"], row["secret"]) for row in rows]


async def seal_secret(conn: Connection, subscription_id: UUID, sealed: bytes) -> None:
    """Keep the secret sealed instead; one that has ended meanwhile stays forgotten."""
    await conn.execute(
        "update subscription set sealed_secret = $2, secret = null where subscription_id = $1 and secret is not null",
        *(subscription_id, sealed),
    )


async def subscriptions(conn: Connection, wilayah: str, owner: str | None) -> list[Record]:
    """Subscriptions to provinces of a wilayah, of one owner or of all; the newest first. Never the secret."""
    return await conn.fetch(
        "select subscription_id, owner, province, url, levels, state, subscribed_at from subscription"
        " where ($1 = '' or province = $1 or starts_with(province, $1 || '.')) and ($2::text is null or owner = $2)"
        " order by subscription_id desc",
        *(wilayah, owner),
    )


async def owner_of(conn: Connection, subscription_id: UUID) -> Owner | None:
    """Whose a subscription is; None when there is none."""
    row = await conn.fetchrow("select owner, province from subscription where subscription_id = $1", subscription_id)
    return Owner(row["owner"], row["province"]) if row else None


async def end(conn: Connection, subscription_id: UUID, state: str) -> None:
    """End an active subscription: its secret is forgotten, what is still pending is dropped."""
    await conn.execute(
        "update subscription set state = $2, secret = null, sealed_secret = null"
        " where subscription_id = $1 and state = 'active'",
        *(subscription_id, state),
    )
    await conn.execute(
        "update delivery set state = 'dropped', ended_at = now() where subscription_id = $1 and state = 'pending'",
        subscription_id,
    )
