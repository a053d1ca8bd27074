"""Who a case is about, and whom to call. One route answers with each; a copy for a form has both (`copying`)."""

import datetime
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from pydantic import BaseModel

from services.requests.domain.filing import Letter
from services.requests.domain.people import (
    Consent,
    Document,
    MaritalStatus,
    Person,
    PhotoReason,
    Reason,
    Sex,
    Vulnerable,
)
from services.requests.store.people import AppliedFor
from shared.contract import fields as f


class PersonView(BaseModel):
    """The resident of a case. This reading was written down."""

    case_id: UUID
    name: str
    birth_date: datetime.date
    birth_date_estimated: bool
    """Only the year is known."""
    sex: Sex
    nik: str | None
    phone: str | None
    address: str
    reason: Reason
    marital_status: MaritalStatus | None
    vulnerable: Vulnerable | None
    photo_reason: PhotoReason | None
    """Why another photo is wanted, where one is."""
    recorded_before: bool | None
    """Whether biometrics were ever taken; null when nobody said."""
    needs: list[f.Skill]
    """What the letter named for the visit, beside what comes with the reason."""
    service: f.ServiceCode
    documents: list[Document]
    """The papers that were shown."""
    family_card: bool
    version: int
    """Of all this: a correction names it, and is refused once it is not the newest."""

    @classmethod
    def of(
        cls, case_id: UUID, person: Person, asked: AppliedFor, needs: Sequence[f.Skill], version: int
    ) -> "PersonView":
        """The view of a person and of what they apply for."""
        told = {**asdict(asked), **asdict(person), "case_id": case_id, "needs": needs, "version": version}
        return cls.model_validate(told)


class Called(BaseModel):
    """Whom to call."""

    name: str | None
    phone: str | None


class ContactView(BaseModel):
    """Whom a letter names, and where to go, null when it names nobody; with what else may be corrected of the letter.

    This reading was written down.
    """

    request_id: UUID
    contact: Called
    address: str | None
    number: str
    date: datetime.date
    consent: Consent | None
    headcount: int | None
    """Of a drive, with the four that follow."""
    preferred_days: list[int]
    on_holidays: bool
    usual_service: f.ServiceCode | None
    usual_reason: Reason | None
    version: int
    """Of all this: a correction names it, and is refused once it is not the newest."""

    @classmethod
    def of(cls, request_id: UUID, letter: Letter, version: int) -> "ContactView":
        """The view of a letter's contact, and of the letter."""
        contact, drive = letter.contact, letter.drive
        return cls(
            request_id=request_id,
            contact=Called.model_validate(contact, from_attributes=True),
            address=contact.address,
            number=letter.number,
            date=letter.date,
            consent=letter.consent,
            headcount=drive.headcount if drive else None,
            preferred_days=list(drive.preferred_days) if drive else [],
            on_holidays=drive.on_holidays if drive else False,
            usual_service=drive.usual_service if drive else None,
            usual_reason=contact.usual_reason,
            version=version,
        )
