"""Publishing: an event goes to Kafka and, in the same transaction, is queued for the subscribed webhooks."""

from collections.abc import Sequence

from services.notify.domain.webhooks import event_body
from services.notify.store import deliveries
from shared.contract.envelope import MessageContext
from shared.contract.events import AlertEvent
from shared.contract.fields import StockLevel
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.messaging import outbox


async def publish(conn: Connection, context: MessageContext, events: Sequence[AlertEvent]) -> None:
    """Publish events to the other services."""
    await outbox.add(conn, "notify", context, events)


async def publish_to_subscribers(
    conn: Connection, context: MessageContext, level: StockLevel, event: AlertEvent
) -> None:
    """Publish an event, and queue it for each subscription to the province that wants alerts of this level."""
    await publish(conn, context, [event])
    message_id = new_id()
    body = event_body(event, message_id)
    await deliveries.add(conn, message_id, event.type_name(), body, event.province, level)
