"""Lists that are read, each within a wilayah: a prefix of whole segments of region codes."""
# ruff: noqa: S608  what is put into a statement are names of columns

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg

from services.dispatch.store import prints
from services.dispatch.store import visits as visit_store
from shared.contract.fields import ServiceCode
from shared.database.columns import qualified
from shared.database.connection import Connection


async def visits(
    conn: Connection, office: str, wilayah: str, start: datetime, end: datetime, team: str | None
) -> list[asyncpg.Record]:
    """Visits that start in a span of time and were not cancelled, by start."""
    return await conn.fetch(
        "select visit_id, case_id, kelurahan, team, starts_at, ends_at, outcome from visit"
        " where office = $1 and ($2 = '' or kelurahan = $2 or starts_with(kelurahan, $2 || '.'))"
        " and state in ('planned', 'done') and starts_at >= $3 and starts_at < $4"
        " and ($5::text is null or team = $5) order by starts_at, team",
        *(office, wilayah, start, end, team),
    )


async def visits_of(conn: Connection, case_id: UUID) -> list[asyncpg.Record]:
    """All visits of a case, by start."""
    return await conn.fetch(
        f"select {visit_store.COLUMNS} from visit where case_id = $1 order by starts_at, visit_id", case_id
    )


async def prints_of(conn: Connection, case_id: UUID) -> list[asyncpg.Record]:
    """All attempts to print for a case, and which of its cards were destroyed."""
    return await conn.fetch(
        f"select {qualified('a', prints.COLUMNS)}, d.cause as destroyed, d.at as destroyed_at from print_attempt a"
        " left join destroyed_card d on d.print_id = a.print_id where a.case_id = $1 order by a.at, a.print_id",
        case_id,
    )


async def waiting(conn: Connection, office: str, wilayah: str, limit: int) -> list[asyncpg.Record]:
    """Cases without a visit, those that wait longest first."""
    return await conn.fetch(
        "select case_id, kelurahan, service, urgency, accepted_at, attempts, deferred as reason from cases"
        " where office = $1 and ($2 = '' or kelurahan = $2 or starts_with(kelurahan, $2 || '.'))"
        " and stage in ('accepted', 'visited')"
        " order by accepted_at, filed_at, position, case_id limit $3",
        *(office, wilayah, limit),
    )


async def print_queue(
    conn: Connection, office: str, wilayah: str, allowed: Iterable[ServiceCode], limit: int
) -> list[asyncpg.Record]:
    """PRR cases that may be printed now: first-timers first, then by when their PRR was received."""
    return await conn.fetch(
        "select case_id, kelurahan, service, print_ready_at from cases left join print_turn using (case_id)"
        " where office = $1 and ($2 = '' or kelurahan = $2 or starts_with(kelurahan, $2 || '.'))"
        " and stage = 'print_ready' and not on_hold"
        " and service = any($3::text[])"
        " order by (service = 'first') desc, coalesce(since, print_ready_at), filed_at, position, case_id limit $4",
        *(office, wilayah, sorted(allowed), limit),
    )


async def printable(conn: Connection, office: str, wilayah: str) -> tuple[int, int]:
    """PRR cases of an office, and how many of them are on hold."""
    row = await conn.fetchrow(
        "select count(*) as ready, count(*) filter (where on_hold) as held from cases"
        " where office = $1 and ($2 = '' or kelurahan = $2 or starts_with(kelurahan, $2 || '.'))"
        " and stage = 'print_ready'",
        *(office, wilayah),
    )
    assert row is not None
    return row["ready"], row["held"]


async def count_to_print(conn: Connection) -> dict[tuple[str, str], float]:
    """PRR cases by office and whether they are on hold."""
    rows = await conn.fetch(
        "select office, on_hold, count(*) as n from cases where stage = 'print_ready' group by office, on_hold"
    )
    return {(row["office"], "yes" if row["on_hold"] else "no"): float(row["n"]) for row in rows}


async def count_to_visit(conn: Connection) -> dict[tuple[str], float]:
    """Cases without a visit by office."""
    rows = await conn.fetch(
        "select office, count(*) as n from cases where stage in ('accepted', 'visited') group by office"
    )
    return {(row["office"],): float(row["n"]) for row in rows}
