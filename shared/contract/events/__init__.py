"""Every event, in the order of the story.

A kelurahan files a **request** (the letter) with one **case** a resident; the request is accepted, a visit is
planned and made, the record becomes print-ready (PRR), the card is printed and handed over. Each print takes
one blank card; when few are left the province is told, acknowledges, approves a shipment, and inventory ships.

A service states only its own facts. An event carries ids, region codes and neutral codes, never a person.
`at` is business time: when it happened where it happened. Order is promised per key.
"""

from dataclasses import dataclass
from datetime import UTC
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from shared.contract import fields as f


@dataclass(frozen=True)
class Topic:
    """A Kafka topic: its name, the field that keys it, and the one service that publishes to it."""

    name: f.TopicName
    key: str
    publisher: f.ServiceName | None


REQUESTS = Topic("requests", "request_id", "requests")
CASES = Topic("cases", "case_id", "dispatch")
STOCK = Topic("stock", "office", "inventory")
ALERTS = Topic("alerts", "office", "notify")
DEAD_LETTERS = Topic("dead-letters", "dead_letter_id", None)
TOPICS = (REQUESTS, CASES, STOCK, ALERTS, DEAD_LETTERS)
PARTITIONS = 12
"""Never changed in place: a key would move to another partition, and its order would be lost."""


class Event(BaseModel):
    """A fact in the past tense. Unknown fields are ignored: minor versions only add."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    topic: ClassVar[Topic]
    version: ClassVar[int] = 1

    at: f.Instant

    @property
    def key(self) -> str:
        """What the event is about; events of one key keep their order."""
        return str(getattr(self, self.topic.key))

    @property
    def time(self) -> str:
        """`at` as CloudEvents writes it: RFC 3339, in UTC."""
        return self.at.astimezone(UTC).isoformat().replace("+00:00", "Z")

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type, with the major version."""
        return f"id.jemputbola.{cls.__name__}.v{cls.version}"


# --- requests: the letter ----------------------------------------------------------------------------------


class RequestEvent(Event):
    """About one request."""

    topic = REQUESTS
    request_id: f.RequestId


class RequestFiled(RequestEvent):
    """A kelurahan office filed a request."""

    office: f.OfficeCode
    kelurahan: f.KelurahanCode
    kind: f.RequestKind
    place: f.DrivePlace = None
    """Of a drive; with how many residents are expected there."""
    headcount: f.DriveSize = None
    preferred_days: f.Weekdays = ()
    on_holidays: f.Flag = False


class CaseAdded(RequestEvent):
    """A resident's application is ready to be planned, its documents complete: one event a resident.

    Of a letter that was accepted before, the case is accepted with this event.
    """

    case_id: f.CaseId
    office: f.OfficeCode
    kelurahan: f.KelurahanCode
    service: f.ServiceCode
    minutes: f.Minutes
    team_size: f.TeamSize
    skills: f.Skills
    urgency: f.Urgency
    print_on_hold: f.Flag
    """True until PrintEligible: recorded at 16, printed at 17. The date itself would tell the birth date."""
    preferred_days: f.Weekdays = ()
    """Weekdays on which the place can be visited, weekends too; none: the office's working days."""
    on_holidays: f.Flag = False
    """Whether it can be visited on public holidays."""
    family_card: f.Flag = False
    """A family card (KK) is printed on the same visit."""
    received_at: f.Receipt = None
    """When that was received: its turn counts from then, if `at` is earlier."""


class CaseWithdrawn(RequestEvent):
    """One resident's application was withdrawn; the others go on."""

    case_id: f.CaseId
    reason: f.ClosingReason


class RequestAmended(RequestEvent):
    """What dispatch must know of a change to a case."""

    case_id: f.CaseId
    kelurahan: f.KelurahanCode
    minutes: f.Minutes
    team_size: f.TeamSize
    skills: f.Skills
    urgency: f.Urgency
    service: f.NewService = None
    family_card: f.NewFlag = None


class RequestAccepted(RequestEvent):
    """The documents of its first residents are complete: the legal clock of 24 h starts (Permendagri 19/2018
    Ps 3(2)). Whose documents come later is told by a CaseAdded of then."""

    office: f.OfficeCode
    kelurahan: f.KelurahanCode
    due_at: f.Instant
    received_at: f.Receipt = None
    """When that was received: the turn of its cases counts from then, if `at` is earlier."""


class RequestRejected(RequestEvent):
    """The request ends before any visit."""

    reason: f.ClosingReason


class RequestCancelled(RequestEvent):
    """Who filed it took it back."""

    reason: f.ClosingReason


class RequestOverdue(RequestEvent):
    """A request passed the time limit of its stage; told once a stage."""

    office: f.OfficeCode
    stage: f.Stage
    due_at: f.Instant


class PrintEligible(RequestEvent):
    """The resident turned 17: the card may be printed."""

    case_id: f.CaseId
    office: f.OfficeCode


# --- cases: the visit, the record, the card ------------------------------------------------------------------


class CaseEvent(Event):
    """About one resident's case."""

    topic = CASES
    case_id: f.CaseId
    request_id: f.RequestId
    office: f.OfficeCode


class VisitScheduled(CaseEvent):
    """A team will come at this time."""

    visit_id: f.VisitId
    kelurahan: f.KelurahanCode
    team: f.TeamCode
    starts_at: f.Instant
    ends_at: f.Instant


class VisitRescheduled(CaseEvent):
    """The same visit at another time, or by another team."""

    visit_id: f.VisitId
    team: f.TeamCode
    starts_at: f.Instant
    ends_at: f.Instant


class VisitDeferred(CaseEvent):
    """No visit can be promised yet."""

    reason: f.DeferralReason


class VisitsResumed(CaseEvent):
    """A person decided that the resident is visited again, after the last attempt brought no record."""

    reason: f.ResumeReason


class VisitCancelled(CaseEvent):
    """The visit will not take place: the case was withdrawn or its request cancelled."""

    visit_id: f.VisitId


class VisitCompleted(CaseEvent):
    """The team came; this is what came of it."""

    visit_id: f.VisitId
    outcome: f.Outcome


class RecordCaptured(CaseEvent):
    """The biometric record was captured online."""

    visit_id: f.VisitId


class PrintReady(CaseEvent):
    """The centre answered PRINT_READY_RECORD (PRR)."""


class PrintCompleted(CaseEvent):
    """A card was printed: one blank card became a KTP-el."""

    print_id: f.PrintId
    station: f.StationCode
    serial: f.BlankoSerial


class PrintSpoiled(CaseEvent):
    """A print failed: one blank card is waste, to be destroyed with minutes (berita acara)."""

    print_id: f.PrintId
    station: f.StationCode
    serial: f.BlankoSerial
    cause: f.SpoilCause


class CardHandedOver(CaseEvent):
    """The card is in a hand; the case is closed."""

    receiver: f.Receiver


class CardDestroyed(CaseEvent):
    """A printed card was destroyed, with minutes (berita acara), before it reached a hand.

    `case_over` says that the case is closed by now; if not, another card may be printed.
    """

    print_id: f.PrintId
    station: f.StationCode
    serial: f.BlankoSerial
    cause: f.DestroyCause
    case_over: f.Flag


class CaseClosed(CaseEvent):
    """Dispatch ended the case: the answer to a withdrawal or cancellation, or a person's decision.

    While `card_outstanding`, a printed card is still to be handed over or destroyed.
    """

    reason: f.EndReason
    card_outstanding: f.Flag


# --- stock: the blank cards of an office -----------------------------------------------------------------------


class StockEvent(Event):
    """About the blank cards of one office."""

    topic = STOCK
    office: f.OfficeCode
    province: f.ProvinceCode


class StockLevelEvent(StockEvent):
    """The office crossed a level; `crossing` counts the crossings of this office."""

    crossing: f.Ordinal
    on_hand: f.Balance
    cover: f.Days
    """Working days that `on_hand` lasts at `usage`."""
    usage: f.PerDay


class StockLow(StockLevelEvent):
    """Fewer days of cover than the office's low threshold."""


class StockCritical(StockLevelEvent):
    """Fewer days of cover than the lead time of a shipment."""


class StockOut(StockLevelEvent):
    """No blank card left."""


class StockRecovered(StockLevelEvent):
    """Enough cards again."""


class StockReported(StockEvent):
    """The office's daily report to the province: opening + received - printed - spoiled = closing."""

    day: f.Day
    opening: f.Balance
    received: f.Count
    printed: f.Count
    spoiled: f.Count
    closing: f.Balance


class StockReportCorrected(StockReported):
    """A late fact changed the report of a day; the full report again, with its new revision."""

    revision: f.Ordinal


class RationingChanged(StockEvent):
    """Which services may be printed now. The full state with a version; announced again daily."""

    state_version: f.Ordinal
    active: f.Flag
    allowed: f.Services


class ShipmentDispatched(StockEvent):
    """Blank cards left the provincial store."""

    shipment_id: f.ShipmentId
    quantity: f.Quantity


class ShipmentReceived(StockEvent):
    """The office counted what arrived; `quantity` of the `expected`."""

    shipment_id: f.ShipmentId
    quantity: f.Count
    expected: f.Quantity


class ShipmentCountCorrected(StockEvent):
    """The count of a shipment was wrong: `quantity` of the `expected` arrived, `difference` more (below zero: fewer)
    than was told before. The full count again, with its new revision."""

    shipment_id: f.ShipmentId
    revision: f.Ordinal
    quantity: f.Count
    expected: f.Quantity
    difference: f.Balance


# --- alerts: the provincial office -----------------------------------------------------------------------------


class AlertEvent(Event):
    """About an alert to a province on one of its offices."""

    topic = ALERTS
    office: f.OfficeCode
    province: f.ProvinceCode


class AlertRaised(AlertEvent):
    """The province is told."""

    alert_id: f.AlertId
    level: f.StockLevel
    crossing: f.Ordinal


class AlertAcknowledged(AlertEvent):
    """A provincial officer took it on."""

    alert_id: f.AlertId


class AlertEscalated(AlertEvent):
    """Nobody acknowledged in time, or nothing followed: the next in line is told."""

    alert_id: f.AlertId
    step: f.Ordinal


class AlertResolved(AlertEvent):
    """The cause is gone."""

    alert_id: f.AlertId


class ShipmentApproved(AlertEvent):
    """The province approved a shipment; inventory checks the provincial store and ships."""

    shipment_id: f.ShipmentId
    quantity: f.Quantity


# --- dead letters ------------------------------------------------------------------------------------------------


class MessageDeadLettered(Event):
    """A service set a message aside: it can never be handled as it is. The message itself stays in that
    service's table `dead_letter`."""

    topic = DEAD_LETTERS
    dead_letter_id: f.DeadLetterId
    service: f.ServiceName
    source_topic: f.TopicName
    partition: f.Offset
    offset: f.Offset
    handler: f.HandlerName
    reason: f.DeadLetterReason


ALL: tuple[type[Event], ...] = tuple(
    declared
    for declared in list(globals().values())
    if isinstance(declared, type) and issubclass(declared, Event) and not declared.__name__.endswith("Event")
)
"""Every event of the contract, in story order."""
