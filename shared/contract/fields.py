"""The closed list of field types that an event may use.

No type here can hold a name, a NIK, a phone number, an address or free text: everyone with access to a topic reads
its events, and the topic keeps them for weeks. `tests/contracts` rejects an event with a field of any other type.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field, PlainSerializer, StringConstraints
from pydantic_core import PydanticKnownError

from shared.contract.codes import (
    ClosingReason,
    DeadLetterReason,
    DeferralReason,
    DestroyCause,
    EndReason,
    Outcome,
    Place,
    Receiver,
    RequestKind,
    ResumeReason,
    ServiceCode,
    Skill,
    SpoilCause,
    Stage,
    StockLevel,
    Urgency,
)

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
"""The kabupaten or kota of a Dukcapil office: "17.02"."""
KelurahanCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$")]
"""Kelurahan, desa or desa adat: "17.02.06.1004"."""
TeamCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[0-9]{1,3}$")]
StationCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[0-9]{1,3}$")]
"""A print station with its tray: "P1"."""
BlankoSerial = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{5,15}$")]
"""The serial number on a blank card. It identifies a card, not a person. It begins with a letter, so that no NIK
matches."""
TopicName = Annotated[str, StringConstraints(pattern=r"^[a-z-]{3,30}$")]
ServiceName = Annotated[str, StringConstraints(pattern=r"^[a-z]{3,20}$")]
HandlerName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_.]{1,60}$")]

Count = Annotated[int, Field(ge=0, le=100_000_000)]
Quantity = Annotated[int, Field(ge=1, le=10_000_000)]
Balance = Annotated[int, Field(ge=-100_000_000, le=100_000_000)]
"""A count that may be negative until the next stocktake."""
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


def _reject_numbers(kind: Literal["date_type", "datetime_type"]) -> BeforeValidator:
    """A validator that rejects numbers: pydantic would read a number, or its text, as a Unix time."""

    def check(value: object) -> object:
        if isinstance(value, (int, float)) or (isinstance(value, str) and "-" not in value[1:]):
            raise PydanticKnownError(kind)
        return value

    return BeforeValidator(check)


SentDay = Annotated[date, _reject_numbers("date_type")]
"""A day in a request body: "2026-04-06"."""

# Pydantic's own bounds take a third of the time of a Python validator, and every event has an instant.
Instant = Annotated[
    AwareDatetime,
    Field(ge=datetime(2011, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC)),
    PlainSerializer(lambda at: at.astimezone(UTC), return_type=datetime, when_used="json"),
]
"""A moment of business time with a time zone, serialised in UTC. The KTP-el was introduced in 2011."""
SentInstant = Annotated[Instant, _reject_numbers("datetime_type")]
"""An instant in a request body: "2026-04-06T08:00:00+07:00"."""


Services = Annotated[tuple[ServiceCode, ...], Field(max_length=len(ServiceCode))]
Skills = Annotated[tuple[Skill, ...], Field(max_length=len(Skill))]
Headcount = Annotated[int, Field(ge=1, le=20_000)]
"""Residents expected at a drive."""
DrivePlace = Place | None
"""None for a home visit."""
DriveSize = Headcount | None
"""None for a home visit."""
Receipt = Instant | None
"""When a service received the fact, by its business clock. None in events of versions that did not publish it."""
NewService = ServiceCode | None
NewFlag = Flag | None
"""None: not changed."""
Weekdays = Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(max_length=7)]
"""Days of the week; 0 is Monday. Empty: any day."""
