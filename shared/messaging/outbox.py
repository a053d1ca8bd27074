"""The transactional outbox: a fact is written with the state change it tells of, or not at all."""

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

# One statement: the stream's upsert locks the aggregate before the insert draws an id. Without that order a
# second writer of the same key could draw a smaller id and commit later, and the relay would swap the two.
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
), told as (
    insert into outbox (topic, partition, key, event_id, sequence, headers, value)
    select topic, partition, key, event_id, sequence, headers, value from placed order by n
    returning id
)
select id from told
"""


@lru_cache(maxsize=65_536)
def partition_of(key: str) -> int:
    """The partition that Kafka's default partitioner gives a key."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS


async def add(conn: Connection, source: str, cause: MessageContext, events: Sequence[Event]) -> None:
    """Write events on the caller's connection, inside its transaction: all of them or none.

    `source` is the service that states the facts. Raises RuntimeError outside `Database.transaction`.
    """
    if not events:
        return
    ids = outbox_ids.get(None)
    if ids is None:
        raise RuntimeError("outbox.add belongs inside Database.transaction()")
    rows = [_row(event, source, cause) for event in events]
    ids += [row["id"] for row in await conn.fetch(_INSERT, *map(list, zip(*rows, strict=True)))]


def _row(event: Event, source: str, cause: MessageContext) -> tuple[str, str, int, UUID, str, str]:
    if event.topic.publisher not in (source, None):
        raise RuntimeError(f"{source} may not state {type(event).__name__}")
    # What a tick states of many stories is in the tick's trace.
    cause = cause if cause.traceparent else replace(cause, traceparent=current_traceparent())
    event_id = new_id()
    headers, value = encode(event, id=event_id, source=source, cause=cause)
    key = event.key
    return event.topic.name, key, partition_of(key), event_id, headers, value
