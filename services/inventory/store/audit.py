"""Errors that the ledger shows beside its sums: accounts below zero, and reports that do not follow one another."""

from dataclasses import dataclass
from datetime import date

from shared.database.connection import Connection

# Rooms, trays and what is on the road are things; `outside` is not, and stands below zero by design.
_NEGATIVE = """
select name, balance from account where balance < 0 and kind in ('provincial_store', 'office_store', 'tray',
    'in_transit', 'printed', 'spoiled') order by name
"""
# A report is compared once its day is published; from an office's first changed day on, corrections are due.
_REPORTS = """
with latest as (
    select distinct on (office, day) office, day, opening, received, printed, spoiled, closing
    from report order by office, day, revision desc
), pending as (
    select office, min(day) as day from office_day where changed group by office
), told as (
    select l.*, lag(l.closing) over w as before
    from latest l window w as (partition by l.office order by l.day)
), moved as (
    select office, day, received, printed, spoiled, sum(received - printed - spoiled) over w as closing
    from office_day window w as (partition by office order by day)
)
select t.office, t.day, 'closing' as what, t.closing as told,
    t.opening + t.received - t.printed - t.spoiled as counted
from told t where t.opening + t.received - t.printed - t.spoiled <> t.closing
union all
select t.office, t.day, 'opening', t.opening, t.before from told t
where t.before <> t.opening
  and not exists (select from pending p where p.office = t.office and p.day <= t.day)
union all
select t.office, t.day, f.what, f.told, f.counted
from told t left join moved m using (office, day)
cross join lateral (values ('received', t.received, coalesce(m.received, 0)),
    ('printed', t.printed, coalesce(m.printed, 0)), ('spoiled', t.spoiled, coalesce(m.spoiled, 0)),
    ('closing of the days', t.closing, coalesce(m.closing, t.closing)::bigint)) as f(what, told, counted)
where f.told <> f.counted and not exists (select from pending p where p.office = t.office and p.day <= t.day)
order by 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Misreported:
    """A figure of an office's latest report of a day, and what it should be."""

    office: str
    day: date
    what: str
    told: int
    counted: int


async def negative(conn: Connection) -> dict[str, int]:
    """Accounts of real cards that stand below zero: a movement was never recorded."""
    return {row["name"]: row["balance"] for row in await conn.fetch(_NEGATIVE)}


async def misreported(conn: Connection) -> list[Misreported]:
    """Reports that do not balance, do not follow the day before, or are not what the days say."""
    return [Misreported(**row) for row in await conn.fetch(_REPORTS)]
