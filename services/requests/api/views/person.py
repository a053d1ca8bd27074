"""Who a case is about. No other view has personal data, and only one route answers with it."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.requests.domain.people import MaritalStatus, Person, PhotoReason, Reason, Sex, Vulnerable
from shared import fields as f


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
