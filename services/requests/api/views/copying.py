"""A request as a new one may begin with it: without what each filing has of its own."""

import datetime
from dataclasses import asdict
from uuid import UUID

from pydantic import BaseModel

from services.requests.api.views.person import Called
from services.requests.domain.amending import needs_of
from services.requests.domain.people import (
    Document,
    MaritalStatus,
    Person,
    PhotoReason,
    Reason,
    Sex,
    Vulnerable,
)
from services.requests.domain.rules.policy import Policy
from services.requests.store.people import Listed
from services.requests.usecases.copying import Copied
from shared.contract import fields as f


class ResidentCopyView(BaseModel):
    """A resident, and what they applied for."""

    name: str
    birth_date: datetime.date
    birth_date_estimated: bool
    sex: Sex
    nik: str | None
    phone: str | None
    address: str
    marital_status: MaritalStatus | None
    service: f.ServiceCode
    photo_reason: PhotoReason | None
    recorded_before: bool | None
    reason: Reason
    vulnerable: Vulnerable | None
    needs: list[f.Skill]
    documents: list[Document]
    family_card: bool

    @classmethod
    def of(cls, person: Person, listed: Listed, policy: Policy) -> "ResidentCopyView":
        """The view of a person and of what they applied for."""
        needs = needs_of(policy, person.reason, listed.skills)
        return cls.model_validate({**asdict(listed), **asdict(person), "needs": needs})


class DriveCopyView(BaseModel):
    """The visit to an institution."""

    place: f.Place
    name: str
    headcount: int
    preferred_days: list[int]
    on_holidays: bool


class CopyView(BaseModel):
    """A letter with its residents. This reading was written down. Who consents is not in it: that is given anew."""

    request_id: UUID
    kelurahan: str
    kelurahan_name: str
    kind: f.RequestKind
    number: str
    date: datetime.date
    contact: Called
    address: str | None
    drive: DriveCopyView | None
    residents: list[ResidentCopyView]
    left_out: int
    """Residents who are not in it: more than a form holds, or erased."""

    @classmethod
    def of(cls, request_id: UUID, copied: Copied, kelurahan_name: str, policy: Policy) -> "CopyView":
        """The view of what was copied."""
        letter = copied.letter
        return cls(
            request_id=request_id,
            kelurahan=letter.kelurahan,
            kelurahan_name=kelurahan_name,
            kind=letter.kind,
            number=letter.number,
            date=letter.date,
            contact=Called.model_validate(letter.contact, from_attributes=True),
            address=letter.contact.address,
            drive=DriveCopyView.model_validate(letter.drive, from_attributes=True) if letter.drive else None,
            residents=[ResidentCopyView.of(person, listed, policy) for person, listed in copied.residents],
            left_out=copied.left_out,
        )
