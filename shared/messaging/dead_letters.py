"""Setting a record aside: a row of `dead_letter` and its announcement, in the transaction of its batch."""

import json
from uuid import UUID

import structlog
from aiokafka import ConsumerRecord

from shared.contract.envelope import InvalidRecord, MessageContext
from shared.contract.events import MessageDeadLettered, Topic
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.system_clock import utc_now

log = structlog.get_logger()

MAX_KEPT_BYTES = 16 * 1024 * 1024
"""Bytes of its value that are kept: all of what a consumer reads, and of what fits a topic uncompressed. A record may
be larger once it is decompressed; what is left out is in its topic, as long as that keeps it."""
_MOST = 50
"""Headers that are kept as text too."""

_LETTER = """
insert into dead_letter (id, handler, topic, partition, "offset", key, headers, value, size, reason, detail)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning id
"""
_HEADERS = "insert into dead_letter_headers (id, names, contents) values ($1, $2, $3)"


async def store(
    conn: Connection,
    service: str,
    topic: Topic,
    handler: str,
    record: ConsumerRecord[bytes, bytes],
    poison: InvalidRecord,
    cause: MessageContext,
) -> bool:
    """Set a record aside that `handler` cannot apply; False when it was before.

    It must not fail on what the record holds, or the partition would stop for ever: bytes are kept as bytes, text is
    made storable, and no index depends on the length of either.
    """
    dead_letter_id = new_id()
    if not await _store(conn, dead_letter_id, handler, record, poison):
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


async def _store(
    conn: Connection,
    letter_id: UUID,
    handler: str,
    record: ConsumerRecord[bytes, bytes],
    poison: InvalidRecord,
) -> bool:
    readable = [[_storable(name), _storable(content)] for name, content in record.headers[:_MOST]]
    value = None if record.value is None else record.value[:MAX_KEPT_BYTES]
    inserted = await conn.fetchval(
        _LETTER,
        *(letter_id, handler, record.topic, record.partition, record.offset, record.key),
        *(json.dumps(readable), value, len(record.value or b"")),
        *(poison.reason, _storable(poison.detail)),
    )
    if inserted is None:
        return False
    names = [name.encode(errors="surrogatepass") for name, _ in record.headers]
    await conn.execute(_HEADERS, letter_id, names, [content for _, content in record.headers])
    return True


def _storable(text: str | bytes | None) -> str:
    """At most 1,000 characters, without what PostgreSQL refuses in a text: NUL and lone surrogates."""
    decoded = text if isinstance(text, str) else (text or b"").decode(errors="replace")
    return decoded[:1000].replace("\0", "?").encode(errors="replace").decode()
