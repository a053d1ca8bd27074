"""Who a case is about, and whom to call. No other view has personal data, and one route answers with each."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.requests.domain.people import Contact, MaritalStatus, Person, PhotoReason, Reason, Sex, Vulnerable
from shared import fields as f


class PersonView(BaseModel):
    """The resident of a case. This reading was written down."""

    case_id: UUID
    name: str
    birth_date: date
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

    @classmethod
    def of(cls, case_id: UUID, person: Person, needs: Sequence[f.Skill]) -> "PersonView":
        """The view of a person."""
        return cls(
            case_id=case_id,
            name=person.name,
            birth_date=person.birth_date,
            birth_date_estimated=person.birth_date_estimated,
            sex=person.sex,
            nik=person.nik,
            phone=person.phone,
            address=person.address,
            reason=person.reason,
            marital_status=person.marital_status,
            vulnerable=person.vulnerable,
            photo_reason=person.photo_reason,
            recorded_before=person.recorded_before,
            needs=list(needs),
        )


class Called(BaseModel):
    """Whom to call."""

    name: str | None
    phone: str | None


class ContactView(BaseModel):
    """Whom a letter names, and where to go; all null when it names nobody. This reading was written down."""

    request_id: UUID
    contact: Called
    address: str | None

    @classmethod
    def of(cls, request_id: UUID, contact: Contact) -> "ContactView":
        """The view of a contact."""
        return cls(
            request_id=request_id, contact=Called(name=contact.name, phone=contact.phone), address=contact.address
        )
