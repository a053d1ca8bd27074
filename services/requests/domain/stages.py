"""Where a case stands, how long it may stand there, and what dispatch's facts make of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from services.requests.domain.policy import Policy
from shared.events import (
    CardHandedOver,
    PrintCompleted,
    PrintReady,
    RecordCaptured,
    VisitCancelled,
    VisitCompleted,
    VisitDeferred,
    VisitRescheduled,
    VisitScheduled,
)
from shared.fields import DeferralReason, Outcome, Stage

Told = (
    VisitScheduled
    | VisitRescheduled
    | VisitDeferred
    | VisitCancelled
    | VisitCompleted
    | RecordCaptured
    | PrintReady
    | PrintCompleted
    | CardHandedOver
)
"""The facts that move a case on."""


class State(StrEnum):
    """Where a case stands as people see it: the stage, and whether papers are missing."""

    FILED = "filed"
    NEEDS_DOCUMENTS = "needs_documents"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    VISITED = "visited"
    RECORDED = "recorded"
    PRINT_READY = "print_ready"
    PRINTED = "printed"
    HANDED_OVER = "handed_over"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


def state_of(stage: Stage, missing: Collection[object]) -> State:
    """The state of a case at a stage, whose papers are `missing`."""
    return State.NEEDS_DOCUMENTS if stage is Stage.FILED and missing else State(stage)


OPEN = (
    Stage.FILED,
    Stage.ACCEPTED,
    Stage.SCHEDULED,
    Stage.VISITED,
    Stage.RECORDED,
    Stage.PRINT_READY,
    Stage.PRINTED,
)
"""In the order of the way; a case at another stage is closed."""
CLOSED = (Stage.HANDED_OVER, Stage.REJECTED, Stage.CANCELLED)
UNPRINTED = OPEN[: OPEN.index(Stage.PRINTED)]


@dataclass(frozen=True, slots=True)
class Step:
    """A step on the way of a case. `sequence` orders the steps of one case, whatever order they arrive in."""

    case_id: UUID
    sequence: int
    stage: Stage
    at: datetime
    due_at: datetime | None
    starts_at: datetime | None = None
    """The visit that is planned, if one is."""
    ends_at: datetime | None = None
    outcome: Outcome | None = None
    deferral: DeferralReason | None = None


def due(policy: Policy, stage: Stage | State, start: datetime) -> datetime | None:
    """When a case that came to a stage is overdue there; a scheduled one starts at the visit's planned end."""
    limit = policy.limit(stage)
    return start + limit if limit else None


def step_of(event: Told, sequence: int, policy: Policy) -> Step:
    """The step that a fact of dispatch is, under the policy of its office.

    Whoever turns out at the door to have no right to a card is rejected there.
    """
    match event:
        case VisitScheduled() | VisitRescheduled():
            until = due(policy, Stage.SCHEDULED, event.ends_at)
            return Step(
                event.case_id, sequence, Stage.SCHEDULED, event.at, until, event.starts_at, ends_at=event.ends_at
            )
        case VisitDeferred():
            return Step(event.case_id, sequence, Stage.ACCEPTED, event.at, None, deferral=event.reason)
        case VisitCancelled():
            return Step(event.case_id, sequence, Stage.ACCEPTED, event.at, None)
        case VisitCompleted(outcome=Outcome.UNDER_AGE | Outcome.ALREADY_RECORDED):
            return Step(event.case_id, sequence, Stage.REJECTED, event.at, None, outcome=event.outcome)
        case VisitCompleted():
            until = due(policy, Stage.VISITED, event.at)
            return Step(event.case_id, sequence, Stage.VISITED, event.at, until, outcome=event.outcome)
        case RecordCaptured():
            return _plain(event, sequence, Stage.RECORDED, policy)
        case PrintReady():
            return _plain(event, sequence, Stage.PRINT_READY, policy)
        case PrintCompleted():
            return _plain(event, sequence, Stage.PRINTED, policy)
        case CardHandedOver():
            return Step(event.case_id, sequence, Stage.HANDED_OVER, event.at, None)
        case _:
            assert_never(event)


def _plain(event: RecordCaptured | PrintReady | PrintCompleted, sequence: int, stage: Stage, policy: Policy) -> Step:
    return Step(event.case_id, sequence, stage, event.at, due(policy, stage, event.at))


def state_of_all(states: Collection[State]) -> State:
    """Where a request with cases stands: at its slowest open case; with none open, handed over if any card was."""
    return next(state for state in State if state in states)
