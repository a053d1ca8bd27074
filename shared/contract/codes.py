"""Closed lists of codes that events carry. Each code is neutral: it never says who a person is or why."""

from enum import StrEnum


class RequestKind(StrEnum):
    """What the letter asks for."""

    HOME_VISIT = "home_visit"
    DRIVE = "drive"


class Place(StrEnum):
    """The kind of place where a drive is held, never the place itself: its name could reveal who is there."""

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
    """What a visit requires of its team. The reason is not published."""

    FEMALE_OFFICER = "female_officer"
    ESCORT = "escort"
    LARGE_TEAM = "large_team"
    ACCESSIBLE = "accessible"


class Urgency(StrEnum):
    """The priority of a case when the capacity is not enough for all."""

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
    """The stage of a case, as the family sees it."""

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
    """The result of a visit."""

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
    """Why a visit is not planned yet, or is planned for a later time."""

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
    """Why a printed card is destroyed before it is handed over."""

    MISPRINT = "misprint"
    DAMAGED = "damaged"
    LOST = "lost"
    """The card cannot be found and is written off with minutes (berita acara)."""
    CASE_CLOSED = "case_closed"
    """The case was withdrawn or cancelled while the card was printed."""
    DECEASED = "deceased"
    UNCLAIMED = "unclaimed"
    """Nobody collected the card."""


class EndReason(StrEnum):
    """Why dispatch closes a case."""

    WITHDRAWN = "withdrawn"
    """The letter or the case was rejected, cancelled or withdrawn; the service requests has the reason."""
    NO_RECORD = "no_record"
    """The visits brought no record, and no further visit is planned."""
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    MOVED_AWAY = "moved_away"
    DECEASED = "deceased"
    UNCLAIMED = "unclaimed"


class ResumeReason(StrEnum):
    """Why an officer resumes the visits to a resident."""

    RESIDENT_READY = "resident_ready"
    ADDRESS_CORRECTED = "address_corrected"
    OFFICE_DECISION = "office_decision"


class Receiver(StrEnum):
    """Who received the card."""

    RESIDENT = "resident"
    FAMILY = "family"
    KELURAHAN = "kelurahan"


class StockLevel(StrEnum):
    """The stock level of an office, by days of cover."""

    OK = "ok"
    LOW = "low"
    CRITICAL = "critical"
    OUT = "out"


class DeadLetterReason(StrEnum):
    """Why a message can never be handled as it is: the reason of a dead letter."""

    NOT_AN_EVENT = "not_an_event"
    UNKNOWN_VERSION = "unknown_version"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    FAILED = "failed"
