"""The events of a request: from the outboxes, and older ones from the tables that keep them for longer."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from ops.admin.trace.model import TracedEvent
from services.dispatch.consumers import consumers as dispatch_consumers
from services.inventory.consumers import consumers as inventory_consumers
from services.requests.consumers import consumers as requests_consumers
from services.requests.domain.rules.policy import Policies
from shared.contract.fields import Stage
from shared.reference.offices import Offices
from shared.system_clock import utc_now

Row = asyncpg.Record
_TELLING = (
    *("kind", "service", "due_at", "stage", "reason", "team", "starts_at", "ends_at", "outcome", "station"),
    *("serial", "cause", "receiver", "card_outstanding", "case_over", "urgency", "print_id", "visit_id"),
)
"""The fields of an event that say something of it; none is personal, for no event has such."""
_OF_STEP = {
    Stage.SCHEDULED: "VisitScheduled",
    Stage.VISITED: "VisitCompleted",
    Stage.RECORDED: "RecordCaptured",
    Stage.PRINT_READY: "PrintReady",
    Stage.PRINTED: "PrintCompleted",
    Stage.HANDED_OVER: "CardHandedOver",
    Stage.CANCELLED: "CaseClosed",
}


@dataclass
class Rows:
    """What was read."""

    request: Any = None
    cases: Sequence[Row] = ()
    steps: Sequence[Row] = ()
    overdue: Sequence[Row] = ()
    prints: Sequence[Row] = ()
    movements: Mapping[UUID, Row] = field(default_factory=dict)
    destructions: Mapping[UUID, Row] = field(default_factory=dict)
    """Movements of cards that were destroyed, by the event that told of it."""
    dispatched: frozenset[UUID] = frozenset()
    stated: dict[str, Sequence[Row]] = field(default_factory=dict)
    taken_by_dispatch: Mapping[UUID, datetime] = field(default_factory=dict)
    now: datetime = field(default_factory=utc_now)

    @property
    def case_ids(self) -> list[UUID]:
        """The cases of the request."""
        return [case["id"] for case in self.cases]


def facts(rows: Rows) -> list[TracedEvent]:
    """All of them by business time, those of the same moment in the order they were published."""
    stated = [_stated(service, row, rows) for service, some in rows.stated.items() for row in some]
    known = {(fact.case_id, fact.sequence) for fact in stated if fact.service == "dispatch"}
    told = {(fact.type, fact.case_id, fact.at) for fact in stated}
    remembered = [fact for fact in _of_dispatch(rows) if (fact.case_id, fact.sequence) not in known]
    remembered += [fact for fact in _of_requests(rows) if (fact.type, fact.case_id, fact.at) not in told]
    return sorted(stated + remembered, key=lambda fact: fact.at)


def _stated(service: str, row: Row, rows: Rows) -> TracedEvent:
    names, *values = row["headers"].split("\n")
    kind = dict(zip(names.split(), values, strict=True))["ce_type"].split(".")[2]
    content = json.loads(row["value"])
    case_id = UUID(content["case_id"]) if "case_id" in content else None
    fact = TracedEvent(datetime.fromisoformat(content["at"]), service, kind, case_id)
    fact.detail = {name: content[name] for name in _TELLING if name in content}
    fact.event_id, fact.sequence, fact.stated_at = row["event_id"], row["sequence"], row["recorded_at"]
    fact.published = row["published"]
    fact.taken = dict(_taken(fact, rows))
    return fact


def _takers() -> dict[str, set[str]]:
    found = {}
    consumers = (*dispatch_consumers(), *requests_consumers(Policies.load()), *inventory_consumers(Offices.load()))
    for consumer in consumers:
        found[consumer.group] = {event_type.__name__ for event_type in consumer.consumes}
    return found


_TAKERS = _takers()
"""The groups that a request's events go to, and the types each takes."""


def _taken(fact: TracedEvent, rows: Rows) -> Iterator[tuple[str, datetime | None]]:
    """Two of the groups have no inbox rows: the step, and the movement, is the trace of the event."""
    assert fact.event_id is not None
    if fact.type in _TAKERS["dispatch.requests"]:
        yield "dispatch", rows.taken_by_dispatch.get(fact.event_id)
    if fact.type in _TAKERS["requests.cases"]:
        steps = (s for s in rows.steps if (s["case_id"], s["sequence"]) == (fact.case_id, fact.sequence))
        yield "requests", next((step["recorded_at"] for step in steps), None)
    if fact.type in _TAKERS["inventory.cases"]:
        movement = rows.destructions.get(fact.event_id) or rows.movements.get(UUID(fact.detail["print_id"]))
        yield "inventory", movement["recorded_at"] if movement else None


def _of_dispatch(rows: Rows) -> Iterator[TracedEvent]:
    for step in rows.steps:
        kind = "VisitDeferred" if step["deferral"] else _OF_STEP.get(Stage(step["stage"]), "VisitCancelled")
        fact = TracedEvent(step["at"], "dispatch", kind, step["case_id"])
        fact.sequence = step["sequence"]
        fact.detail = {name: step[name] for name in ("starts_at", "ends_at", "outcome") if step[name]}
        if step["deferral"]:
            fact.detail["reason"] = step["deferral"]
        yield fact


def _of_requests(rows: Rows) -> Iterator[TracedEvent]:
    request = rows.request
    yield TracedEvent(request["filed_at"], "requests", "RequestFiled", detail={"kind": request["kind"]})
    if request["accepted_at"]:
        yield TracedEvent(request["accepted_at"], "requests", "RequestAccepted")
    if request["closed_at"]:
        kind = "RequestRejected" if request["stage"] == Stage.REJECTED else "RequestCancelled"
        yield TracedEvent(request["closed_at"], "requests", kind, detail={"reason": request["reason"]})
    for case in rows.cases:
        if case["told"]:
            added_at = max(filter(None, (request["filed_at"], case["accepted_at"])))
            yield TracedEvent(added_at, "requests", "CaseAdded", case["id"], {"service": case["service"]})
        if case["closed_at"] and case["closed_at"] != request["closed_at"]:
            yield TracedEvent(case["closed_at"], "requests", "CaseWithdrawn", case["id"], {"reason": case["reason"]})
    for passed in rows.overdue:
        detail = {"stage": passed["stage"], "due_at": passed["due_at"].isoformat()}
        yield TracedEvent(passed["told_at"], "requests", "RequestOverdue", detail=detail)
    for spoiled in (row for row in rows.prints if row["kind"] == "spoiled"):
        detail = {"station": spoiled["station"], "cause": spoiled["cause"], "print_id": str(spoiled["print_id"])}
        yield TracedEvent(spoiled["at"], "dispatch", "PrintSpoiled", spoiled["case_id"], detail)
