"""The inbox: each consumer takes each event once, whatever Kafka delivers."""

from collections.abc import Sequence
from uuid import UUID

from shared.database.connection import Connection

# An insert that yields to a row already there, never a look before a leap: two deliveries at once are safe.
_FIRST = """
insert into inbox (consumer, event_id)
select $1, event_id from unnest($2::uuid[]) as t(event_id) order by event_id
on conflict do nothing returning event_id
"""


async def claim_new(conn: Connection, consumer: str, event_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the ids that this consumer never took before; now it has, once the transaction commits."""
    return {row["event_id"] for row in await conn.fetch(_FIRST, consumer, event_ids)}
