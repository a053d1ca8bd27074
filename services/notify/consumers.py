"""What notify consumes: the stock events of inventory, in order for each office, which is their key.

The handlers' names are the labels of metrics, and the group's name that of committed offsets: both stay.
"""

from services.notify.usecases import alerts, recounts, reports, shipments
from shared.contract.envelope import Message
from shared.contract.events import (
    STOCK,
    ShipmentCountCorrected,
    ShipmentDispatched,
    ShipmentReceived,
    StockCritical,
    StockLevelEvent,
    StockLow,
    StockOut,
    StockRecovered,
    StockReportCorrected,
    StockReported,
)
from shared.database.connection import Connection
from shared.messaging.consumer import Consumer
from shared.reference.offices import Offices


def consumers(offices: Offices) -> list[Consumer]:
    """The consumer group notify.stock."""
    return [_stock(offices)]


def _stock(offices: Offices) -> Consumer:
    stock = Consumer("notify", STOCK)

    @stock.on(StockLow, StockCritical, StockOut)
    async def fell(conn: Connection, message: Message[StockLevelEvent]) -> None:
        await alerts.raise_alert(conn, message.context, message.event)

    @stock.on(StockRecovered)
    async def recovered(conn: Connection, message: Message[StockRecovered]) -> None:
        await alerts.resolve(conn, message.context, message.event)

    @stock.on(StockReported, StockReportCorrected)
    async def reported(conn: Connection, message: Message[StockReported]) -> None:
        await reports.store_report(conn, message.event)

    @stock.on(ShipmentDispatched)
    async def dispatched(conn: Connection, message: Message[ShipmentDispatched]) -> None:
        await shipments.record_dispatch(conn, offices, message.context, message.event)

    @stock.on(ShipmentReceived)
    async def received(conn: Connection, message: Message[ShipmentReceived]) -> None:
        await shipments.record_receipt(conn, message.event)

    @stock.on(ShipmentCountCorrected)
    async def count_corrected(conn: Connection, message: Message[ShipmentCountCorrected]) -> None:
        await recounts.record_recount(conn, message.event)

    return stock
