"""Kafka records made by hand, for feeding a consumer without a broker."""

import itertools
from collections.abc import Sequence
from uuid import UUID

from aiokafka import ConsumerRecord

from shared.contract.envelope import MessageContext, encode, split_headers
from shared.contract.events import Event
from shared.contract.ids import new_id
from shared.messaging.outbox import partition_of

_offsets = itertools.count()


def attributes(folded: str) -> dict[str, str]:
    """The headers of an outbox row, by name."""
    return {name: value.decode() for name, value in split_headers(folded.encode())}


def record(
    event: Event,
    *,
    sequence: int = 1,
    event_id: UUID | None = None,
    context: MessageContext | None = None,
    value: bytes | None = None,
    headers: Sequence[tuple[str, bytes]] | None = None,
) -> ConsumerRecord:
    """The record that a relay would send for this event; `value` and `headers` replace what it would hold."""
    folded, content = encode(
        event,
        id=event_id or new_id(),
        source=event.topic.publisher or "test",
        context=context or MessageContext.new(),
    )
    sent = (
        [*split_headers(folded.encode()), ("ce_sequence", str(sequence).encode())]
        if headers is None
        else list(headers)
    )
    return ConsumerRecord(
        topic=event.topic.name,
        partition=partition_of(event.key),
        offset=next(_offsets),
        timestamp=0,
        timestamp_type=0,
        key=event.key.encode(),
        value=content.encode() if value is None else value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=sent,
    )
