"""Daily figures and reports, and the ledger as it is read."""
# ruff: noqa: S608  what is put into a statement are names of columns

from collections.abc import Sequence
from datetime import date, datetime

import asyncpg

from services.inventory.domain.reports import DailyReport, DayFigures
from shared.database.connection import Connection

_COLUMNS = "office, day, revision, opening, received, printed, spoiled, closing, told_at"


async def changed_days(conn: Connection) -> dict[str, list[date]]:
    """By office, the days that changed since they were last compared with their report, earliest first."""
    rows = await conn.fetch("select office, day from office_day where changed order by office, day")
    found: dict[str, list[date]] = {}
    for row in rows:
        found.setdefault(row["office"], []).append(row["day"])
    return found


async def days(conn: Connection, office: str, start: date, due: date) -> tuple[int, list[DayFigures]]:
    """Cards on hand at the beginning of `start`, and what each day from then to `due` did to them."""
    opening = await conn.fetchval(
        "select coalesce(sum(received - printed - spoiled), 0)::bigint from office_day"
        " where office = $1 and day < $2",
        *(office, start),
    )
    rows = await conn.fetch(
        "select day, received, printed, spoiled from office_day"
        " where office = $1 and day between $2 and $3 order by day",
        *(office, start, due),
    )
    return opening, [DayFigures(**row) for row in rows]


async def published(conn: Connection, office: str, start: date) -> dict[date, DailyReport]:
    """The latest published revision of each report from `start` on, by day."""
    rows = await conn.fetch(
        f"select distinct on (day) {_COLUMNS} from report where office = $1 and day >= $2"
        " order by day, revision desc",
        *(office, start),
    )
    return {row["day"]: _report(row) for row in rows}


def _report(row: asyncpg.Record) -> DailyReport:
    figures = DayFigures(row["day"], row["received"], row["printed"], row["spoiled"])
    return DailyReport(row["office"], figures, row["opening"], row["revision"])


async def save(conn: Connection, reports: Sequence[DailyReport], at: datetime) -> None:
    """Store reports that are published at `at`."""
    await conn.executemany(
        "insert into report (office, day, revision, opening, received, printed, spoiled, closing, told_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            (r.office, d.day, r.revision, r.opening, d.received, d.printed, d.spoiled, r.closing, at)
            for r in reports
            for d in [r.figures]
        ],
    )


async def mark_compared(conn: Connection, office: str, due: date) -> None:
    """The reports up to `due` are published. Call it under the office's lock, or a change is missed."""
    await conn.execute(
        "update office_day set changed = false where office = $1 and day <= $2 and changed", office, due
    )


async def first_day(conn: Connection, office: str) -> date | None:
    """The first day with a movement that the reports count."""
    day: date | None = await conn.fetchval("select min(day) from office_day where office = $1", office)
    return day


async def rationed(conn: Connection, office: str, start: date, last: date) -> set[date]:
    """The days from `start` to `last` on which prints were rationed."""
    rows = await conn.fetch(
        "select day from rationed_day where office = $1 and day between $2 and $3", office, start, last
    )
    return {row["day"] for row in rows}


async def add_rationed_days(conn: Connection, office: str, start: date, last: date) -> None:
    """Store that prints were rationed on each day from `start` to `last`."""
    await conn.execute(
        "insert into rationed_day (office, day) select $1, $2 + n from generate_series(0, $3::date - $2::date) as n"
        " on conflict do nothing",
        *(office, start, last),
    )


async def latest(conn: Connection, office: str, before: date, limit: int) -> list[DailyReport]:
    """The latest revision of each day before `before`, newest first."""
    rows = await conn.fetch(
        f"select distinct on (day) {_COLUMNS} from report where office = $1 and day < $2"
        " order by day desc, revision desc limit $3",
        *(office, before, limit),
    )
    return [_report(row) for row in rows]


async def ledger(conn: Connection, office: str, after: int, limit: int) -> list[asyncpg.Record]:
    """Movements of an office after a ledger id, in the order of the ledger."""
    return await conn.fetch(
        "select id, place, day, at, kind, source, target, quantity, event_id, print_id, serial, reference,"
        " recorded_at from movement where place = $1 and id > $2 order by id limit $3",
        *(office, after, limit),
    )
