"""Events of the topic `requests`: the letter of a kelurahan and its residents. Published by the service requests."""

from shared.contract import fields as f
from shared.contract.events.base import Event
from shared.contract.topics import REQUESTS


class RequestEvent(Event):
    """An event about one request."""

    topic = REQUESTS
    request_id: f.RequestId


class RequestFiled(RequestEvent):
    """A kelurahan office filed a request."""

    office: f.OfficeCode
    kelurahan: f.KelurahanCode
    kind: f.RequestKind
    place: f.DrivePlace = None
    """The kind of place where a drive is held."""
    headcount: f.DriveSize = None
    preferred_days: f.Weekdays = ()
    on_holidays: f.Flag = False


class CaseAdded(RequestEvent):
    """The documents of one resident are complete, and a visit can be planned: one event for each resident.

    If the request was accepted earlier, this event also accepts the case.
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
    """True until PrintEligible: a resident is recorded at 16, and the card is printed at 17. A date here would
    reveal the birth date."""
    preferred_days: f.Weekdays = ()
    """Weekdays on which the place can be visited, weekends included. Empty: the office's working days."""
    on_holidays: f.Flag = False
    """Whether the place can be visited on public holidays."""
    family_card: f.Flag = False
    """Whether a family card (KK) is printed on the same visit."""
    received_at: f.Receipt = None
    """When the service received the documents. The waiting time counts from then, if `at` is earlier."""


class CaseWithdrawn(RequestEvent):
    """One resident's application was withdrawn. The other cases of the request continue."""

    case_id: f.CaseId
    reason: f.ClosingReason


class RequestAmended(RequestEvent):
    """A case was changed: the values that dispatch needs, as they are now."""

    case_id: f.CaseId
    kelurahan: f.KelurahanCode
    minutes: f.Minutes
    team_size: f.TeamSize
    skills: f.Skills
    urgency: f.Urgency
    service: f.NewService = None
    family_card: f.NewFlag = None


class RequestAccepted(RequestEvent):
    """The documents of the first residents are complete. The legal time limit of 24 h starts (Permendagri 19/2018
    Ps 3(2)). A resident whose documents are completed later has a CaseAdded event of its own."""

    office: f.OfficeCode
    kelurahan: f.KelurahanCode
    due_at: f.Instant
    received_at: f.Receipt = None
    """When the service received the documents. The waiting time of the cases counts from then, if `at` is earlier."""


class RequestRejected(RequestEvent):
    """The request ended before any visit."""

    reason: f.ClosingReason


class RequestCancelled(RequestEvent):
    """The office that filed the request cancelled it."""

    reason: f.ClosingReason


class RequestOverdue(RequestEvent):
    """A request exceeded the time limit of its stage. Published once for each stage."""

    office: f.OfficeCode
    stage: f.Stage
    due_at: f.Instant


class PrintEligible(RequestEvent):
    """The resident turned 17: the card may be printed."""

    case_id: f.CaseId
    office: f.OfficeCode
