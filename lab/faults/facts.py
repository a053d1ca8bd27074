"""Checks acknowledged commands against events: each event is on its topic once, and in an outbox."""

from collections import Counter
from collections.abc import Iterator, Sequence

from lab.faults.context import ReplayClaim
from lab.faults.findings import Findings
from lab.faults.journal import Entry, Journal
from lab.faults.snapshots import Counts, Snapshots
from lab.faults.topics import IDENTITY, TopicLog

Named = tuple[str, tuple[str, ...]]
"""The type of a fact, and what it is about."""

# What only a command brings about: a fact beyond the acknowledged commands is one too many.
_ONLY_BY_COMMAND = (
    "RequestFiled",
    "CaseAdded",
    "RequestAccepted",
    "RequestCancelled",
    "CaseWithdrawn",
    "VisitCompleted",
    "PrintReady",
    "PrintCompleted",
    "PrintSpoiled",
    "CardHandedOver",
    "CardDestroyed",
    "ShipmentApproved",
    "ShipmentReceived",
)


# What identifies the event that a command publishes: the id in its path, or a field of its body or its answer.
_BY_PATH = {
    "requests/cancel": "RequestCancelled",
    "requests/cases/withdraw": "CaseWithdrawn",
    "visits/outcome": "VisitCompleted",
    "cases/print-ready": "PrintReady",
    "cases/handover": "CardHandedOver",
    "shipments/receive": "ShipmentReceived",
    "alerts/acknowledge": "AlertAcknowledged",
}
_BY_PRINT = {
    "cases/prints": "PrintCompleted",
    "cases/spoils": "PrintSpoiled",
    "cases/destroy": "CardDestroyed",
}


def facts_of(entry: Entry) -> Iterator[Named]:
    """The events that an acknowledged command publishes."""
    if entry.route in _BY_PATH:
        yield _BY_PATH[entry.route], (entry.subject,)
    elif entry.service == "requests":
        yield from _of_requests(entry)
    elif entry.route == "shipments":
        yield "ShipmentApproved", (entry.answered["shipment_id"],)
    elif entry.route in _BY_PRINT:
        yield _BY_PRINT[entry.route], (entry.given["print_id"],)


def _of_requests(entry: Entry) -> Iterator[Named]:
    """A case is told of once its papers are complete; the first of a letter brings the letter's acceptance."""
    answered = entry.answered
    ready = [case["case_id"] for case in answered.get("cases", ()) if case["stage"] == "accepted"]
    if entry.route == "requests":
        yield "RequestFiled", (answered["request_id"],)
    elif entry.route == "requests/accept":
        ready = answered["case_ids"]
    elif entry.route == "requests/cases/documents" and answered["stage"] == "accepted":
        ready = [answered["case_id"]]
    yield from (("CaseAdded", (case_id,)) for case_id in ready)
    if ready:
        yield "RequestAccepted", (answered["request_id"],)


def check(
    findings: Findings,
    journal: Journal,
    log: TopicLog,
    snapshots: Snapshots,
    claims: Sequence[ReplayClaim],
    *,
    ended: bool,
) -> None:
    """`ended` says that the story came to its end: no command is without its acknowledgement."""
    _commands(findings, journal, snapshots)
    _stated(findings, log, snapshots)
    _claimed(findings, log, claims)
    expected: dict[str, list[tuple[str, ...]]] = {name: [] for name in (*_ONLY_BY_COMMAND, "AlertAcknowledged")}
    for name, identity in (fact for entry in journal.entries for fact in facts_of(entry)):
        # A letter is accepted once, whichever of its cases came first.
        if name != "RequestAccepted" or identity not in expected[name]:
            expected[name].append(identity)
    # Nobody hears of the end of a case that nobody was told of.
    known = {*expected["CaseAdded"]}
    expected["CaseWithdrawn"] = [identity for identity in expected["CaseWithdrawn"] if identity in known]
    for name, identities in expected.items():
        more = not ended or name not in _ONLY_BY_COMMAND
        findings.compare(f"fact {name}", identities, counted(log, name), more=more)
    for name in IDENTITY.keys() - expected.keys():
        findings.compare(f"fact {name}", counted(log, name).keys(), counted(log, name))
    recorded = [(f.data["case_id"],) for f in log.of("VisitCompleted") if f.data["outcome"] == "recorded"]
    findings.compare("fact RecordCaptured", recorded, counted(log, "RecordCaptured"))


def counted(log: TopicLog, *types: str) -> Counts:
    """How many facts of these types, by identity."""
    return Counter({identity: len(facts) for name in types for identity, facts in log.by_type[name].items()})


def _commands(findings: Findings, journal: Journal, snapshots: Snapshots) -> None:
    for entry in journal.entries:
        if entry.key not in snapshots.databases[entry.service].commands:
            findings.lost.append(f"command {entry.service}/{entry.route} {entry.key}")


def _stated(findings: Findings, log: TopicLog, snapshots: Snapshots) -> None:
    """Outboxes against topics, both ways: nothing unpublished, nothing published that was not committed."""
    stated = {event_id for database in snapshots.databases.values() for event_id in database.published}
    unpublished = stated - log.facts.keys()
    findings.lost += [f"event {event_id} of an outbox is not on its topic" for event_id in sorted(unpublished)]
    findings.complete = not unpublished
    findings.doubled += [f"event {event_id} on a topic is in no outbox" for event_id in log.facts.keys() - stated]


def _claimed(findings: Findings, log: TopicLog, claims: Sequence[ReplayClaim]) -> None:
    """What a relay had marked as published before a replay must have been on its topic before the replay."""
    late = {
        event_id
        for claim in claims
        for event_id in claim.event_ids & log.facts.keys()
        if log.facts[event_id].first_seen > claim.at
    }
    findings.lost += [f"event {event_id} came only by a replay" for event_id in sorted(late)]
