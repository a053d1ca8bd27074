"""What the operator's tools read and change in the tables of inventory. Ids, codes and times only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg

from services.inventory.domain import levels
from services.inventory.domain.levels import Stock
from services.inventory.store import stock
from shared import clock
from shared.contract.envelope import MessageContext
from shared.database.connection import Connection, Session
from shared.messaging import outbox

KNOWN = {
    "prints": "select print_id, place, kind, serial, at from movement where print_id is not null",
    "destroyed": "select left(reference, 36), place, at from movement where target like '%:destroyed'",
    "approved": "select id, office, approved from shipment",
    "dispatched": "select id, office, dispatched from shipment where dispatched is not null",
    "received": "select id, office, received from shipment where received is not null",
    "offices": "select office, level, crossing, state_version, rationing from office_stock",
    "reports": "select distinct office || ' ' || day from report",
}
"""For reconciliation, by question: a query whose first column is an id, the rest what else is known of it."""
_PRINT_DAYS = """
select (at at time zone 'UTC')::date as day, kind::text, count(*) as n,
    bit_xor(hashtextextended(print_id::text, 0)) as mix
from movement where print_id is not null group by 1, 2
"""
_PRINTS_OF_DAY = """
select print_id, kind::text from movement where print_id is not null and at >= $1 and at < $2
"""
_MOVEMENTS = "select print_id, event_id, source, recorded_at from movement where print_id = any($1)"
_DESTRUCTIONS = """
select event_id, recorded_at from movement where target like '%:destroyed' and left(reference, 36) = any($1)
"""
_PRINT_OF_EVENT = "select print_id from movement where event_id = $1 and print_id is not null"
_SEVERITY = ("ok", "low", "critical", "out")


@dataclass(frozen=True)
class KnownOffice:
    """What other services know of an office's counters."""

    level: str = "ok"
    crossing: int = 0
    state_version: int = 0
    rationing: str | None = None
    """None while nobody knows."""


async def print_days(conn: Session) -> dict[tuple[date, str], tuple[int, int]]:
    """By day (UTC) and kind (print, spoil): how many movements of prints, and a hash of their ids in any order."""
    return {(row["day"], row["kind"]): (row["n"], row["mix"]) for row in await conn.fetch(_PRINT_DAYS)}


async def prints_of_day(conn: Session, day: date) -> dict[UUID, str]:
    """The kind of each print that has a movement on a day (UTC)."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rows = await conn.fetch(_PRINTS_OF_DAY, start, start + timedelta(days=1))
    return {row["print_id"]: row["kind"] for row in rows}


async def movements_of(conn: Session, print_ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    """The movement of each of these prints."""
    return {row["print_id"]: row for row in await conn.fetch(_MOVEMENTS, print_ids)}


async def destructions_of(conn: Session, print_ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    """By event: the movements of those of these cards that were destroyed."""
    rows = await conn.fetch(_DESTRUCTIONS, [str(print_id) for print_id in print_ids])
    return {row["event_id"]: row for row in rows}


async def print_of_event(conn: Session, event_id: UUID) -> UUID | None:
    """The print that an event told of; None if there is none."""
    found: UUID | None = await conn.fetchval(_PRINT_OF_EVENT, event_id)
    return found


def level_differs(own: str, known_elsewhere: str) -> bool:
    """Whether the province knows a wrong level. A level that eases short of a recovery is not published."""
    own_severity, known_severity = _SEVERITY.index(own), _SEVERITY.index(known_elsewhere)
    return own_severity > known_severity or (own == "ok" and known_elsewhere != "ok")


async def advance_offices(conn: Connection, offices: Mapping[str, KnownOffice]) -> int:
    """Raise the counters of restored offices to what others know, and publish anew what others know wrongly.

    Returns how many offices changed.
    """
    at = await clock.business_time(conn)
    changed = 0
    for office, elsewhere in sorted(offices.items()):
        before = await stock.lock(conn, office)
        if before is not None:
            changed += await _advance_office(conn, before, elsewhere, at)
    return changed


async def _advance_office(conn: Connection, before: Stock, elsewhere: KnownOffice, at: datetime) -> bool:
    version = elsewhere.state_version
    base = replace(
        before,
        crossing=max(before.crossing, elsewhere.crossing),
        state_version=max(before.state_version, version),
    )
    rationing_differs = elsewhere.rationing not in (None, str(before.rationing))
    stale = version > before.state_version or (version == before.state_version and rationing_differs)
    after = replace(
        base,
        crossing=base.crossing + level_differs(before.level, elsewhere.level),
        state_version=base.state_version + stale,
    )
    if after == before:
        return False
    await stock.save(conn, after)
    await outbox.add(conn, "inventory", MessageContext.new(), levels.announcements(base, after, at))
    return True
