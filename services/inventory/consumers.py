"""What inventory consumes: prints and destroyed cards of dispatch, and the shipments that notify approves.

The handlers' names are the labels of metrics, and the groups' names those of committed offsets: both stay.
"""

from collections.abc import Sequence
from typing import Any

from services.inventory.usecases import prints, shipments
from shared.contract.envelope import Message
from shared.contract.events import ALERTS, CASES, CardDestroyed, PrintCompleted, PrintSpoiled, ShipmentApproved
from shared.database.connection import Connection
from shared.messaging.consumer import Consumer
from shared.reference.offices import Offices


def consumers(offices: Offices) -> list[Consumer]:
    """The consumer groups inventory.cases and inventory.alerts."""
    return [_cases(offices), _alerts(offices)]


def _cases(offices: Offices) -> Consumer:
    cases = Consumer("inventory", CASES, max_records=5000, members=2)

    # The movement's unique event id is the inbox.
    @cases.on_batch(PrintCompleted, PrintSpoiled, own_inbox=True)
    async def printed(conn: Connection, messages: Sequence[Message[Any]]) -> int:
        return await prints.record_prints(conn, offices, messages)

    @cases.on_batch(CardDestroyed, own_inbox=True)
    async def destroyed(conn: Connection, messages: Sequence[Message[CardDestroyed]]) -> int:
        return await prints.record_destroyed_cards(conn, offices, messages)

    return cases


def _alerts(offices: Offices) -> Consumer:
    alerts = Consumer("inventory", ALERTS)

    @alerts.on_batch(ShipmentApproved)
    async def approved(conn: Connection, messages: Sequence[Message[ShipmentApproved]]) -> None:
        await shipments.ship_approved(conn, offices, messages)

    return alerts
