"""What callers are answered. Only PersonView has personal data, and only one route answers with it."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.requests.domain.filing import Filing
from services.requests.domain.people import Person, Reason, Sex
from services.requests.domain.policy import Policy
from services.requests.store.reading import CaseRow, RequestRow
from shared import fields as f


class WarningView(BaseModel):
    """Something to check; it does not stand in the way."""

    field: str
    warning: str


class FiledView(BaseModel):
    """A request that was filed; `case_ids` in the order of the residents."""

    request_id: UUID
    case_ids: list[UUID]
    stage: f.Stage
    warnings: list[WarningView]

    @classmethod
    def of(cls, filed: Filing) -> "FiledView":
        """The answer to a filing."""
        return cls(
            request_id=filed.id,
            case_ids=[case.id for case in filed.cases],
            stage=filed.stage,
            warnings=[WarningView(field=w.field, warning=w.warning) for w in filed.warnings],
        )


class StageView(BaseModel):
    """Where a request stands after a command."""

    request_id: UUID
    stage: f.Stage


class WithdrawnView(BaseModel):
    """A case that was withdrawn."""

    request_id: UUID
    case_id: UUID
    stage: f.Stage


class RequestView(BaseModel):
    """A request at the stage of its slowest open case; `due_at` is the end of the legal clock."""

    request_id: UUID
    office: str
    kelurahan: str
    kind: f.RequestKind
    letter_number: str
    letter_date: date
    stage: f.Stage
    cases_total: int
    filed_at: datetime
    accepted_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    reason: f.ClosingReason | None

    @classmethod
    def of(cls, row: RequestRow, policy: Policy) -> "RequestView":
        """The view of a request, under the policy of its office."""
        return cls(
            request_id=row.id,
            office=row.office,
            kelurahan=row.kelurahan,
            kind=row.kind,
            letter_number=row.letter_number,
            letter_date=row.letter_date,
            stage=row.stage,
            cases_total=len(row.stages),
            filed_at=row.filed_at,
            accepted_at=row.accepted_at,
            due_at=row.accepted_at + policy.legal_limit if row.accepted_at else None,
            closed_at=row.closed_at,
            reason=row.reason,
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
    """A case with all its stages, in their order."""

    case_id: UUID
    service: f.ServiceCode
    stage: f.Stage
    print_on_hold: bool
    reason: f.ClosingReason | None
    stages: list[StepView]

    @classmethod
    def of(cls, request: RequestRow, case: CaseRow) -> "CaseView":
        """The view of a case: what was decided here around what dispatch told."""
        stages = [StepView(stage=f.Stage.FILED, at=request.filed_at)]
        if request.accepted_at and (case.closed_at is None or request.accepted_at <= case.closed_at):
            stages.append(StepView(stage=f.Stage.ACCEPTED, at=request.accepted_at))
        stages += [StepView.model_validate(step, from_attributes=True) for step in case.steps]
        if case.closed_at:
            stages.append(StepView(stage=case.letter_stage, at=case.closed_at))
        return cls(
            case_id=case.id,
            service=case.service,
            stage=case.stage,
            print_on_hold=case.print_on_hold,
            reason=case.reason,
            stages=stages,
        )


class OverdueView(BaseModel):
    """A limit that passed; `accepted` is the legal clock."""

    stage: f.Stage
    due_at: datetime


class RequestDetail(RequestView):
    """A request with its cases."""

    overdue: list[OverdueView]
    cases: list[CaseView]


class PersonView(BaseModel):
    """The resident of a case. This reading was written down."""

    case_id: UUID
    name: str
    birth_date: date
    sex: Sex
    nik: str | None
    phone: str | None
    address: str
    reason: Reason

    @classmethod
    def of(cls, case_id: UUID, person: Person) -> "PersonView":
        """The view of a person."""
        return cls(
            case_id=case_id,
            name=person.name,
            birth_date=person.birth_date,
            sex=person.sex,
            nik=person.nik,
            phone=person.phone,
            address=person.address,
            reason=person.reason,
        )
