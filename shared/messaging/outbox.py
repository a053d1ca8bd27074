"""The transactional outbox: an event is written in the same transaction as the state change that it describes."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from uuid import UUID

from aiokafka.partitioner import murmur2

from shared.contract.envelope import MessageContext, current_traceparent, encode
from shared.contract.events import PARTITIONS, Event
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.database.pool import outbox_ids

# One statement: the upsert of `stream` locks the aggregate before the insert draws an id. In another order a second
# writer of the same key could draw a smaller id and commit later, and the relay would swap the two events.
_INSERT = """
with event as (
    select * from unnest($1::text[], $2::text[], $3::smallint[], $4::uuid[], $5::text[], $6::text[])
        with ordinality as t(topic, key, partition, event_id, headers, value, n)
), head as (
    insert into stream as s (topic, key, sequence)
    select topic, key, count(*) from event group by topic, key order by topic, key
    on conflict (topic, key) do update set sequence = s.sequence + excluded.sequence
    returning topic, key, sequence
), placed as (
    select e.*, h.sequence - count(*) over same_key + row_number() over (same_key order by e.n) as sequence
    from event e join head h using (topic, key)
    window same_key as (partition by e.topic, e.key)
), added as (
    insert into outbox (topic, partition, key, event_id, sequence, headers, value)
    select topic, partition, key, event_id, sequence, headers, value from placed order by n
    returning id
)
select id from added
"""


@lru_cache(maxsize=65_536)
def partition_of(key: str) -> int:
    """The partition of a key, as Kafka's default partitioner computes it."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS


async def add(conn: Connection, source: str, context: MessageContext, events: Sequence[Event]) -> None:
    """Write events on the caller's connection, inside its transaction: all of them or none.

    `source` is the service that publishes the events. Raises RuntimeError outside `Database.transaction`, and when
    another service publishes to the topic.
    """
    if not events:
        return
    ids = outbox_ids.get(None)
    if ids is None:
        raise RuntimeError("outbox.add belongs inside Database.transaction()")
    rows = [_row(event, source, context) for event in events]
    ids += [row["id"] for row in await conn.fetch(_INSERT, *map(list, zip(*rows, strict=True)))]


def _row(event: Event, source: str, context: MessageContext) -> tuple[str, str, int, UUID, str, str]:
    if event.topic.publisher not in (source, None):
        raise RuntimeError(f"{source} may not state {type(event).__name__}")
    # Events of a tick keep the correlation ids of their requests, and belong to the tick's trace.
    context = context if context.traceparent else replace(context, traceparent=current_traceparent())
    event_id = new_id()
    headers, value = encode(event, id=event_id, source=source, context=context)
    key = event.key
    return event.topic.name, key, partition_of(key), event_id, headers, value
