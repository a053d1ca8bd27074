"""Requests and their cases, as commands write them."""
# ruff: noqa: S608  what is put into a statement are names of columns

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.requests.domain.letters import LockedCase, Request
from services.requests.domain.people import Document
from services.requests.domain.rules.effort import Effort
from services.requests.domain.stages import OPEN
from services.requests.store.columns import CASE, REQUEST
from shared.contract.fields import ClosingReason, RequestKind, ServiceCode, Skill, Stage, Urgency
from shared.database.connection import Connection

# A card may be printed for whoever was accepted, whatever was heard of it so far: until dispatch has answered, the
# NIK stays taken.
_CLOSE_CASES = """
with held as (
    select id, letter_stage from case_file where id = any($1) and stage = any($5) order by id for update
), closed as (
    update case_file c set letter_stage = $2, closed_at = $3, reason = $4, due_at = null
    from held where c.id = held.id returning c.id, held.letter_stage = 'accepted' as was_accepted
), waiting as (
    insert into case_wait (case_id, waits_for) select id, 'answer' from closed where was_accepted
    on conflict (case_id) do update set waits_for = excluded.waits_for
)
update person set open = false from closed where case_id = closed.id and not was_accepted
"""


async def lock(conn: Connection, request_id: UUID, among: Sequence[UUID] | None = None) -> Request | None:
    """The request under its lock: its commands and ticks come one after the other. With its cases `among` these.

    The cases are locked too, in the order of their ids as everybody locks them: what dispatch tells of them is taken
    before this, and seen here, or after the transaction.
    """
    row = await conn.fetchrow(f"select {REQUEST} from request where id = $1 for update", request_id)
    if row is None:
        return None
    rows = await conn.fetch(
        f"select {CASE} from case_file where request_id = $1 and ($2::uuid[] is null or id = any($2))"
        " order by id for update",
        *(request_id, among),
    )
    return Request(
        row["id"],
        row["office"],
        row["kelurahan"],
        RequestKind(row["kind"]),
        Stage(row["stage"]),
        row["filed_at"],
        tuple(row["preferred_days"]),
        row["on_holidays"],
        {case["id"]: _held(case) for case in sorted(rows, key=lambda case: case["place"])},
    )


async def kelurahan_of(conn: Connection, request_id: UUID) -> str | None:
    """Whose request it is."""
    found: str | None = await conn.fetchval("select kelurahan from request where id = $1", request_id)
    return found


async def count_cases(conn: Connection, request_id: UUID) -> int:
    """How many cases a letter has."""
    found: int = await conn.fetchval("select count(*) from case_file where request_id = $1", request_id)
    return found


def _held(row: asyncpg.Record) -> LockedCase:
    skills = tuple(Skill(skill) for skill in row["skills"])
    return LockedCase(
        row["id"],
        row["tracking"],
        ServiceCode(row["service"]),
        Effort(row["minutes"], row["team_size"], skills, Urgency(row["urgency"])),
        row["print_on_hold"],
        row["family_card"],
        tuple(Document(each) for each in row["documents"]),
        tuple(Document(each) for each in row["missing"]),
        row["told"],
        Stage(row["stage"]),
    )


async def show(conn: Connection, cases: Sequence[LockedCase]) -> None:
    """Keep which papers were shown, and which are still missing."""
    await conn.executemany(
        "update case_file set documents = $2, missing = $3 where id = $1",
        [(case.id, list(case.documents), list(case.missing)) for case in cases],
    )


async def begin(conn: Connection, request_id: UUID, ready: Sequence[UUID], at: datetime, due_at: datetime) -> None:
    """Papers are complete: these cases are accepted, and their letter with the first of them.

    A letter whose legal clock ran out before is not told of again: `overdue` holds a stage once.
    """
    await conn.execute(
        "update request set stage = 'accepted', accepted_at = coalesce(accepted_at, $2),"
        " due_at = coalesce(due_at, $3) where id = $1",
        *(request_id, at, due_at),
    )
    await conn.execute(
        "update case_file set letter_stage = 'accepted', told = true, accepted_at = $2, due_at = null"
        " where id = any($1) and letter_stage = 'filed'",
        *(ready, at),
    )


async def close(
    conn: Connection, request_id: UUID, cases: Iterable[UUID], stage: Stage, at: datetime, reason: ClosingReason
) -> None:
    """The letter ends as `stage` says, those of its cases with it that are open."""
    await conn.execute(
        "update request set stage = $2, closed_at = $3, reason = $4, due_at = null where id = $1",
        *(request_id, stage, at, reason),
    )
    await conn.execute(_CLOSE_CASES, [*cases], stage, at, reason, OPEN)


async def withdraw(conn: Connection, case_id: UUID, at: datetime, reason: ClosingReason) -> None:
    """One case ends."""
    await conn.execute(_CLOSE_CASES, [case_id], Stage.CANCELLED, at, reason, OPEN)


async def release_print(conn: Connection, cases: Sequence[tuple[UUID, datetime | None]]) -> None:
    """The residents turned 17: their prints wait no longer, and the limit for printing, of each, runs from now."""
    await conn.executemany(
        "update case_file set print_on_hold = false,"
        " due_at = case when stage = 'print_ready' then $2 else due_at end where id = $1",
        cases,
    )
    await conn.execute(
        "update person set turns17_index = null where case_id = any($1)", [case_id for case_id, _ in cases]
    )
