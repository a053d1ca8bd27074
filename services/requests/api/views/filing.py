"""What callers are answered who file a letter, or ask what filing would say."""

import datetime
from uuid import UUID

from pydantic import BaseModel

from services.requests.domain.filing import Filing
from services.requests.domain.people import Document
from services.requests.domain.rules.checks import Warned
from services.requests.domain.stages import State
from services.requests.domain.tracking.codes import shown
from services.requests.usecases.checking import Checked


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


class LastLetterView(BaseModel):
    """The letter that a kelurahan filed last."""

    number: str
    date: datetime.date


class NumberView(BaseModel):
    """What is known of a kelurahan's letter numbers."""

    warnings: list[WarningView]
    """That the number was used before."""
    last: LastLetterView | None
    """Null before the first letter."""

    @classmethod
    def of(cls, last: tuple[str, datetime.date] | None, warned: Warned | None) -> "NumberView":
        """The answer to a question about a number."""
        return cls(
            warnings=[WarningView.of(warned)] if warned else [],
            last=LastLetterView(number=last[0], date=last[1]) if last else None,
        )


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
