"""Corrected counts of shipments."""

from services.notify.store import recounts as store
from shared.contract.events import ShipmentCountCorrected
from shared.database.connection import Connection


async def record_recount(conn: Connection, event: ShipmentCountCorrected) -> None:
    """Store the corrected count of a shipment, and the difference to the earlier one."""
    await store.add(conn, event)
