"""Events of the topic `cases`: a resident's visit, record and card. Published by the service dispatch."""

from shared.contract import fields as f
from shared.contract.events.base import Event
from shared.contract.topics import CASES


class CaseEvent(Event):
    """An event about one resident's case."""

    topic = CASES
    case_id: f.CaseId
    request_id: f.RequestId
    office: f.OfficeCode


class VisitScheduled(CaseEvent):
    """A visit was planned: the team and the time."""

    visit_id: f.VisitId
    kelurahan: f.KelurahanCode
    team: f.TeamCode
    starts_at: f.Instant
    ends_at: f.Instant


class VisitRescheduled(CaseEvent):
    """The same visit was moved to another time or another team."""

    visit_id: f.VisitId
    team: f.TeamCode
    starts_at: f.Instant
    ends_at: f.Instant


class VisitDeferred(CaseEvent):
    """No visit can be planned yet."""

    reason: f.DeferralReason


class VisitsResumed(CaseEvent):
    """The last visit brought no record, and an officer decided that the resident is visited again."""

    reason: f.ResumeReason


class VisitCancelled(CaseEvent):
    """The visit will not take place: the case was withdrawn or its request cancelled."""

    visit_id: f.VisitId


class VisitCompleted(CaseEvent):
    """The team visited the resident; `outcome` is the result."""

    visit_id: f.VisitId
    outcome: f.Outcome


class RecordCaptured(CaseEvent):
    """The biometric record was captured online."""

    visit_id: f.VisitId


class PrintReady(CaseEvent):
    """The national centre answered PRINT_READY_RECORD (PRR): the card can be printed."""


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
    """The card was handed over, and the case is closed."""

    receiver: f.Receiver


class CardDestroyed(CaseEvent):
    """A printed card was destroyed, with minutes (berita acara), before anybody received it.

    `case_over` is true when the case is closed; otherwise another card may be printed.
    """

    print_id: f.PrintId
    station: f.StationCode
    serial: f.BlankoSerial
    cause: f.DestroyCause
    case_over: f.Flag


class CaseClosed(CaseEvent):
    """Dispatch closed the case, after a withdrawal or cancellation or by an officer's decision.

    While `card_outstanding` is true, a printed card must still be handed over or destroyed.
    """

    reason: f.EndReason
    card_outstanding: f.Flag
