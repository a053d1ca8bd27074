"""What callers correct: only the fields that are sent are changed."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from services.requests.api.bodies import AddressIfAny, Body, BornBody, Documents, Line, Needs, NumberIfAny
from services.requests.api.body_parser import BodyParser
from services.requests.domain.amending import LetterChanges
from services.requests.domain.names import clean_name
from services.requests.domain.numbers import clean_nik, clean_phone
from services.requests.domain.people import Consent, MaritalStatus, PhotoReason, Reason, Sex, Vulnerable
from shared.contract import fields as f

MAY_BE_EMPTY = frozenset({"nik", "phone", "marital_status", "vulnerable", "photo_reason", "recorded_before"})


VERSION = (
    "The version that was read. A change based on an older one is refused (409); without it nothing is compared."
)
Version = Annotated[int, Field(ge=0, le=2**53)]


class ChangesBody(BornBody):
    """What is corrected of a resident: the fields that are sent; the last four only until a visit is planned."""

    at: f.SentInstant
    version: Version | None = Field(default=None, description=VERSION)
    name: Line | None = None
    sex: Sex | None = None
    nik: NumberIfAny = None
    phone: NumberIfAny = None
    address: AddressIfAny = None
    marital_status: MaritalStatus | None = None
    reason: Reason | None = None
    vulnerable: Vulnerable | None = None
    needs: Needs | None = None
    family_card: bool | None = None
    service: f.ServiceCode | None = None
    photo_reason: PhotoReason | None = None
    recorded_before: bool | None = None
    documents: Documents | None = None

    def changes(self, day: date) -> dict[str, Any]:
        """By the name of the field; a null empties what may be empty. Raises Invalid (422) naming what is wrong."""
        parser = BodyParser(day)
        sent = {name: getattr(self, name) for name in self.model_fields_set if name not in ("at", "version")}
        if "birth_date" in sent:
            sent["birth_date_estimated"] = self.birth_date_estimated
        if sent.get("name"):
            sent["name"] = parser.parse(clean_name, self.name, "name")
        if sent.get("nik"):
            sent["nik"] = parser.parse(clean_nik, self.nik, day, "nik")
        if sent.get("phone"):
            sent["phone"] = parser.parse(clean_phone, self.phone, "phone")
        for name, value in sent.items():
            if value is None and name not in MAY_BE_EMPTY and not parser.errors:
                parser.missing(name, "tidak boleh dikosongkan", f"{name}.needed", "must not be empty")
        if not sent:
            parser.missing("at", "sebut paling sedikit satu isian yang diubah", "changes.needed", "name a field")
        parser.raise_errors()
        return sent


class ContactChangesBody(Body):
    """Whom to call from now on: the fields that are sent; a null empties one."""

    name: Line | None = None
    phone: NumberIfAny = None


class LetterChangesBody(Body):
    """What is corrected of a letter: the fields that are sent."""

    at: f.SentInstant
    version: Version | None = Field(default=None, description=VERSION)
    number: Line | None = None
    letter_date: f.SentDay | None = Field(default=None, alias="date")
    consent: Consent | None = None
    contact: ContactChangesBody | None = None
    address: AddressIfAny = None
    headcount: f.Headcount | None = None
    preferred_days: f.Weekdays | None = None
    on_holidays: bool | None = None
    usual_service: f.ServiceCode | None = None
    usual_reason: Reason | None = None

    def changes(self, day: date) -> LetterChanges:
        """The corrected fields. Raises Invalid (422)."""
        parser = BodyParser(day)
        told = {"number": self.number, "date": self.letter_date, "consent": self.consent}
        sent = {name: value for name, value in told.items() if value is not None}
        contact: dict[str, Any] = {"address": self.address} if "address" in self.model_fields_set else {}
        if self.contact:
            contact |= {name: getattr(self.contact, name) or None for name in self.contact.model_fields_set}
        if "usual_reason" in self.model_fields_set:
            contact["usual_reason"] = self.usual_reason
        if contact.get("phone"):
            contact["phone"] = parser.parse(clean_phone, contact["phone"], "contact.phone")
        if self.letter_date and self.letter_date > day:
            parser.missing("date", "tanggal surat paling lambat hari ini", "letter.date", "not after today")
        parser.raise_errors()
        days = None if self.preferred_days is None else tuple(sorted(set(self.preferred_days)))
        drive = {"headcount": self.headcount, "preferred_days": days, "on_holidays": self.on_holidays}
        changes: dict[str, Any] = {name: value for name, value in drive.items() if value is not None}
        if "usual_service" in self.model_fields_set:
            changes["usual_service"] = self.usual_service
        return LetterChanges(sent, contact, changes)
