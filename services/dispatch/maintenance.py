"""What the operator's tools read in the tables of dispatch. Ids, codes and times only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg

from services.dispatch.store.prints import COLUMNS
from shared.database.connection import Session

KNOWN = {
    "requests": "select request_id, kelurahan, to_char(min(filed_at), 'YYYY-MM-DD HH24:MI'), count(*) || ' cases'"
    " from cases where stage not in ('handed_over', 'rejected', 'cancelled') group by request_id, kelurahan",
    "cases": "select case_id, stage from cases",
    "prints": "select print_id, case_id, kind, station, serial from print_attempt",
    "destroyed": "select print_id, case_id, cause from destroyed_card",
    "rationing": "select office, state_version, active from rationing",
    "told of requests": "select request_id, max(greatest(position, told)) from cases group by request_id",
}
"""For reconciliation, by question: a query whose first column is an id, the rest what else is known of it."""
_WAITING = """
select request_id, max(greatest(position, told)) as position from cases group by request_id
having bool_and(stage not in ('recorded', 'print_ready', 'printed'))
    and bool_or(stage not in ('rejected', 'cancelled', 'handed_over'))
"""
# An outbox row has no index by event: $2 and $3 bound the time at which it was written.
_REQUEST_OF = """
select request_id::text as request from cases where case_id = $1
union all select c.request_id::text from visit v join cases c using (case_id) where v.visit_id = $1
union all select c.request_id::text from print_attempt p join cases c using (case_id) where p.print_id = $1
union all select c.request_id::text from outbox o join cases c on c.case_id::text = o.key
where o.event_id = $1 and o.recorded_at between $2 and $3 and o.topic = 'cases'
"""
_BY_CORRELATION = "select request_id::text as request from cases where story = $1 limit 1"
_CONSUMED = """
select event_id, received_at from inbox where consumer = 'dispatch.requests' and event_id = any($1)
"""
_KIND = "case kind when 'printed' then 'print' else 'spoil' end"
_PRINT_DAYS = f"""
select (at at time zone 'UTC')::date as day, {_KIND} as kind, count(*) as n,
    bit_xor(hashtextextended(print_id::text, 0)) as mix
from print_attempt group by 1, 2
"""  # noqa: S608  (a constant)
_PRINTS_OF_DAY = f"select print_id, {_KIND} as kind from print_attempt where at >= $1 and at < $2"  # noqa: S608


@dataclass(frozen=True)
class CaseRows:
    """What dispatch knows of some cases."""

    known: frozenset[UUID]
    prints: Sequence[asyncpg.Record]
    consumed: Mapping[UUID, datetime]
    """By event of requests, when it was consumed."""


async def waiting_requests(conn: Session) -> dict[UUID, int]:
    """Requests with an open case of which none was recorded yet: the highest sequence known of each."""
    return {row["request_id"]: row["position"] for row in await conn.fetch(_WAITING)}


async def request_of(conn: Session, wanted: UUID, written: tuple[datetime, datetime]) -> str | None:
    """The request that a case, visit, print, or an event written in this span belongs to; None if none does."""
    found: str | None = await conn.fetchval(_REQUEST_OF, wanted, *written)
    return found


async def request_of_correlation(conn: Session, correlation_id: UUID) -> str | None:
    """A request of this correlation; None if there is none."""
    found: str | None = await conn.fetchval(_BY_CORRELATION, correlation_id)
    return found


async def rows_of(conn: Session, case_ids: Sequence[UUID], event_ids: Sequence[UUID]) -> CaseRows:
    """What is known of these cases, and which of these events were consumed."""
    cases = await conn.fetch("select case_id from cases where case_id = any($1)", case_ids)
    return CaseRows(
        frozenset(row["case_id"] for row in cases),
        await conn.fetch(f"select {COLUMNS} from print_attempt where case_id = any($1)", case_ids),  # noqa: S608
        {row["event_id"]: row["received_at"] for row in await conn.fetch(_CONSUMED, event_ids)},
    )


async def print_days(conn: Session) -> dict[tuple[date, str], tuple[int, int]]:
    """By day (UTC) and kind (print, spoil): how many print attempts, and a hash of their ids in any order."""
    return {(row["day"], row["kind"]): (row["n"], row["mix"]) for row in await conn.fetch(_PRINT_DAYS)}


async def prints_of_day(conn: Session, day: date) -> dict[UUID, str]:
    """The kind of each print attempt of a day (UTC)."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rows = await conn.fetch(_PRINTS_OF_DAY, start, start + timedelta(days=1))
    return {row["print_id"]: row["kind"] for row in rows}
