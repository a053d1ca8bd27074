"""The inbox: each consumer group processes each event once, however often Kafka delivers it."""

from collections.abc import Sequence
from uuid import UUID

from shared.database.connection import Connection

# The insert itself detects the conflict, without a check before it: two concurrent deliveries are safe.
_CLAIM = """
insert into inbox (consumer, event_id)
select $1, event_id from unnest($2::uuid[]) as t(event_id) order by event_id
on conflict do nothing returning event_id
"""


async def claim_new(conn: Connection, consumer: str, event_ids: Sequence[UUID]) -> set[UUID]:
    """Record the events as processed by this consumer. Returns the ids that it had not processed before."""
    return {row["event_id"] for row in await conn.fetch(_CLAIM, consumer, event_ids)}
