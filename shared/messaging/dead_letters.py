"""Dead-letters a record: a row of `dead_letter` and its event, in the transaction of the batch."""

import json
from typing import NamedTuple
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
"""Largest stored part of a value, in bytes: more than a consumer reads. A decompressed record may be larger; the rest
is in the topic, for as long as the topic keeps the record."""
MAX_TEXT_HEADERS = 50
"""Headers that are stored as text too."""

_INSERT_LETTER = """
insert into dead_letter (id, handler, topic, partition, "offset", key, headers, value, size, reason, detail)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning id
"""
_INSERT_HEADERS = "insert into dead_letter_headers (id, names, contents) values ($1, $2, $3)"


class Rejection(NamedTuple):
    """Why a service cannot apply a record: the topic, the handler, and the reason."""

    service: str
    topic: Topic
    handler: str
    invalid: InvalidRecord


async def store(
    conn: Connection, rejection: Rejection, record: ConsumerRecord[bytes, bytes], context: MessageContext
) -> bool:
    """Store a record as a dead letter. Returns False when the same handler has stored it before.

    This must not fail whatever the record contains, or its partition would block for ever. So bytes are stored as
    bytes, text is made storable, and no index depends on the length of either.
    """
    letter_id = new_id()
    reason = rejection.invalid.reason
    if not await _insert(conn, letter_id, rejection, record):
        return False
    log.warning("dead letter", handler=rejection.handler, reason=reason, id=str(letter_id))
    event = MessageDeadLettered(
        at=utc_now(),
        dead_letter_id=letter_id,
        service=rejection.service,
        source_topic=rejection.topic.name,
        partition=record.partition,
        offset=record.offset,
        handler=rejection.handler,
        reason=reason,
    )
    await outbox.add(conn, rejection.service, context, [event])
    return True


async def _insert(
    conn: Connection, letter_id: UUID, rejection: Rejection, record: ConsumerRecord[bytes, bytes]
) -> bool:
    headers = [[_storable(name), _storable(content)] for name, content in record.headers[:MAX_TEXT_HEADERS]]
    value = None if record.value is None else record.value[:MAX_KEPT_BYTES]
    inserted = await conn.fetchval(
        _INSERT_LETTER,
        *(letter_id, rejection.handler, record.topic, record.partition, record.offset, record.key),
        *(json.dumps(headers), value, len(record.value or b"")),
        *(rejection.invalid.reason, _storable(rejection.invalid.detail)),
    )
    if inserted is None:
        return False
    names = [name.encode(errors="surrogatepass") for name, _ in record.headers]
    await conn.execute(_INSERT_HEADERS, letter_id, names, [content for _, content in record.headers])
    return True


def _storable(text: str | bytes | None) -> str:
    """At most 1,000 characters, without what a PostgreSQL text cannot hold: NUL and lone surrogates."""
    decoded = text if isinstance(text, str) else (text or b"").decode(errors="replace")
    return decoded[:1000].replace("\0", "?").encode(errors="replace").decode()
