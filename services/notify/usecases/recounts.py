"""Corrected counts of shipments."""

from services.notify.store import recounts as store
from shared.connection import Connection
from shared.events import ShipmentCountCorrected


async def record_recount(conn: Connection, event: ShipmentCountCorrected) -> None:
    """Store the corrected count of a shipment, and the difference to the earlier one."""
    await store.add(conn, event)
