"""Cases by the family's code, and codes for the cases that have none yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.requests.domain.people import Document
from services.requests.domain.stages import Step, Wait
from services.requests.domain.tracking.tracking_status import CaseProgress
from shared.contract.fields import ClosingReason, DeferralReason, EndReason, Outcome, ServiceCode, Stage
from shared.database.connection import Connection

_CASE = """
select c.id, c.request_id, c.office, c.service, c.stage, c.print_on_hold, c.documents, c.missing, c.closed_at,
    c.reason, w.waits_for, w.end_reason, coalesce(c.added_at, r.filed_at) as filed_at,
    case when c.letter_stage <> 'filed'
        then coalesce(c.accepted_at, case when c.added_at is null then r.accepted_at end) end as accepted_at,
    greatest(coalesce(c.added_at, r.received_at, r.filed_at), c.closed_at) as changed_at, p.key_id, p.sealed
from case_file c join request r on r.id = c.request_id join person p on p.case_id = c.id
left join case_wait w on w.case_id = c.id
where c.tracking = $1
"""
_STEPS = """
select sequence, stage, at, starts_at, ends_at, outcome, deferral, recorded_at from step
where case_id = $1 order by sequence
"""
# Cases that a command holds are left to the next tick: a tick that waited for one while it holds others could wait
# for ever.
_UNTRACKED = """
select id from case_file where tracking is null order by id limit $1 for update skip locked
"""
_SLIPS = """
select id, place, line, service, documents, missing, tracking from case_file
where request_id = $1 and stage <> all('{rejected,cancelled}') order by place limit $2 offset $3
"""
_COUNT = """
select count(*) as total, count(*) filter (where stage <> all('{rejected,cancelled}')) as slips from case_file
where request_id = $1
"""


@dataclass(frozen=True, slots=True)
class TrackedCase:
    """A case that a code names, its person still sealed."""

    case_id: UUID
    request_id: UUID
    key_id: int
    sealed: bytes
    row: asyncpg.Record


@dataclass(frozen=True, slots=True)
class SlipRow:
    """What a slip shows of a case; `tracking` is None for one of an older version until a tick gave it a code."""

    case_id: UUID
    place: int
    line: int | None
    """Of the list it came with."""
    service: ServiceCode
    papers: frozenset[Document]
    """Shown or still missing: those of this resident beside what the service asks of everybody."""
    tracking: str | None
    missing: tuple[Document, ...] = ()


async def by_code(conn: Connection, code: str) -> TrackedCase | None:
    """The case of a code; None for an unknown one, and once its person was erased."""
    row = await conn.fetchrow(_CASE, code)
    return TrackedCase(row["id"], row["request_id"], row["key_id"], row["sealed"], row) if row else None


async def progress(conn: Connection, found: TrackedCase) -> CaseProgress:
    """How far that case has come."""
    row, steps = found.row, await conn.fetch(_STEPS, found.case_id)
    return CaseProgress(
        office=row["office"],
        service=ServiceCode(row["service"]),
        stage=Stage(row["stage"]),
        filed_at=row["filed_at"],
        accepted_at=row["accepted_at"],
        closed_at=row["closed_at"],
        reason=ClosingReason(row["reason"]) if row["reason"] else None,
        wait=Wait(row["waits_for"]) if row["waits_for"] else None,
        end=EndReason(row["end_reason"]) if row["end_reason"] else None,
        print_on_hold=row["print_on_hold"],
        documents=_documents(row["documents"]),
        missing=_documents(row["missing"]),
        steps=tuple(_step(found.case_id, step) for step in steps),
        changed_at=max([row["changed_at"], *(step["recorded_at"] for step in steps)]),
    )


async def untracked(conn: Connection, most: int) -> list[UUID]:
    """Cases without a code, locked; those of older versions."""
    return [row["id"] for row in await conn.fetch(_UNTRACKED, most)]


async def give(conn: Connection, case_ids: Sequence[UUID], codes: Sequence[str]) -> None:
    """Write their codes. Raises UniqueViolationError should one be taken, which other codes mend."""
    await conn.execute(
        "update case_file c set tracking = t.code from unnest($1::uuid[], $2::text[]) as t(id, code)"
        " where c.id = t.id",
        *(case_ids, codes),
    )


async def slips(conn: Connection, request_id: UUID, limit: int, offset: int) -> list[SlipRow]:
    """The cases of a request that have not ended without a card, in the order of the letter."""
    return [
        SlipRow(
            row["id"],
            row["place"],
            row["line"],
            ServiceCode(row["service"]),
            frozenset(_documents((*row["documents"], *row["missing"]))),
            row["tracking"],
            _documents(row["missing"]),
        )
        for row in await conn.fetch(_SLIPS, request_id, limit, offset)
    ]


async def counts(conn: Connection, request_id: UUID) -> tuple[int, int]:
    """Cases of a request, and those of them that get a slip."""
    row = await conn.fetchrow(_COUNT, request_id)
    assert row is not None
    return row["total"], row["slips"]


def _documents(names: Sequence[str]) -> tuple[Document, ...]:
    return tuple(Document(name) for name in names)


def _step(case_id: UUID, row: asyncpg.Record) -> Step:
    return Step(
        case_id,
        row["sequence"],
        Stage(row["stage"]),
        row["at"],
        None,
        row["starts_at"],
        row["ends_at"],
        Outcome(row["outcome"]) if row["outcome"] else None,
        DeferralReason(row["deferral"]) if row["deferral"] else None,
    )
