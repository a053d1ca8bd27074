"""What callers send. A refused body is answered with every field and rule, never with what was sent."""

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from services.requests.api.body_parser import BodyParser
from services.requests.domain.filing import Letter, Submission
from services.requests.domain.names import clean_name
from services.requests.domain.numbers import birth_date_of, clean_nik, clean_phone
from services.requests.domain.people import (
    Application,
    Consent,
    Contact,
    Document,
    Drive,
    MaritalStatus,
    Person,
    PhotoReason,
    Reason,
    Sex,
    Vulnerable,
)
from services.requests.domain.text import is_blank, visible
from services.requests.domain.tracking.codes import read_given
from services.requests.domain.when import When
from shared.contract import fields as f
from shared.reference.offices import Office


def _visible(given: object) -> object:
    return visible(given) if isinstance(given, str) else given


def _said(given: object) -> object:
    """Nothing for a text which says that there is nothing, such as "-" or "tidak ada"."""
    return None if isinstance(given, str) and is_blank(given) else given


def _strings(pattern: str) -> tuple[BeforeValidator, StringConstraints]:
    return BeforeValidator(_visible), StringConstraints(strip_whitespace=True, pattern=pattern)


Line = Annotated[str, *_strings(r"^[^\x00-\x1f\x7f]{1,120}$")]
"""One line of text, without its invisible characters."""
AddressText = Annotated[str, *_strings(r"^[^\x00-\x1f\x7f]{1,300}$")]
AddressIfAny = Annotated[AddressText | None, BeforeValidator(_said)]
NumberText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
NumberIfAny = Annotated[NumberText | None, BeforeValidator(_said)]
"""A number as people write it; null for "-", "0" and the like."""
Needs = Annotated[tuple[f.Skill, ...], Field(max_length=len(f.Skill))]
Documents = Annotated[tuple[Document, ...], Field(max_length=len(Document))]


class Body(BaseModel):
    """An unknown field is a mistake of the caller, who should hear of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LetterBody(Body):
    """The letter of the RT/RW, signed by the lurah."""

    number: Line
    date: f.SentDay


class ContactBody(Body):
    """Whom to call. The family tracks with the last four digits of a phone."""

    name: Line
    phone: NumberText


class DriveBody(Body):
    """A visit to an institution."""

    place: f.Place
    name: Line
    headcount: f.Headcount
    preferred_days: f.Weekdays = ()
    on_holidays: bool = False
    usual_service: f.ServiceCode | None = None
    """For residents of its list whose row names no service."""
    usual_reason: Reason | None = None
    """For residents of its list whose row names no reason."""

    def drive(self) -> Drive:
        """As the domain has it."""
        days = tuple(sorted(set(self.preferred_days)))
        return Drive(self.place, self.name, self.headcount, days, self.on_holidays, self.usual_service)


YEAR = re.compile(r"[0-9]{4}")


class BornBody(Body):
    """Somebody's birth date, of which at times only the year is known: "1950" is taken as an estimate."""

    birth_date: f.SentDay | None = None
    """A day, or only its year."""
    birth_date_estimated: bool = False
    """Only the year is certain."""

    @model_validator(mode="before")
    @classmethod
    def _year_alone(cls, given: Any) -> Any:
        born = given.get("birth_date") if isinstance(given, dict) else None
        if isinstance(born, str) and YEAR.fullmatch(born.strip()):
            return {**given, "birth_date": f"{born.strip()}-01-01", "birth_date_estimated": True}
        return given


class ResidentBody(BornBody):
    """A resident who cannot come. Without a birth date it is read from the NIK, and a warning asks for it."""

    name: Line
    sex: Sex
    nik: NumberIfAny = None
    phone: NumberIfAny = None
    address: AddressIfAny = None
    marital_status: MaritalStatus | None = None
    service: f.ServiceCode
    photo_reason: PhotoReason | None = None
    recorded_before: bool | None = None
    """Whether biometrics were ever taken."""
    reason: Reason
    vulnerable: Vulnerable | None = None
    """The legal group (penduduk rentan), which is another than the reason."""
    needs: Needs = ()
    documents: Documents = ()
    """The papers that were shown."""
    family_card: bool = False
    """Print a family card (KK) on the same visit."""
    tracking: NumberIfAny = None
    """A code that the caller's device reserved and the family has by now; another is drawn when it is not the
    caller's to give, and a warning says so."""

    def application(self, where: str, contact: Contact, parser: BodyParser) -> Application | None:
        """The application; None, and errors in `parser`, for what can be none."""
        name = parser.parse(clean_name, self.name, f"{where}name")
        nik = parser.parse(clean_nik, self.nik, parser.day, f"{where}nik")
        phone = parser.parse(clean_phone, self.phone, f"{where}phone")
        code = parser.parse(read_given, self.tracking, f"{where}tracking")
        born = self.birth_date or (birth_date_of(nik, parser.day) if nik else None)
        address = self.address or contact.address
        if born is None and not self.nik:
            rule, en = "wajib diisi bila NIK tidak ada", "needed without a NIK"
            parser.missing(f"{where}birth_date", rule, "birth_date.needed", en)
        if address is None:
            rule, en = "isi alamat warga, atau alamat kunjungan", "give one, or that of the visit"
            parser.missing(f"{where}address", rule, "address.needed", en)
        if name is None or born is None or address is None:
            return None
        person = Person(
            name=name,
            birth_date=born,
            sex=self.sex,
            reason=self.reason,
            address=address,
            nik=nik,
            phone=phone or contact.phone,
            marital_status=self.marital_status,
            vulnerable=self.vulnerable,
            photo_reason=self.photo_reason if self.service is f.ServiceCode.PHOTO else None,
            recorded_before=self.recorded_before,
            birth_date_estimated=self.birth_date_estimated and self.birth_date is not None,
        )
        return Application(
            person,
            self.service,
            needs=frozenset(self.needs),
            documents=frozenset(self.documents),
            family_card=self.family_card,
            birth_date_from_nik=self.birth_date is None,
            tracking=code,
        )


class FilingBody(Body):
    """A letter with the residents it asks a visit for."""

    at: f.SentInstant
    """By the operator's own device."""
    kelurahan: f.KelurahanCode
    kind: f.RequestKind
    letter: LetterBody
    consent: Consent
    """Who agreed that it is filed: nobody agrees by default."""
    address: AddressIfAny = None
    """Where the visit is; a resident with an own address keeps it."""
    contact: ContactBody | None = None
    drive: DriveBody | None = None
    documents_complete: bool = False
    """Every required paper of every resident was shown; else each resident's `documents` count."""
    ask_first: bool = False
    """What looks as if it had been filed before (its letter number, or a resident) is refused (409), for a person to
    decide; otherwise it is filed, and a warning says so."""
    residents: Annotated[list[ResidentBody], Field(max_length=2000)]

    def submission(self, office: Office, received_at: datetime) -> Submission:
        """The letter and its applications. Raises Invalid (422) naming every field that cannot be parsed."""
        parser = BodyParser(office.day_of(received_at))
        contact = _contact(self.contact, self.address, parser)
        if self.drive:
            contact = replace(contact, usual_reason=self.drive.usual_reason)
        letter = Letter(
            self.kelurahan,
            self.kind,
            self.letter.number,
            self.letter.date,
            self.consent,
            contact,
            self.drive.drive() if self.drive else None,
        )
        applications = _applications(self.residents, contact, parser)
        parser.raise_errors()
        return Submission(letter, applications, self.documents_complete, When(self.at, received_at))


class LikenessBody(Body):
    """A resident as far as a form knows by now who they are. Without a kelurahan only the NIK is looked for."""

    at: f.SentInstant
    kelurahan: f.KelurahanCode | None = None
    nik: NumberIfAny = None
    name: Line | None = None
    birth_date: f.SentDay | None = None

    def read(self, day: date) -> tuple[str | None, tuple[str, date, str] | None]:
        """The NIK; and name, birth date and kelurahan where all three are known. Raises Invalid (422)."""
        nik = clean_nik(self.nik, day, "nik") if self.nik else None
        born = self.birth_date or (birth_date_of(nik, day) if nik else None)
        return nik, (self.name, born, self.kelurahan) if self.name and born and self.kelurahan else None


class NumberBody(Body):
    """A letter number that a form asks about before the rest of the letter is known."""

    at: f.SentInstant
    kelurahan: f.KelurahanCode
    number: Line | None = None
    date: f.SentDay | None = None
    """Of the letter: numbers begin anew each year. Without it, the year is this one."""


class ResidentsBody(Body):
    """Residents for a drive that was filed before."""

    at: f.SentInstant
    documents_complete: bool = False
    residents: Annotated[list[ResidentBody], Field(min_length=1, max_length=2000)]

    def applications(self, contact: Contact, day: date) -> tuple[Application, ...]:
        """The applications. Raises Invalid (422) naming every field that cannot be parsed."""
        parser = BodyParser(day)
        applications = _applications(self.residents, contact, parser)
        parser.raise_errors()
        return applications


class AcceptBody(Body):
    """Every paper of every waiting resident was shown."""

    at: f.SentInstant


class DocumentsBody(Body):
    """Papers of one resident were shown."""

    at: f.SentInstant
    documents: Annotated[tuple[Document, ...], Field(min_length=1, max_length=len(Document))]


class ClosingBody(Body):
    """It ends, and why."""

    at: f.SentInstant
    reason: f.ClosingReason


def _contact(told: ContactBody | None, address: str | None, parser: BodyParser) -> Contact:
    if told is None:
        return Contact(address=address)
    return Contact(told.name, parser.parse(clean_phone, told.phone, "contact.phone"), address)


def _applications(residents: list[ResidentBody], contact: Contact, parser: BodyParser) -> tuple[Application, ...]:
    parsed = [each.application(f"residents.{n}.", contact, parser) for n, each in enumerate(residents)]
    return tuple(each for each in parsed if each is not None)
