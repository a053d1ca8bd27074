"""Visits, and the bookings of the teams."""
# ruff: noqa: S608  what is put into a statement are names of columns

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.dispatch.domain.cases import OUR_FAULTS
from services.dispatch.domain.planning import Booking
from services.dispatch.domain.visits import Visit, VisitState
from shared.contract.fields import Outcome
from shared.database.connection import Connection

COLUMNS = "visit_id, case_id, office, state, kelurahan, team, starts_at, ends_at, outcome, outcome_at"
_SAVE = """
insert into visit (visit_id, case_id, state, team, starts_at, ends_at, outcome, outcome_at, office, kelurahan)
select $1, $2, $3, $4, $5, $6, $7, $8, office, kelurahan from cases where case_id = $2
on conflict (visit_id) do update set state = excluded.state, team = excluded.team, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, outcome = excluded.outcome, outcome_at = excluded.outcome_at,
    -- A visit keeps its place unless it is promised again.
    kelurahan = case when visit.state = 'released' and excluded.state = 'planned'
        then excluded.kelurahan else visit.kelurahan end
"""


def visit_of(row: asyncpg.Record) -> Visit:
    """A visit as it is kept."""
    return Visit(
        id=row["visit_id"],
        case_id=row["case_id"],
        state=VisitState(row["state"]),
        team=row["team"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        outcome_at=row["outcome_at"],
    )


async def save(conn: Connection, visits: Sequence[Visit]) -> None:
    """Keep new or changed visits of cases that are locked."""
    await conn.executemany(
        _SAVE,
        [(v.id, v.case_id, v.state, v.team, v.starts_at, v.ends_at, v.outcome, v.outcome_at) for v in visits],
    )


async def case_id_of(conn: Connection, visit_id: UUID) -> UUID | None:
    """The case that a visit belongs to, always the same; lock it before reading the visit."""
    case_id: UUID | None = await conn.fetchval("select case_id from visit where visit_id = $1", visit_id)
    return case_id


async def get(conn: Connection, visit_id: UUID) -> Visit:
    """A visit that exists."""
    row = await conn.fetchrow(f"select {COLUMNS} from visit where visit_id = $1", visit_id)
    assert row is not None
    return visit_of(row)


async def open_of(conn: Connection, case_ids: Sequence[UUID]) -> dict[UUID, Visit]:
    """By case, the visit that is planned or released."""
    rows = await conn.fetch(
        f"select {COLUMNS} from visit where case_id = any($1::uuid[]) and state in ('planned', 'released')",
        case_ids,
    )
    return {row["case_id"]: visit_of(row) for row in rows}


async def count_faults(conn: Connection, case_id: UUID) -> int:
    """Visits of a case that failed by our own fault."""
    count: int = await conn.fetchval(
        "select count(*) from visit where case_id = $1 and outcome = any($2)", case_id, OUR_FAULTS
    )
    return count


async def bookings(conn: Connection, office: str, since: datetime) -> list[Booking]:
    """The time of an office's teams that is taken, from `since` on."""
    rows = await conn.fetch(
        "select team, starts_at, ends_at, kelurahan from visit"
        " where office = $1 and state in ('planned', 'done') and starts_at >= $2 order by starts_at, team",
        *(office, since),
    )
    return [Booking(**row) for row in rows]
