"""Telling: each fact goes to Kafka and, in the same transaction, on its way to those who subscribed."""

from collections.abc import Sequence

from services.notify.domain.webhooks import content
from services.notify.store import deliveries
from shared import outbox
from shared.connection import Connection
from shared.envelope import Cause
from shared.events import AlertEvent
from shared.fields import StockLevel
from shared.ids import new_id


async def state(conn: Connection, cause: Cause, events: Sequence[AlertEvent]) -> None:
    """State facts to the other services."""
    await outbox.add(conn, "notify", cause, events)


async def tell(conn: Connection, cause: Cause, level: StockLevel, event: AlertEvent) -> None:
    """State a fact, and send it to every subscription to the province that wants alerts of this level."""
    await state(conn, cause, [event])
    message_id = new_id()
    body = content(event, message_id)
    await deliveries.add(conn, message_id, event.type_name(), body, event.province, level)
