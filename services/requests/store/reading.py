"""A request and its cases, as they are shown. No person is in what these return."""
# ruff: noqa: S608  what is put into a statement are names of columns

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.requests.domain.people import Consent, Document, Drive
from services.requests.domain.stages import State, Wait, state_of, state_of_all
from services.requests.store import limits
from services.requests.store.columns import CASE, REQUEST
from services.requests.store.states import STATE, WAITING
from shared.contract.fields import (
    ClosingReason,
    DeferralReason,
    EndReason,
    Outcome,
    Place,
    RequestKind,
    ServiceCode,
    Stage,
)
from shared.database.columns import qualified
from shared.database.connection import Connection

LATE = f"exists (select from ({limits.LATE}) late where late.request_id = r.id)"
SHOWN = f"""
select {qualified("r", REQUEST)}, coalesce((select jsonb_object_agg(t.state, t.n) from (
    select {STATE} as state, count(*) as n from case_file c {WAITING} where c.request_id = r.id group by 1
) t), '{{}}') as states, {LATE} as is_overdue, (
    select min(s.starts_at) from case_file c join step s on s.case_id = c.id and s.sequence = c.step_sequence
    where c.request_id = r.id and c.stage = 'scheduled'
) as visit_at, (
    select coalesce(sum(cardinality(c.missing)), 0) from case_file c where c.request_id = r.id and c.stage = 'filed'
) as papers_missing
from request r
"""
_ONE = f"""{SHOWN}
where r.id = $1
"""
_CASES = f"""
select {qualified("c", CASE)}, w.waits_for, w.end_reason from case_file c left join case_wait w on w.case_id = c.id
where c.request_id = $1 order by c.place
"""
_STEPS = """
select s.case_id, s.stage, s.at, s.starts_at, s.ends_at, s.outcome, s.deferral
from step s join case_file c on c.id = s.case_id where c.request_id = $1 order by s.case_id, s.sequence
"""


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request, at the state of its slowest open case; how many cases stand where."""

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
    letter_stage: Stage
    states: dict[State, int]
    overdue: bool
    due_at: datetime | None
    """When the letter's own limit passes; the legal clock once it is accepted."""
    received_at: datetime | None
    filed_by: str | None
    consent: Consent | None
    drive: Drive | None
    visit_at: datetime | None
    """When the earliest visit that is planned begins."""
    papers_missing: int

    @property
    def state(self) -> State:
        """Where it stands."""
        return state_of_all(self.states) if self.states else State(self.letter_stage)

    @property
    def cases(self) -> int:
        """How many residents it has."""
        return sum(self.states.values())


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
    tracking: str | None
    documents: tuple[Document, ...]
    missing: tuple[Document, ...]
    family_card: bool
    added_at: datetime | None
    """Later than the letter."""
    accepted_at: datetime | None
    """Its own papers complete; None where the letter's moment counts."""
    steps: tuple[StepRow, ...]
    wait: Wait | None
    end: EndReason | None
    """Why dispatch closed it."""
    line: int | None
    """Of the list it came with."""

    @property
    def state(self) -> State:
        """Where it stands."""
        return state_of(self.stage, self.missing, self.wait)


@dataclass(frozen=True, slots=True)
class AmendmentRow:
    """Which fields were changed when, and by whom."""

    case_id: UUID | None
    fields: tuple[str, ...]
    at: datetime
    by: str


async def one(conn: Connection, request_id: UUID) -> RequestRow | None:
    """A request by id."""
    row = await conn.fetchrow(_ONE, request_id)
    return request_of(row) if row else None


async def amendments(conn: Connection, request_id: UUID) -> list[AmendmentRow]:
    """What was changed of a request, the oldest first."""
    rows = await conn.fetch(
        "select case_id, fields, at, by from amendment where request_id = $1 order by id", request_id
    )
    return [AmendmentRow(row["case_id"], tuple(row["fields"]), row["at"], row["by"]) for row in rows]


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
            id=row["id"],
            service=ServiceCode(row["service"]),
            stage=Stage(row["stage"]),
            print_on_hold=row["print_on_hold"],
            letter_stage=Stage(row["letter_stage"]),
            closed_at=row["closed_at"],
            reason=_reason(row["reason"]),
            tracking=row["tracking"],
            documents=tuple(Document(each) for each in row["documents"]),
            missing=tuple(Document(each) for each in row["missing"]),
            family_card=row["family_card"],
            added_at=row["added_at"],
            accepted_at=row["accepted_at"],
            steps=tuple(steps.get(row["id"], ())),
            wait=Wait(row["waits_for"]) if row["waits_for"] else None,
            end=EndReason(row["end_reason"]) if row["end_reason"] else None,
            line=row["line"],
        )
        for row in await conn.fetch(_CASES, request_id)
    ]


async def overdue(conn: Connection, request_id: UUID) -> Sequence[tuple[Stage, datetime]]:
    """Its limits that passed: stage and when, the earliest first."""
    rows = await conn.fetch("select stage, due_at from overdue where request_id = $1 order by due_at", request_id)
    return [(Stage(row["stage"]), row["due_at"]) for row in rows]


def request_of(row: asyncpg.Record) -> RequestRow:
    """A row of SHOWN."""
    return RequestRow(
        id=row["id"],
        office=row["office"],
        kelurahan=row["kelurahan"],
        kind=RequestKind(row["kind"]),
        letter_number=row["letter_number"],
        letter_date=row["letter_date"],
        filed_at=row["filed_at"],
        accepted_at=row["accepted_at"],
        closed_at=row["closed_at"],
        reason=_reason(row["reason"]),
        letter_stage=Stage(row["stage"]),
        states={State(state): n for state, n in json.loads(row["states"]).items()},
        overdue=row["is_overdue"],
        due_at=row["due_at"],
        received_at=row["received_at"],
        filed_by=row["filed_by"],
        consent=Consent(row["consent"]) if row["consent"] else None,
        drive=drive_of(row),
        visit_at=row["visit_at"],
        papers_missing=row["papers_missing"],
    )


def drive_of(row: asyncpg.Record) -> Drive | None:
    """What the row of a letter says of an institution to visit."""
    if row["place"] is None:
        return None
    days = tuple(row["preferred_days"])
    return Drive(
        Place(row["place"]),
        row["place_name"],
        row["headcount"],
        days,
        row["on_holidays"],
        ServiceCode(row["usual_service"]) if row["usual_service"] else None,
    )


def _reason(text: str | None) -> ClosingReason | None:
    return ClosingReason(text) if text else None
