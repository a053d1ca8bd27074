"""What callers are answered. Only PersonView has personal data, and only one route answers with it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from pydantic import BaseModel

from services.requests.domain.filing import Filing
from services.requests.domain.people import (
    Consent,
    Document,
    MaritalStatus,
    Person,
    Reason,
    Sex,
    Vulnerable,
)
from services.requests.domain.rules import Warned
from services.requests.domain.stages import State
from services.requests.domain.tracking import shown
from services.requests.store.reading import CaseRow, RequestRow
from services.requests.usecases.filing import Checked
from shared import fields as f


class WarningView(BaseModel):
    """Something to check; it does not stand in the way."""

    field: str
    warning: str
    code: str = ""
    en: str = ""

    @classmethod
    def of(cls, warned: Warned) -> "WarningView":
        """The view of a warning."""
        return cls(field=warned.field, warning=warned.warning, code=warned.code, en=warned.en)


class ErrorView(BaseModel):
    """What stands in the way of a filing, as a problem+json names it."""

    field: str
    rule: str
    code: str = ""
    source: str = ""
    en: str = ""


class FiledCaseView(BaseModel):
    """A case that was filed; the family tracks it by its code, and `missing` papers hold it up."""

    case_id: UUID
    tracking: str
    stage: State
    missing: list[Document]


class FiledView(BaseModel):
    """A request that was filed, or residents that joined it, in the order of the residents."""

    request_id: UUID
    case_ids: list[UUID]
    stage: State
    cases: list[FiledCaseView]
    warnings: list[WarningView]

    @classmethod
    def of(cls, filed: Filing) -> "FiledView":
        """The answer to a filing."""
        return cls(
            request_id=filed.id,
            case_ids=[case.id for case in filed.cases],
            stage=filed.state,
            cases=[
                FiledCaseView(
                    case_id=case.id, tracking=shown(case.tracking), stage=case.state, missing=list(case.missing)
                )
                for case in filed.cases
            ],
            warnings=[WarningView.of(warned) for warned in filed.warnings],
        )


class CheckedResidentView(BaseModel):
    """What a resident's application still needs, and whether its card waits for the 17th birthday."""

    missing: list[Document]
    print_on_hold: bool


class CheckedView(BaseModel):
    """What filing would say."""

    errors: list[ErrorView]
    warnings: list[WarningView]
    residents: list[CheckedResidentView]

    @classmethod
    def of(cls, checked: Checked) -> "CheckedView":
        """The answer to a check."""
        return cls(
            errors=[ErrorView.model_validate(error, from_attributes=True) for error in checked.errors],
            warnings=[WarningView.of(warned) for warned in checked.warnings],
            residents=[
                CheckedResidentView(missing=list(missing), print_on_hold=waits)
                for missing, waits in checked.residents
            ],
        )


class StageView(BaseModel):
    """Where a request stands after a command."""

    request_id: UUID
    stage: State


class AcceptedView(BaseModel):
    """A request that was accepted, and its cases that waited for papers until then."""

    request_id: UUID
    stage: f.Stage
    case_ids: list[UUID]


class DocumentsView(BaseModel):
    """A case after papers were shown."""

    request_id: UUID
    case_id: UUID
    stage: State
    missing: list[Document]


class AmendedView(BaseModel):
    """Which fields were changed, whether dispatch was told of it, and where a case stands then."""

    request_id: UUID
    case_id: UUID | None = None
    fields: list[str]
    told: bool
    stage: State | None = None
    missing: list[Document] = []


class WithdrawnView(BaseModel):
    """A case that was withdrawn."""

    request_id: UUID
    case_id: UUID
    stage: State


class DriveView(BaseModel):
    """A visit to an institution; weekdays count from Monday, 0."""

    place: f.Place
    name: str
    headcount: int
    preferred_days: list[int]
    on_holidays: bool


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
    """A case with all its stages, in their order; `due_at` is the end of its legal clock."""

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
    stages: list[StepView]

    @classmethod
    def of(cls, request: RequestRow, case: CaseRow, legal: timedelta) -> "CaseView":
        """The view of a case: what was decided here around what dispatch told."""
        accepted_at = case.accepted_at or (request.accepted_at if case.added_at is None else None)
        if case.stage is f.Stage.FILED:
            accepted_at = None
        stages = [StepView(stage=f.Stage.FILED, at=case.added_at or request.filed_at)]
        if accepted_at and (case.closed_at is None or accepted_at <= case.closed_at):
            stages.append(StepView(stage=f.Stage.ACCEPTED, at=accepted_at))
        stages += [StepView.model_validate(step, from_attributes=True) for step in case.steps]
        if case.closed_at:
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
            due_at=accepted_at + legal if accepted_at else None,
            reason=case.reason,
            stages=stages,
        )


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
    marital_status: MaritalStatus | None
    vulnerable: Vulnerable | None
    needs: list[f.Skill]
    """What the letter named for the visit, beside what comes with the reason."""

    @classmethod
    def of(cls, case_id: UUID, person: Person, needs: Sequence[f.Skill]) -> "PersonView":
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
            marital_status=person.marital_status,
            vulnerable=person.vulnerable,
            needs=list(needs),
        )
