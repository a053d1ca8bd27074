"""What callers send. A refused body is answered with field and rule, never with what was sent."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.requests.domain.filing import Letter
from services.requests.domain.numbers import clean_nik, clean_phone
from services.requests.domain.people import Application, MaritalStatus, Person, Reason, Sex
from shared import fields as f

Line = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,120}$")]
"""One line of text."""
AddressText = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,300}$")]
NumberText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]


class Body(BaseModel):
    """An unknown field is a mistake of the caller, who should hear of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LetterBody(Body):
    """The letter of the RT/RW, signed by the lurah."""

    number: Line
    date: f.SentDay


class ResidentBody(Body):
    """A resident who cannot come."""

    name: Line
    birth_date: f.SentDay
    sex: Sex
    nik: NumberText | None = None
    phone: NumberText | None = None
    address: AddressText
    service: f.ServiceCode
    reason: Reason
    needs: Annotated[tuple[f.Skill, ...], Field(max_length=len(f.Skill))] = ()
    married: bool = False
    """Married, or ever married."""

    def application(self, number: int, day: date) -> Application:
        """The application. Raises Invalid (422) for a NIK or telephone number that can be none."""
        where = f"residents.{number}"
        person = Person(
            name=self.name,
            birth_date=self.birth_date,
            sex=self.sex,
            reason=self.reason,
            address=self.address,
            nik=clean_nik(self.nik, day, f"{where}.nik") if self.nik else None,
            phone=clean_phone(self.phone, f"{where}.phone") if self.phone else None,
            marital_status=MaritalStatus.MARRIED if self.married else None,
        )
        return Application(person, self.service, frozenset(self.needs))


class FilingBody(Body):
    """A letter with the residents it asks a visit for."""

    at: f.SentInstant
    kelurahan: f.KelurahanCode
    kind: f.RequestKind
    letter: LetterBody
    documents_complete: bool
    residents: Annotated[list[ResidentBody], Field(min_length=1, max_length=2000)]

    def the_letter(self) -> Letter:
        """What the letter itself says."""
        return Letter(self.kelurahan, self.kind, self.letter.number, self.letter.date)


class AcceptBody(Body):
    """The documents are complete."""

    at: f.SentInstant


class ClosingBody(Body):
    """It ends, and why."""

    at: f.SentInstant
    reason: f.ClosingReason
