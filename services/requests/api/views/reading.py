"""Where requests and their cases stand. No person is in it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from pydantic import BaseModel

from services.requests.domain.people import Consent, Document
from services.requests.domain.rules.policy import Policy
from services.requests.domain.stages import State, due
from services.requests.domain.tracking.codes import shown
from services.requests.store.reading import CaseRow, RequestRow
from shared.contract import fields as f


class DriveView(BaseModel):
    """A visit to an institution; weekdays count from Monday, 0."""

    place: f.Place
    name: str
    headcount: int
    preferred_days: list[int]
    on_holidays: bool
    usual_service: f.ServiceCode | None
    """For residents of its list whose row says nothing else."""


class RequestView(BaseModel):
    """A request at the state of its slowest open case; `due_at` is the end of the clock that runs for the letter."""

    request_id: UUID
    office: str
    kelurahan: str
    kind: f.RequestKind
    drive: DriveView | None
    letter_number: str
    letter_date: date
    stage: State
    cases_total: int
    states: dict[State, int]
    """How many cases stand where."""
    overdue: bool
    filed_at: datetime
    """By the operator's device."""
    received_at: datetime | None
    """By the server's clock; of version 0.1.0 none."""
    accepted_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    reason: f.ClosingReason | None
    visit_at: datetime | None
    """When the earliest planned visit begins."""
    papers_missing: int
    """Papers that residents have still to show, all together."""

    @classmethod
    def of(cls, row: RequestRow, legal: timedelta) -> "RequestView":
        """The view of a request; `legal` is the length of the legal clock."""
        return cls(
            request_id=row.id,
            office=row.office,
            kelurahan=row.kelurahan,
            kind=row.kind,
            drive=DriveView.model_validate(row.drive, from_attributes=True) if row.drive else None,
            letter_number=row.letter_number,
            letter_date=row.letter_date,
            stage=row.state,
            cases_total=row.cases,
            states=row.states,
            overdue=row.overdue,
            filed_at=row.filed_at,
            received_at=row.received_at,
            accepted_at=row.accepted_at,
            due_at=row.accepted_at + legal if row.accepted_at else row.due_at,
            closed_at=row.closed_at,
            reason=row.reason,
            visit_at=row.visit_at,
            papers_missing=row.papers_missing,
        )


class RequestPage(BaseModel):
    """Requests, the newest first; `next` asks for those that follow."""

    items: list[RequestView]
    next: UUID | None


class StepView(BaseModel):
    """A stage the case came to, and when; the planned visit, the outcome or the reason of a deferral with it."""

    stage: f.Stage
    at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    outcome: f.Outcome | None = None
    deferral: f.DeferralReason | None = None


class CaseView(BaseModel):
    """A case with all its stages, in their order; `due_at` is the end of its legal clock, or by when a person is to
    decide whether it is visited again."""

    case_id: UUID
    tracking: str | None
    service: f.ServiceCode
    stage: State
    documents: list[Document]
    missing: list[Document]
    family_card: bool
    print_on_hold: bool
    accepted_at: datetime | None
    due_at: datetime | None
    reason: f.ClosingReason | None
    end_reason: f.EndReason | None
    """Why dispatch closed it."""
    line: int | None
    """Of the list it came with; none of those that were filed one by one."""
    stages: list[StepView]

    @classmethod
    def of(cls, request: RequestRow, case: CaseRow, policy: Policy) -> "CaseView":
        """The view of a case: what was decided here around what dispatch told."""
        accepted_at = case.accepted_at or (request.accepted_at if case.added_at is None else None)
        if case.stage is f.Stage.FILED:
            accepted_at = None
        stages = [StepView(stage=f.Stage.FILED, at=case.added_at or request.filed_at)]
        if accepted_at and (case.closed_at is None or accepted_at <= case.closed_at):
            stages.append(StepView(stage=f.Stage.ACCEPTED, at=accepted_at))
        stages += [StepView.model_validate(step, from_attributes=True) for step in case.steps]
        if case.closed_at:
            # Dispatch's answer says the same again.
            stages = [step for step in stages if step.stage is not f.Stage.CANCELLED]
            stages.append(StepView(stage=case.letter_stage, at=case.closed_at))
        return cls(
            case_id=case.id,
            tracking=shown(case.tracking) if case.tracking else None,
            service=case.service,
            stage=case.state,
            documents=list(case.documents),
            missing=list(case.missing),
            family_card=case.family_card,
            print_on_hold=case.print_on_hold,
            accepted_at=accepted_at,
            due_at=_decision_due(case, policy) or (accepted_at + policy.legal_limit if accepted_at else None),
            reason=case.reason,
            end_reason=case.end,
            line=case.line,
            stages=stages,
        )


def _decision_due(case: CaseRow, policy: Policy) -> datetime | None:
    """By when a person decides; None unless one is to."""
    if case.state is not State.AWAITING_DECISION or not case.steps:
        return None
    return due(policy, State.AWAITING_DECISION, case.steps[-1].at)


class AmendmentView(BaseModel):
    """Which fields were changed when, and by whom; of the letter itself without a case."""

    case_id: UUID | None
    fields: list[str]
    at: datetime
    by: str


class OverdueView(BaseModel):
    """A limit that passed; `accepted` is the legal clock."""

    stage: f.Stage
    due_at: datetime


class RequestDetail(RequestView):
    """A request with its cases."""

    filed_by: str | None
    consent: Consent | None
    limits_passed: list[OverdueView]
    amendments: list[AmendmentView]
    cases: list[CaseView]
