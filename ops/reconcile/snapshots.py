"""What the four databases hold, each read in one snapshot."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from ops.reconcile.published import PublishedEvent
from ops.system.discovery import Reachable
from ops.system.services import SERVICES
from services.dispatch import maintenance as dispatch
from services.inventory import maintenance as inventory
from services.notify import maintenance as notify
from services.requests import maintenance as requests
from shared.database.connection import Session

QUESTIONS: Mapping[str, Mapping[str, str]] = {
    "requests": requests.KNOWN,
    "dispatch": dispatch.KNOWN,
    "inventory": inventory.KNOWN,
    "notify": notify.KNOWN,
}

# The names of the headers stand in the first line, their values in the lines after it.
_OUTBOX_EVENTS = """
select event_id, topic, key, sequence, recorded_at, split_part(headers, E'\\n',
    1 + array_position(string_to_array(split_part(headers, E'\\n', 1), ' '), 'ce_type')) as type
from outbox
"""
_CONSUMED = "select consumer, event_id from inbox"
_DEAD_LETTERED = """
select split_part(handler, '.', 1) || '.' || split_part(handler, '.', 2) as consumer, header ->> 1 as event_id
from dead_letter, jsonb_array_elements(headers) as header where header ->> 0 = 'ce_id'
    and pg_input_is_valid(header ->> 1, 'uuid')
"""
_HEADS = "select topic, key, sequence from stream"


@dataclass
class ServiceSnapshot:
    """One service: the events of its outbox, what each of its groups consumed or dead-lettered, the highest sequence
    of each key, and the results of its reconciliation queries."""

    outbox_events: dict[UUID, PublishedEvent] = field(default_factory=dict)
    consumed: set[tuple[str, UUID]] = field(default_factory=set)
    heads: dict[tuple[str, str], int] = field(default_factory=dict)
    answers: dict[str, dict[str, str]] = field(default_factory=dict)


Snapshots = Mapping[str, ServiceSnapshot]


async def read(system: Reachable) -> Snapshots:
    """All four. Raises one of TRANSIENT_ERRORS when a database is away."""
    read_all = (_read(system.dsn(name), QUESTIONS[name]) for name in SERVICES)
    return dict(zip(SERVICES, await asyncio.gather(*read_all), strict=True))


async def _read(dsn: str, questions: Mapping[str, str]) -> ServiceSnapshot:
    conn = await asyncpg.connect(dsn, timeout=10)
    try:
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            return await _database(conn, questions)
    finally:
        await conn.close()


async def _database(conn: Session, questions: Mapping[str, str]) -> ServiceSnapshot:
    found = ServiceSnapshot()
    for row in await conn.fetch(_OUTBOX_EVENTS):
        name = row["type"].split(".")[-2]
        fact = PublishedEvent(row["event_id"], name, row["topic"], row["key"], row["sequence"], row["recorded_at"])
        found.outbox_events[fact.id] = fact
    found.consumed = {(row["consumer"], row["event_id"]) for row in await conn.fetch(_CONSUMED)}
    found.consumed |= {(row["consumer"], UUID(row["event_id"])) for row in await conn.fetch(_DEAD_LETTERED)}
    found.heads = {(row["topic"], row["key"]): row["sequence"] for row in await conn.fetch(_HEADS)}
    for name, query in questions.items():
        rows = await conn.fetch(query)
        found.answers[name] = {str(row[0]): " ".join(str(each) for each in list(row)[1:]) for row in rows}
    return found
