"""Checks events against their effects: each took effect once in every service that consumes it."""

from collections import Counter
from collections.abc import Iterable

from lab.faults.facts import counted
from lab.faults.findings import Findings
from lab.faults.journal import Journal
from lab.faults.snapshots import Counts, Snapshots
from lab.faults.topics import Fact, TopicLog
from ops.docs.services import all_consumers

FALLS = ("StockLow", "StockCritical", "StockOut")
_STEPS = (
    "VisitScheduled",
    "VisitRescheduled",
    "VisitDeferred",
    "VisitsResumed",
    "VisitCancelled",
    "VisitCompleted",
    "RecordCaptured",
    "PrintReady",
    "PrintCompleted",
    "CardHandedOver",
    "CardDestroyed",
    "CaseClosed",
)


def check(findings: Findings, journal: Journal, log: TopicLog, snapshots: Snapshots, webhooks: Counts) -> None:
    """`webhooks` counts the alerts that the province's own receiver was told of, by alert id."""
    _consumed(findings, log, snapshots)
    _of_requests(findings, log, snapshots)
    _of_dispatch(findings, log, snapshots)
    _of_inventory(findings, journal, log, snapshots)
    _of_notify(findings, log, snapshots)
    findings.compare("webhook", ((fact.data["alert_id"],) for fact in log.of("AlertRaised")), webhooks)


def _consumed(findings: Findings, log: TopicLog, snapshots: Snapshots) -> None:
    """Every event that a group handles is in its inbox; inventory's ledger and requests' steps are their own."""
    for consumer in (source.consumer for source in all_consumers()):
        database = snapshots.databases[consumer.service]
        handled = {event.__name__ for event in consumer.consumes}
        facts = [fact for fact in log.facts.values() if fact.topic == consumer.topic.name and fact.type in handled]
        for fact in facts:
            if (consumer.group, fact.id) not in database.consumed and not _own_inbox(fact, database.things):
                findings.lost.append(f"event {fact.type} {fact.id} for {consumer.group}")


def _own_inbox(fact: Fact, things: dict[str, Counts]) -> bool:
    step = (fact.key, str(fact.sequence))
    return step in things.get("steps", ()) or (fact.id,) in things.get("movement events", ())


def _of_requests(findings: Findings, log: TopicLog, snapshots: Snapshots) -> None:
    things = snapshots.databases["requests"].things
    findings.compare("request", counted(log, "RequestFiled").keys(), things["requests"])
    findings.compare("case in requests", counted(log, "CaseAdded").keys(), things["cases"])
    steps = [(fact.key, str(fact.sequence)) for fact in log.of(*_STEPS)]
    findings.compare("step in requests", steps, things["steps"])


def _of_dispatch(findings: Findings, log: TopicLog, snapshots: Snapshots) -> None:
    things = snapshots.databases["dispatch"].things
    findings.compare("case in dispatch", counted(log, "CaseAdded").keys(), things["cases"])
    findings.compare("planned visit", counted(log, "VisitScheduled").keys(), things["planned visits"])
    findings.compare("made visit", counted(log, "VisitCompleted").keys(), things["made visits"])
    findings.compare("print in dispatch", counted(log, "PrintCompleted").keys(), things["prints"])
    findings.compare("spoil in dispatch", counted(log, "PrintSpoiled").keys(), things["spoils"])
    findings.compare("destroyed card in dispatch", counted(log, "CardDestroyed").keys(), things["destroyed"])


def _of_inventory(findings: Findings, journal: Journal, log: TopicLog, snapshots: Snapshots) -> None:
    things = snapshots.databases["inventory"].things
    findings.compare("movement of print", counted(log, "PrintCompleted").keys(), things["prints"])
    findings.compare("movement of spoil", counted(log, "PrintSpoiled").keys(), things["spoils"])
    findings.compare("movement of destruction", counted(log, "CardDestroyed").keys(), things["destroyed"])
    findings.compare("approved shipment", counted(log, "ShipmentApproved").keys(), things["approvals"])
    findings.compare("movement of shipment", counted(log, "ShipmentDispatched").keys(), things["shipments"])
    receipts = [
        (entry.given["place"], entry.given["document"], str(entry.given["quantity"]))
        for entry in journal.of("inventory", "receipts")
    ]
    findings.compare("movement of receipt", receipts, things["receipts"])
    refills = [
        (entry.subject, entry.given["station"], str(entry.given["quantity"]), str(int(entry.moment.timestamp())))
        for entry in journal.of("inventory", "offices/tray")
    ]
    findings.compare("movement of refill", refills, things["refills"])
    arrivals = [
        (fact.data["shipment_id"], str(fact.data["quantity"]))
        for fact in log.of("ShipmentReceived")
        if fact.data["quantity"]
    ]
    findings.compare("movement of arrival", arrivals, things["arrivals"])


def _of_notify(findings: Findings, log: TopicLog, snapshots: Snapshots) -> None:
    things = snapshots.databases["notify"].things
    findings.compare("alert", counted(log, *FALLS).keys(), things["alerts"])
    for what, fact in (
        ("approvals", "ShipmentApproved"),
        ("shipments", "ShipmentDispatched"),
        ("arrivals", "ShipmentReceived"),
    ):
        findings.compare(f"{what} in notify", counted(log, fact).keys(), things[what])


def alerts_per_crossing(log: TopicLog) -> int:
    """The most alerts that one fall of one office brought; 0 when a fall brought none, or there was no fall."""
    raised = Counter((fact.data["office"], fact.data["crossing"]) for fact in log.of("AlertRaised"))
    falls: Iterable[tuple[str, int]] = {(f.data["office"], f.data["crossing"]) for f in log.of(*FALLS)}
    if any(raised[fall] == 0 for fall in falls):
        return 0
    return max(raised.values(), default=0)
