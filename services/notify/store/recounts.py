"""Corrected counts of shipments, as the province sees them."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from shared.contract.events import ShipmentCountCorrected
from shared.database.connection import Connection


async def add(conn: Connection, event: ShipmentCountCorrected) -> None:
    """Keep a corrected count; the shipment has the one of the latest revision, in whatever order they come.

    The first count, should it come after its correction, finds that something was received, and changes nothing.
    """
    await conn.execute(
        "insert into recount (shipment_id, office, revision, quantity, expected, difference, at)"
        " values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        *(event.shipment_id, event.office, event.revision),
        *(event.quantity, event.expected, event.difference, event.at),
    )
    await conn.execute(
        "insert into shipment as s (shipment_id, office, received, received_at) values ($1, $2, $3, $4)"
        " on conflict (shipment_id) do update set received = $3, received_at = coalesce(s.received_at, $4)"
        " where not exists (select from recount where shipment_id = $1 and revision > $5)",
        *(event.shipment_id, event.office, event.quantity, event.at, event.revision),
    )


async def office_of(conn: Connection, shipment_id: UUID) -> str | None:
    """The office that a shipment is for; None for an unknown shipment."""
    office: str | None = await conn.fetchval("select office from shipment where shipment_id = $1", shipment_id)
    return office


async def of_shipment(conn: Connection, shipment_id: UUID) -> Sequence[Record]:
    """The corrected counts of a shipment, in their order."""
    return await conn.fetch(
        "select shipment_id, office, revision, quantity, expected, difference, at from recount where shipment_id = $1"
        " order by revision limit 500",
        shipment_id,
    )
