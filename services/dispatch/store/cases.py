"""Cases, and what is known of their letters."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.dispatch.domain.cases import Case, Needs, VisitDays
from shared.contract.fields import DeferralReason, Receiver, ServiceCode, Skill, Stage, Urgency
from shared.database.columns import qualified
from shared.database.connection import Connection

_COLUMNS = (
    "case_id, request_id, story, office, service, kelurahan, minutes, team_size, skills, urgency, on_hold, filed_at,"
    " position, told, stage, attempts, deferred, accepted_at, ready_at, recorded_at, print_ready_at, printed_at,"
    " handed_over_at, receiver"
)
_CASE = f"""
select {qualified("c", _COLUMNS)}, coalesce(w.preferred_days, '{{}}') as preferred_days,
    coalesce(w.on_holidays, false) as on_holidays, coalesce(w.family_card, false) as family_card
from cases c left join case_wish w on w.case_id = c.case_id
"""  # noqa: S608  constants only
_SAVE = """
update cases set kelurahan = $2, minutes = $3, team_size = $4, skills = $5, urgency = $6, told = $7, on_hold = $8,
    stage = $9, attempts = $10, deferred = $11, accepted_at = $12, ready_at = $13, recorded_at = $14,
    print_ready_at = $15, printed_at = $16, handed_over_at = $17, receiver = $18
where case_id = $1
"""


def case_of(row: asyncpg.Record) -> Case:
    """A case as it is kept."""
    return Case(
        id=row["case_id"],
        request_id=row["request_id"],
        correlation_id=row["story"],
        office=row["office"],
        service=ServiceCode(row["service"]),
        needs=Needs(
            kelurahan=row["kelurahan"],
            minutes=row["minutes"],
            team_size=row["team_size"],
            skills=frozenset(map(Skill, row["skills"])),
            urgency=Urgency(row["urgency"]),
        ),
        on_hold=row["on_hold"],
        filed_at=row["filed_at"],
        position=row["position"],
        needs_sequence=row["told"],
        days=VisitDays(frozenset(row["preferred_days"]), row["on_holidays"]),
        family_card=row["family_card"],
        stage=Stage(row["stage"]),
        attempts=row["attempts"],
        deferred=DeferralReason(row["deferred"]) if row["deferred"] else None,
        accepted_at=row["accepted_at"],
        ready_at=row["ready_at"],
        recorded_at=row["recorded_at"],
        print_ready_at=row["print_ready_at"],
        printed_at=row["printed_at"],
        handed_over_at=row["handed_over_at"],
        receiver=Receiver(row["receiver"]) if row["receiver"] else None,
    )


def _changing(case: Case) -> tuple[object, ...]:
    needs = case.needs
    return (
        *(case.id, needs.kelurahan, needs.minutes, needs.team_size, sorted(needs.skills), needs.urgency),
        *(case.needs_sequence, case.on_hold, case.stage, case.attempts, case.deferred),
        *(
            case.accepted_at,
            case.ready_at,
            case.recorded_at,
            case.print_ready_at,
            case.printed_at,
            case.handed_over_at,
            case.receiver,
        ),
    )


async def add(conn: Connection, case: Case) -> bool:
    """Keep a new case; False when it is known."""
    needs = case.needs
    inserted = await conn.fetchval(
        "insert into cases (case_id, request_id, story, office, service, kelurahan, minutes, team_size, skills,"
        " urgency, on_hold, filed_at, position, told, stage, attempts, accepted_at, ready_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
        " on conflict do nothing returning case_id",
        *(case.id, case.request_id, case.correlation_id, case.office, case.service),
        *(needs.kelurahan, needs.minutes, needs.team_size, sorted(needs.skills), needs.urgency),
        *(case.on_hold, case.filed_at, case.position, case.needs_sequence, case.stage, case.attempts),
        *(case.accepted_at, case.ready_at),
    )
    if inserted is not None and (case.days != VisitDays() or case.family_card):
        await _wish(conn, case)
    return inserted is not None


async def _wish(conn: Connection, case: Case) -> None:
    await conn.execute(
        "insert into case_wish (case_id, preferred_days, on_holidays, family_card) values ($1, $2, $3, $4)"
        " on conflict (case_id) do update set family_card = excluded.family_card",
        *(case.id, sorted(case.days.preferred), case.days.on_holidays, case.family_card),
    )


async def save_applied(conn: Connection, case: Case) -> None:
    """Keep what a case that is locked applies for: its service, and whether with a family card."""
    await conn.execute("update cases set service = $2 where case_id = $1", case.id, case.service)
    await _wish(conn, case)


async def lock(conn: Connection, case_id: UUID) -> Case | None:
    """A case, locked until the transaction ends."""
    row = await conn.fetchrow(f"{_CASE} where c.case_id = $1 for update of c", case_id)
    return case_of(row) if row else None


async def find(conn: Connection, case_id: UUID) -> Case | None:
    """A case."""
    row = await conn.fetchrow(f"{_CASE} where c.case_id = $1", case_id)
    return case_of(row) if row else None


async def lock_request(conn: Connection, request_id: UUID) -> list[Case]:
    """All cases of a request, locked in the order in which everybody locks several."""
    rows = await conn.fetch(f"{_CASE} where c.request_id = $1 order by c.case_id for update of c", request_id)
    return [case_of(row) for row in rows]


async def lock_to_plan(conn: Connection) -> list[Case]:
    """All cases that wait for a visit, locked."""
    rows = await conn.fetch(f"{_CASE} where c.stage = 'accepted' order by c.case_id for update of c")
    return [case_of(row) for row in rows]


async def save(conn: Connection, cases: Sequence[Case]) -> None:
    """Keep what was decided of cases that are locked."""
    await conn.executemany(_SAVE, [_changing(case) for case in cases])


async def lock_letter(conn: Connection, request_id: UUID) -> tuple[datetime | None, Stage | None]:
    """When a request was accepted, and whether it was rejected or cancelled; locked until the transaction ends.

    Each use case that adds or changes a case of a letter takes this lock before it reads cases: a case that is added
    late is either seen by the others, or sees what they stored.
    """
    row = await conn.fetchrow(
        # An update that changes nothing locks the row that is there, and waits for one that is being made.
        "insert into letter as l (request_id) values ($1)"
        " on conflict (request_id) do update set request_id = excluded.request_id returning accepted_at, closed",
        request_id,
    )
    assert row is not None
    return row["accepted_at"], Stage(row["closed"]) if row["closed"] else None


async def set_letter_accepted(conn: Connection, request_id: UUID, at: datetime) -> None:
    """Store that a request was accepted; the first time counts. This locks its letter."""
    await conn.execute(
        "insert into letter as l (request_id, accepted_at) values ($1, $2)"
        " on conflict (request_id) do update set accepted_at = coalesce(l.accepted_at, excluded.accepted_at)",
        *(request_id, at),
    )


async def set_letter_closed(conn: Connection, request_id: UUID, stage: Stage) -> None:
    """Store that a request was rejected or cancelled; the first time counts. This locks its letter."""
    await conn.execute(
        "insert into letter as l (request_id, closed) values ($1, $2)"
        " on conflict (request_id) do update set closed = coalesce(l.closed, excluded.closed)",
        *(request_id, stage),
    )


async def add_pending_case_facts(
    conn: Connection, case_id: UUID, *, withdrawn: bool = False, eligible: bool = False
) -> None:
    """Store facts of a case that is not known yet."""
    await conn.execute(
        "insert into early as e (case_id, withdrawn, eligible) values ($1, $2, $3) on conflict (case_id) do update"
        " set withdrawn = e.withdrawn or excluded.withdrawn, eligible = e.eligible or excluded.eligible",
        *(case_id, withdrawn, eligible),
    )


async def pending_case_facts(conn: Connection, case_id: UUID) -> tuple[bool, bool]:
    """Whether a case was withdrawn, and became eligible, before it was known."""
    row = await conn.fetchrow("select withdrawn, eligible from early where case_id = $1", case_id)
    return (row["withdrawn"], row["eligible"]) if row else (False, False)


async def mark_end_published(conn: Connection, case_ids: Sequence[UUID]) -> set[UUID]:
    """Mark that this transaction publishes the end of these cases; returns those not marked before."""
    rows = await conn.fetch(
        "insert into told_end (case_id) select unnest($1::uuid[]) on conflict do nothing returning case_id",
        list(case_ids),
    )
    return {row["case_id"] for row in rows}


async def lock_unpublished_ends(conn: Connection, most: int) -> list[Case]:
    """Cancelled cases whose end is not published, locked; those that somebody else has locked are left out."""
    rows = await conn.fetch(
        f"{_CASE} where c.stage = 'cancelled' and not exists (select from told_end t where t.case_id = c.case_id)"
        " order by c.case_id limit $1 for update of c skip locked",
        most,
    )
    return [case_of(row) for row in rows]
