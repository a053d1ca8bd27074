"""Where every case must stand after its last acknowledged command, in dispatch and as the family sees it."""

from collections.abc import Iterable

from lab.faults.findings import Findings
from lab.faults.journal import Entry, Journal
from lab.faults.snapshots import Snapshots
from lab.faults.topics import TopicLog

_AFTER = {
    "cases/print-ready": frozenset({"print_ready"}),
    "cases/prints": frozenset({"printed"}),
    "cases/handover": frozenset({"handed_over"}),
}
_FILED, _CANCELLED = frozenset({"filed"}), frozenset({"cancelled"})
_ACCEPTED = frozenset({"accepted", "scheduled"})
_VISITED = {
    "recorded": frozenset({"recorded"}),
    "under_age": frozenset({"rejected"}),
    "already_recorded": frozenset({"rejected"}),
}
# The family sees that somebody came until the next visit is planned.
_TO_BE_VISITED_AGAIN = frozenset({"accepted", "scheduled", "visited"})


def expected(journal: Journal, log: TopicLog) -> dict[str, frozenset[str]]:
    """The stages at which a case may stand, by case id."""
    stages: dict[str, frozenset[str]] = {}
    cases_of: dict[str, list[str]] = {}
    case_of_visit = {fact.data["visit_id"]: fact.key for fact in log.of("VisitScheduled", "VisitCompleted")}
    for entry in journal.entries:
        match entry.service, entry.route:
            case "requests", _:
                stages |= _after_papers(entry, cases_of)
            case "dispatch", "visits/outcome" if entry.subject in case_of_visit:
                outcome = _VISITED.get(entry.given["outcome"], _TO_BE_VISITED_AGAIN)
                stages[case_of_visit[entry.subject]] = outcome
            case "dispatch", route if route in _AFTER:
                stages[entry.subject] = _AFTER[route]
            case "dispatch", "cases/destroy" | "cases/decide":
                # Printed again, visited again, or over: as dispatch said.
                again = _ACCEPTED if entry.answered["stage"] == "accepted" else frozenset({entry.answered["stage"]})
                stages[entry.subject] = again
    return stages


def _after_papers(entry: Entry, cases_of: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    """What a command to requests makes of its cases; a letter's are kept in `cases_of`."""
    match entry.route:
        case "requests" | "requests/residents":
            filed = entry.answered["cases"]
            cases_of.setdefault(entry.answered["request_id"], []).extend(case["case_id"] for case in filed)
            return {case["case_id"]: _ACCEPTED if case["stage"] == "accepted" else _FILED for case in filed}
        case "requests/accept":
            return dict.fromkeys(entry.answered["case_ids"], _ACCEPTED)
        case "requests/cases/documents":
            return {entry.subject: _ACCEPTED if entry.answered["stage"] == "accepted" else _FILED}
        case "requests/cancel":
            return dict.fromkeys(cases_of.get(entry.subject, ()), _CANCELLED)
        case "requests/cases/withdraw":
            return {entry.subject: _CANCELLED}
        case _:
            return {}


def check(findings: Findings, journal: Journal, log: TopicLog, snapshots: Snapshots) -> None:
    """A case that is behind, or ahead, in either service is stuck."""
    for service in ("dispatch", "requests"):
        there = snapshots.databases[service].stages
        for case_id, allowed in expected(journal, log).items():
            if case_id in there and there[case_id] not in allowed:
                words = " or ".join(sorted(allowed))
                findings.stuck.append(f"case {case_id} is {there[case_id]} in {service}, not {words}")


def on_hand(journal: Journal, office: str) -> int:
    """The blank cards that an office must have by its acknowledged commands."""

    def total(entries: Iterable[int]) -> int:
        return sum(entries)

    received = total(e.given["quantity"] for e in journal.of("inventory", "receipts") if e.given["place"] == office)
    arrived = total(e.given["quantity"] for e in journal.of("inventory", "shipments/receive"))
    used = total(1 for route in ("cases/prints", "cases/spoils") for _ in journal.of("dispatch", route))
    return received + arrived - used
