"""Limits that pass with business time. What is due is taken off in the statement that finds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.requests.domain.stages import OPEN, UNPRINTED
from shared.contract.fields import Stage
from shared.database.connection import Connection


def late(limits: str) -> str:
    """What is late: who is not done with a stage whose limit passed. The one place that says so, as SQL.

    `limits` and the query both have `request_id` and `stage`; it has a row for each open case past a limit, and for
    each drive whose list did not come. The legal clock of an accepted letter runs until no card is left to print;
    what waits for a 17th birthday does not count.
    """
    return f"""
        select o.request_id, o.stage from {limits} o join case_file c on c.request_id = o.request_id
        where c.stage in ({_OPEN}) and case o.stage
            when 'accepted' then c.stage in ({_UNPRINTED}) and not c.print_on_hold
            when 'print_ready' then c.stage = 'print_ready' and not c.print_on_hold
            else c.stage = o.stage
        end
        union all
        select o.request_id, o.stage from {limits} o join request r on r.id = o.request_id
        where r.stage = 'filed' and o.stage = 'filed'
        and not exists (select from case_file c where c.request_id = r.id)
    """  # noqa: S608  our own words


_OPEN, _UNPRINTED = (", ".join(f"'{stage}'" for stage in stages) for stages in (OPEN, UNPRINTED))
LATE = late("overdue")
_LETTERS = f"""
with due as (
    select id as request_id, office, stage, due_at from request where due_at <= $1 order by id for update
), taken as (
    update request r set due_at = null from due where r.id = due.request_id
)
select request_id, office, stage, due_at from due
where request_id in (select request_id from ({late("due")}) late) order by request_id
"""  # noqa: S608  our own words
# A case by its own row, as it is under the lock. A print that waits for a birthday keeps its limit until then.
_CASES = """
with due as (
    select id, request_id, office, stage, due_at from case_file
    where due_at <= $1 and not (print_on_hold and stage = 'print_ready') order by id for update
), taken as (
    update case_file c set due_at = null from due where c.id = due.id
)
select distinct on (request_id, stage) request_id, office, stage, due_at from due
where stage = any($2) order by request_id, stage, due_at
"""
_TELL = """
insert into overdue (request_id, stage, due_at, told_at)
select request_id, stage, due_at, $4 from unnest($1::uuid[], $2::text[], $3::timestamptz[])
    as t(request_id, stage, due_at)
on conflict do nothing returning request_id, stage
"""


@dataclass(frozen=True, slots=True)
class Overdue:
    """A limit that passed at `due_at`."""

    request_id: UUID
    office: str
    stage: Stage
    due_at: datetime


async def take_due(conn: Connection, at: datetime) -> list[Overdue]:
    """Limits of letters and of cases that passed by `at`, each once: they are not due any more."""
    letters = await conn.fetch(_LETTERS, at)
    cases = await conn.fetch(_CASES, at, OPEN)
    return [
        Overdue(row["request_id"], row["office"], Stage(row["stage"]), row["due_at"]) for row in (*letters, *cases)
    ]


async def tell(conn: Connection, found: Sequence[Overdue], at: datetime) -> list[Overdue]:
    """Note them down; returns those that were not told before."""
    rows = await conn.fetch(
        _TELL, [o.request_id for o in found], [o.stage for o in found], [o.due_at for o in found], at
    )
    fresh = {(row["request_id"], row["stage"]) for row in rows}
    return [o for o in found if (o.request_id, o.stage) in fresh]


async def count_overdue(conn: Connection) -> dict[tuple[str], float]:
    """What is late, by the stage whose limit passed."""
    rows = await conn.fetch(f"select stage, count(*) as n from ({LATE}) late group by stage")  # noqa: S608  our own
    return {(row["stage"],): float(row["n"]) for row in rows}
