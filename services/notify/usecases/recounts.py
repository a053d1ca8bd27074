"""A shipment's count was wrong, and the office put it right."""

from services.notify.store import recounts as store
from shared.contract.events import ShipmentCountCorrected
from shared.database.connection import Connection


async def take(conn: Connection, event: ShipmentCountCorrected) -> None:
    """The shipment has the right count, and the province sees by how much it had been told wrong."""
    await store.add(conn, event)
