"""Shipments of blank cards, as the province sees them; one that was not approved here starts with its dispatch."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.notify.domain.shipments import Approval, ShipmentGrant
from shared.contract.events import ShipmentDispatched, ShipmentReceived
from shared.database.connection import Connection


async def insert(conn: Connection, approval: Approval, rest_of: UUID | None = None) -> None:
    """An approved shipment; perhaps the rest of another one, of which a part was sent."""
    await conn.execute(
        "insert into shipment (shipment_id, office, alert_id, approved, approved_at) values ($1, $2, $3, $4, $5)",
        *(approval.shipment_id, approval.office, approval.alert_id, approval.quantity, approval.at),
    )
    if rest_of is not None:
        await conn.execute(
            "insert into shipment_rest (shipment_id, rest_of) values ($1, $2)", approval.shipment_id, rest_of
        )


async def set_dispatched(conn: Connection, event: ShipmentDispatched) -> ShipmentGrant | None:
    """The cards left; returns what was granted. The first event counts: None for a later one."""
    row = await conn.fetchrow(
        "insert into shipment as s (shipment_id, office, dispatched, dispatched_at) values ($1, $2, $3, $4)"
        " on conflict (shipment_id) do update set dispatched = $3, dispatched_at = $4 where s.dispatched_at is null"
        " returning shipment_id, approved, alert_id",
        *(event.shipment_id, event.office, event.quantity, event.at),
    )
    return ShipmentGrant(row["shipment_id"], row["approved"], row["alert_id"]) if row else None


async def coming(conn: Connection, office: str, since: datetime) -> int:
    """Cards that are on their way to an office, or have come since."""
    cards: int = await conn.fetchval(
        "select coalesce(sum(coalesce(received, dispatched)), 0)::bigint from shipment"
        " where office = $1 and dispatched is not null and coalesce(received_at >= $2, true)",
        *(office, since),
    )
    return cards


async def last_moves(conn: Connection, offices: Sequence[str]) -> dict[str, datetime]:
    """When cards last left for an office or arrived there, by office; one that never got any is missing."""
    rows = await conn.fetch(
        "select office, greatest(max(dispatched_at), max(received_at)) as at from shipment"
        " where office = any($1) and (dispatched_at is not null or received_at is not null) group by office",
        offices,
    )
    return {row["office"]: row["at"] for row in rows}


async def set_received(conn: Connection, event: ShipmentReceived) -> None:
    """The cards were counted on arrival; the first event counts."""
    await conn.execute(
        "insert into shipment as s (shipment_id, office, received, received_at) values ($1, $2, $3, $4)"
        " on conflict (shipment_id) do update set received = $3, received_at = $4 where s.received_at is null",
        *(event.shipment_id, event.office, event.quantity, event.at),
    )


async def page(conn: Connection, wilayah: str, office: str | None, after: UUID | None, limit: int) -> list[Record]:
    """Shipments to offices of a wilayah, the newest first, from the one that follows `after`."""
    return await conn.fetch(
        "select s.shipment_id, office, alert_id, rest_of, approved, approved_at, dispatched, dispatched_at,"
        " received, received_at from shipment s left join shipment_rest r on r.shipment_id = s.shipment_id"
        " where ($1 = '' or office = $1 or starts_with(office, $1 || '.'))"
        " and ($2::text is null or office = $2) and ($3::uuid is null or s.shipment_id < $3)"
        " order by s.shipment_id desc limit $4",
        *(wilayah, office, after, limit),
    )
