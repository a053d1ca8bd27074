"""What inventory hears: prints take cards, some of which are destroyed; approvals ship them."""

from collections.abc import Sequence
from typing import Any

from services.inventory.usecases import shipments as usecases
from shared.connection import Connection
from shared.consuming import Consumer
from shared.envelope import Message
from shared.events import ALERTS, CASES, CardDestroyed, PrintCompleted, PrintSpoiled, ShipmentApproved
from shared.offices import Offices


def consumers(offices: Offices) -> list[Consumer]:
    """The consumer groups inventory.cases and inventory.alerts."""
    cases = Consumer("inventory", CASES, max_records=5000, members=2)
    alerts = Consumer("inventory", ALERTS)

    # The movement's unique event id is the inbox.
    @cases.on_batch(PrintCompleted, PrintSpoiled, own_inbox=True)
    async def printed(conn: Connection, messages: Sequence[Message[Any]]) -> int:
        return await usecases.take_prints(conn, offices, messages)

    @cases.on_batch(CardDestroyed, own_inbox=True)
    async def destroyed(conn: Connection, messages: Sequence[Message[CardDestroyed]]) -> int:
        return await usecases.destroy_cards(conn, offices, messages)

    @alerts.on_batch(ShipmentApproved)
    async def approved(conn: Connection, messages: Sequence[Message[ShipmentApproved]]) -> None:
        await usecases.ship(conn, offices, messages)

    return [cases, alerts]
