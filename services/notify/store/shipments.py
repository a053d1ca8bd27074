"""Shipments of blank cards, as the province sees them; one that was not approved here starts with its dispatch."""

from uuid import UUID

from asyncpg import Record

from services.notify.domain.shipments import Approval
from shared.connection import Connection
from shared.events import ShipmentDispatched, ShipmentReceived


async def insert(conn: Connection, approval: Approval) -> None:
    """An approved shipment."""
    await conn.execute(
        "insert into shipment (shipment_id, office, alert_id, approved, approved_at) values ($1, $2, $3, $4, $5)",
        *(approval.shipment_id, approval.office, approval.alert_id, approval.quantity, approval.at),
    )


async def set_dispatched(conn: Connection, event: ShipmentDispatched) -> None:
    """The cards left; the first word of it counts."""
    await conn.execute(
        "insert into shipment as s (shipment_id, office, dispatched, dispatched_at) values ($1, $2, $3, $4)"
        " on conflict (shipment_id) do update set dispatched = $3, dispatched_at = $4 where s.dispatched_at is null",
        *(event.shipment_id, event.office, event.quantity, event.at),
    )


async def set_received(conn: Connection, event: ShipmentReceived) -> None:
    """The cards were counted on arrival; the first word of it counts."""
    await conn.execute(
        "insert into shipment as s (shipment_id, office, received, received_at) values ($1, $2, $3, $4)"
        " on conflict (shipment_id) do update set received = $3, received_at = $4 where s.received_at is null",
        *(event.shipment_id, event.office, event.quantity, event.at),
    )


async def page(conn: Connection, wilayah: str, office: str | None, after: UUID | None, limit: int) -> list[Record]:
    """Shipments to offices of a wilayah, the newest first, from the one that follows `after`."""
    return await conn.fetch(
        "select * from shipment where ($1 = '' or office = $1 or starts_with(office, $1 || '.'))"
        " and ($2::text is null or office = $2) and ($3::uuid is null or shipment_id < $3)"
        " order by shipment_id desc limit $4",
        *(wilayah, office, after, limit),
    )
