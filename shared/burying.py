"""Setting a record aside: a row of `dead_letter` and its announcement, in the transaction of its batch."""

import json

import structlog
from aiokafka import ConsumerRecord

from shared import outbox
from shared.connection import Connection
from shared.envelope import Cause, Poison
from shared.events import MessageDeadLettered, Topic
from shared.ids import new_id
from shared.wall import utc_now

log = structlog.get_logger()

KEPT = 64 * 1024
"""Bytes of its value that are kept."""


async def bury(
    conn: Connection,
    service: str,
    topic: Topic,
    handler: str,
    record: ConsumerRecord[bytes, bytes],
    poison: Poison,
    cause: Cause,
) -> bool:
    """Set a record aside that `handler` cannot apply; False when it was before."""
    dead_letter_id, value = new_id(), record.value or b""
    headers = [[_storable(name), _storable(content)] for name, content in record.headers[:50]]
    inserted = await conn.fetchval(
        "insert into dead_letter"
        ' (id, handler, topic, partition, "offset", key, headers, value, size, reason, detail)'
        " values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11) on conflict do nothing returning id",
        *(dead_letter_id, handler, record.topic, record.partition, record.offset, record.key),
        *(json.dumps(headers), value[:KEPT], len(value)),
        *(poison.reason, _storable(poison.detail)),
    )
    if inserted is None:
        return False
    log.warning("dead letter", handler=handler, reason=poison.reason, id=str(dead_letter_id))
    announcement = MessageDeadLettered(
        at=utc_now(),
        dead_letter_id=dead_letter_id,
        service=service,
        source_topic=topic.name,
        partition=record.partition,
        offset=record.offset,
        handler=handler,
        reason=poison.reason,
    )
    await outbox.add(conn, service, cause, [announcement])
    return True


def _storable(text: str | bytes | None) -> str:
    """At most 1,000 characters, without the NUL that PostgreSQL refuses."""
    decoded = text if isinstance(text, str) else (text or b"").decode(errors="replace")
    return decoded[:1000].replace("\0", "?")
