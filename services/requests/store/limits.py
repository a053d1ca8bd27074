"""Limits that pass with business time. What is due is taken off in the statement that finds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.requests.domain.stages import OPEN, UNPRINTED
from shared.connection import Connection
from shared.fields import Stage

# The legal clock of an accepted letter runs until no card is left to print; one on hold until 17 does not count.
_LETTERS = """
with due as (
    select id, office, stage, due_at from request where due_at <= $1 order by id for update
), taken as (
    update request r set due_at = null from due where r.id = due.id
)
select id as request_id, office, stage, due_at from due
where exists (
    select from case_file c where c.request_id = due.id and c.stage = any($2) and not c.print_on_hold
) or (stage = 'filed' and (
    exists (select from case_file c where c.request_id = due.id and c.stage = 'filed')
    or not exists (select from case_file c where c.request_id = due.id)
))
order by id
"""
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
# From the open cases, of which there are few, to the limits told: `overdue` keeps those of years.
_OVERDUE = """
select o.stage, count(*) as n from case_file c join overdue o on o.request_id = c.request_id
where c.stage = any($1) and (o.stage = c.stage or (o.stage = 'accepted' and c.stage = any($2)))
group by o.stage
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
    letters = await conn.fetch(_LETTERS, at, UNPRINTED)
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
    """Open cases by the stage whose limit passed and that they are not done with."""
    rows = await conn.fetch(_OVERDUE, OPEN, UNPRINTED)
    return {(row["stage"],): float(row["n"]) for row in rows}
