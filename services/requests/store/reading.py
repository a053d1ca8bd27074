"""Requests and their cases, as they are shown. No person is in what these return."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.requests.domain.stages import stage_of_all
from shared.connection import Connection
from shared.fields import ClosingReason, DeferralReason, Outcome, RequestKind, ServiceCode, Stage

_PAGE = """
select r.*, (select array_agg(c.stage) from case_file c where c.request_id = r.id) as stages from request r
where ($1 = '' or r.kelurahan = $1 or starts_with(r.kelurahan, $1 || '.'))
  and ($2::text is null or r.kelurahan = $2 or starts_with(r.kelurahan, $2 || '.'))
  and ($3::text is null or exists (select from case_file c where c.request_id = r.id and c.stage = $3))
  and ($4::uuid is null or r.id < $4)
order by r.id desc limit $5
"""
_ONE = """
select r.*, (select array_agg(c.stage) from case_file c where c.request_id = r.id) as stages from request r
where r.id = $1
"""
_CASES = """
select id, service, stage, print_on_hold, letter_stage, closed_at, reason from case_file
where request_id = $1 order by place
"""
_STEPS = """
select s.* from step s join case_file c on c.id = s.case_id where c.request_id = $1 order by s.case_id, s.sequence
"""


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request, at the stage of its slowest open case."""

    id: UUID
    office: str
    kelurahan: str
    kind: RequestKind
    letter_number: str
    letter_date: date
    filed_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    reason: ClosingReason | None
    stages: tuple[Stage, ...]

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        return stage_of_all(self.stages)


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a case that dispatch told of."""

    stage: Stage
    at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    outcome: Outcome | None
    deferral: DeferralReason | None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case with its steps, in their order."""

    id: UUID
    service: ServiceCode
    stage: Stage
    print_on_hold: bool
    letter_stage: Stage
    """What was decided here: rejected or cancelled at `closed_at`."""
    closed_at: datetime | None
    reason: ClosingReason | None
    steps: tuple[StepRow, ...]


async def page(
    conn: Connection, wilayah: str, region: str | None, stage: Stage | None, after: UUID | None, limit: int
) -> list[RequestRow]:
    """Requests of a wilayah, the newest first; those with a case at `stage`, if one is given."""
    rows = await conn.fetch(_PAGE, wilayah, region, stage, after, limit)
    return [_request(row) for row in rows]


async def one(conn: Connection, request_id: UUID) -> RequestRow | None:
    """A request by id."""
    row = await conn.fetchrow(_ONE, request_id)
    return _request(row) if row else None


async def cases(conn: Connection, request_id: UUID) -> list[CaseRow]:
    """Its cases in the order of the letter, each with its steps."""
    steps: dict[UUID, list[StepRow]] = {}
    for row in await conn.fetch(_STEPS, request_id):
        step = StepRow(
            Stage(row["stage"]),
            row["at"],
            row["starts_at"],
            row["ends_at"],
            Outcome(row["outcome"]) if row["outcome"] else None,
            DeferralReason(row["deferral"]) if row["deferral"] else None,
        )
        steps.setdefault(row["case_id"], []).append(step)
    return [
        CaseRow(
            row["id"],
            ServiceCode(row["service"]),
            Stage(row["stage"]),
            row["print_on_hold"],
            Stage(row["letter_stage"]),
            row["closed_at"],
            _reason(row["reason"]),
            tuple(steps.get(row["id"], ())),
        )
        for row in await conn.fetch(_CASES, request_id)
    ]


async def overdue(conn: Connection, request_id: UUID) -> Sequence[tuple[Stage, datetime]]:
    """Its limits that passed: stage and when, the earliest first."""
    rows = await conn.fetch("select stage, due_at from overdue where request_id = $1 order by due_at", request_id)
    return [(Stage(row["stage"]), row["due_at"]) for row in rows]


def _request(row: asyncpg.Record) -> RequestRow:
    return RequestRow(
        row["id"],
        row["office"],
        row["kelurahan"],
        RequestKind(row["kind"]),
        row["letter_number"],
        row["letter_date"],
        row["filed_at"],
        row["accepted_at"],
        row["closed_at"],
        _reason(row["reason"]),
        tuple(Stage(stage) for stage in row["stages"]),
    )


def _reason(text: str | None) -> ClosingReason | None:
    return ClosingReason(text) if text else None
