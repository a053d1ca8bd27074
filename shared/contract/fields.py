"""The closed list of types an event may carry.

No type here can hold a name, a NIK, a phone number, an address or free text: an event is read by everyone
who may read its topic, and kept for weeks. `tests/contracts` refuses an event with a field of any other type.
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field, PlainSerializer, StringConstraints
from pydantic_core import PydanticKnownError

RequestId = UUID
CaseId = UUID
VisitId = UUID
PrintId = UUID
AlertId = UUID
ShipmentId = UUID
DeadLetterId = UUID

ProvinceCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
"""Kemendagri province, "17"."""
OfficeCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}$")]
"""A kabupaten or kota, whose Dukcapil is the office: "17.02"."""
KelurahanCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$")]
"""Kelurahan, desa or desa adat: "17.02.06.1004"."""
TeamCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[0-9]{1,3}$")]
StationCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[0-9]{1,3}$")]
"""A print station with its tray: "P1"."""
BlankoSerial = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{5,15}$")]
"""The serial number printed on a blank card. It names a card, not a person; a letter first, so that no
NIK fits."""
TopicName = Annotated[str, StringConstraints(pattern=r"^[a-z-]{3,30}$")]
ServiceName = Annotated[str, StringConstraints(pattern=r"^[a-z]{3,20}$")]
HandlerName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_.]{1,60}$")]

Count = Annotated[int, Field(ge=0, le=100_000_000)]
Quantity = Annotated[int, Field(ge=1, le=10_000_000)]
Balance = Annotated[int, Field(ge=-100_000_000, le=100_000_000)]
"""A count that may be below zero until somebody counts again."""
Ordinal = Annotated[int, Field(ge=1, le=2**62)]
Offset = Annotated[int, Field(ge=0, le=2**62)]
Minutes = Annotated[int, Field(ge=1, le=600)]
TeamSize = Annotated[int, Field(ge=1, le=12)]
Days = Annotated[float, Field(ge=0, le=10_000)]
"""Working days, possibly a fraction."""
PerDay = Annotated[float, Field(ge=0, le=1_000_000)]
Flag = bool
Day = Annotated[date, Field(ge=date(2011, 1, 1), lt=date(2100, 1, 1))]
"""A day in the zone of the office it belongs to."""


def _written(kind: Literal["date_type", "datetime_type"]) -> BeforeValidator:
    """Only in words: pydantic would count a number, or a text that is one, from 1970."""

    def check(given: object) -> object:
        if isinstance(given, (int, float)) or (isinstance(given, str) and "-" not in given[1:]):
            raise PydanticKnownError(kind)
        return given

    return BeforeValidator(check)


SentDay = Annotated[date, _written("date_type")]
"""A day as callers send it: "2026-04-06"."""

# Bounds that pydantic checks by itself cost a third of a function of ours, and every event has one.
Instant = Annotated[
    AwareDatetime,
    Field(ge=datetime(2011, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC)),
    PlainSerializer(lambda at: at.astimezone(UTC), return_type=datetime, when_used="json"),
]
"""A moment of business time, with its zone; written in UTC. The KTP-el began in 2011."""
SentInstant = Annotated[Instant, _written("datetime_type")]
"""The same as callers send it: "2026-04-06T08:00:00+07:00"."""


class RequestKind(StrEnum):
    """What the letter asks for."""

    HOME_VISIT = "home_visit"
    DRIVE = "drive"


class Place(StrEnum):
    """Where a drive is held. What kind of place, never which one: a name could tell who is there."""

    SCHOOL = "school"
    PRISON = "prison"
    CARE_HOME = "care_home"
    RW = "rw"
    KELURAHAN = "kelurahan"
    VAN_STOP = "van_stop"


class ServiceCode(StrEnum):
    """What the resident applies for."""

    FIRST = "first"
    LOST = "lost"
    DAMAGED = "damaged"
    PHOTO = "photo"
    DATA_CHANGE = "data_change"
    MOVE_IN = "move_in"


class Skill(StrEnum):
    """What a visit needs of its team, said without saying why."""

    FEMALE_OFFICER = "female_officer"
    ESCORT = "escort"
    LARGE_TEAM = "large_team"
    ACCESSIBLE = "accessible"


class Urgency(StrEnum):
    """How a case is ranked when not all fit."""

    NORMAL = "normal"
    RAISED = "raised"
    HIGH = "high"


class ClosingReason(StrEnum):
    """Why a request or a case ends without a card."""

    DOCUMENTS_MISSING = "documents_missing"
    NOT_ELIGIBLE = "not_eligible"
    DUPLICATE = "duplicate"
    ASKED_BY_RESIDENT = "asked_by_resident"
    MOVED_AWAY = "moved_away"
    DECEASED = "deceased"
    FILED_BY_MISTAKE = "filed_by_mistake"


class Stage(StrEnum):
    """Where a case stands, as the family sees it."""

    FILED = "filed"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    VISITED = "visited"
    RECORDED = "recorded"
    PRINT_READY = "print_ready"
    PRINTED = "printed"
    HANDED_OVER = "handed_over"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What came of a visit."""

    RECORDED = "recorded"
    REFUSED = "refused"
    RELAPSED = "relapsed"
    ABSENT = "absent"
    NOT_FOUND = "not_found"
    UNDER_AGE = "under_age"
    ALREADY_RECORDED = "already_recorded"
    DEVICE_FAULT = "device_fault"
    NO_SIGNAL = "no_signal"


class DeferralReason(StrEnum):
    """Why a visit is not planned, or is planned again later."""

    NO_CAPACITY = "no_capacity"
    NO_TEAM_WITH_SKILL = "no_team_with_skill"
    OUTCOME = "outcome"
    WEATHER = "weather"
    ROAD = "road"


class SpoilCause(StrEnum):
    """Why a blank card is lost (SE 470.13/11176/SJ 2018)."""

    FACTORY_DEFECT = "factory_defect"
    MISPRINT = "misprint"
    STATUS_CHANGE = "status_change"
    WEAR = "wear"


class DestroyCause(StrEnum):
    """Why a printed card is destroyed before it reached a hand."""

    MISPRINT = "misprint"
    DAMAGED = "damaged"
    LOST = "lost"
    """It cannot be found: written off with minutes (berita acara)."""
    CASE_CLOSED = "case_closed"
    """Its case was withdrawn or cancelled while it was printed."""
    DECEASED = "deceased"
    UNCLAIMED = "unclaimed"
    """Nobody ever came for it."""


class EndReason(StrEnum):
    """Why dispatch closes a case."""

    WITHDRAWN = "withdrawn"
    """The letter or the case was rejected, cancelled or withdrawn: `requests` knows more."""
    NO_RECORD = "no_record"
    """The visits brought no record, and no other is worth the way."""
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    MOVED_AWAY = "moved_away"
    DECEASED = "deceased"
    UNCLAIMED = "unclaimed"


class ResumeReason(StrEnum):
    """Why a person lets the visits to a resident go on."""

    RESIDENT_READY = "resident_ready"
    ADDRESS_CORRECTED = "address_corrected"
    OFFICE_DECISION = "office_decision"


class Receiver(StrEnum):
    """Into whose hand the card went."""

    RESIDENT = "resident"
    FAMILY = "family"
    KELURAHAN = "kelurahan"


class StockLevel(StrEnum):
    """How an office stands, by days of cover."""

    OK = "ok"
    LOW = "low"
    CRITICAL = "critical"
    OUT = "out"


class DeadLetterReason(StrEnum):
    """Why a message can never be handled as it is."""

    NOT_AN_EVENT = "not_an_event"
    UNKNOWN_VERSION = "unknown_version"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    FAILED = "failed"


Services = Annotated[tuple[ServiceCode, ...], Field(max_length=len(ServiceCode))]
Skills = Annotated[tuple[Skill, ...], Field(max_length=len(Skill))]
Headcount = Annotated[int, Field(ge=1, le=20_000)]
"""Residents expected at a drive."""
DrivePlace = Place | None
"""None of a home visit."""
DriveSize = Headcount | None
"""None of a home visit."""
Receipt = Instant | None
"""When a service received what an event tells, by its business clock; None of one that did not say it yet."""
NewService = ServiceCode | None
NewFlag = Flag | None
"""None: as before."""
Weekdays = Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(max_length=7)]
"""Days of the week, 0 is Monday; none is any."""
