"""Where a case stands, how long it may stand there, and what dispatch's facts make of it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from services.requests.domain.rules.policy import Policy
from shared.contract.events import (
    CardDestroyed,
    CardHandedOver,
    CaseClosed,
    PrintCompleted,
    PrintReady,
    RecordCaptured,
    VisitCancelled,
    VisitCompleted,
    VisitDeferred,
    VisitRescheduled,
    VisitScheduled,
    VisitsResumed,
)
from shared.contract.fields import DeferralReason, DestroyCause, EndReason, Outcome, Stage

Told = (
    VisitScheduled
    | VisitRescheduled
    | VisitDeferred
    | VisitsResumed
    | VisitCancelled
    | VisitCompleted
    | RecordCaptured
    | PrintReady
    | PrintCompleted
    | CardHandedOver
    | CardDestroyed
    | CaseClosed
)
"""The facts that move a case on."""


class Wait(StrEnum):
    """What a case waits for besides what its stage says."""

    DECISION = "decision"
    """The last visit brought no record: a person of the office decides."""
    ANSWER = "answer"
    """It was closed here, and dispatch has not said yet whether a card was printed."""
    CARD = "card"
    """It is closed, and its printed card is still to be handed over or destroyed."""


class State(StrEnum):
    """Where a case stands as people see it: the stage, whether papers are missing, and what else it waits for."""

    FILED = "filed"
    NEEDS_DOCUMENTS = "needs_documents"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    VISITED = "visited"
    AWAITING_DECISION = "awaiting_decision"
    RECORDED = "recorded"
    PRINT_READY = "print_ready"
    PRINTED = "printed"
    CARD_OUTSTANDING = "card_outstanding"
    AWAITING_ANSWER = "awaiting_answer"
    HANDED_OVER = "handed_over"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


_WAITS = {
    Wait.DECISION: ((Stage.ACCEPTED, Stage.VISITED), State.AWAITING_DECISION),
    Wait.ANSWER: ((Stage.CANCELLED,), State.AWAITING_ANSWER),
    Wait.CARD: ((Stage.CANCELLED,), State.CARD_OUTSTANDING),
}
"""The stages at which a case can wait so, and the state that it is in then. What an older version left behind of a
case that went on counts no more."""


def state_of(stage: Stage, missing: Collection[object], wait: Wait | None = None) -> State:
    """The state of a case at a stage, whose papers are `missing`, and that waits for something else too."""
    if wait is not None and stage in _WAITS[wait][0]:
        return _WAITS[wait][1]
    return State.NEEDS_DOCUMENTS if stage is Stage.FILED and missing else State(stage)


WAITS_AT = frozenset(stage for stages, _ in _WAITS.values() for stage in stages)
"""Stages that do not say all of where a case stands."""


def waits_at(state: State) -> tuple[Wait, tuple[Stage, ...]] | None:
    """What a case in this state waits for, and the stages at which it may be; None when its stage says all."""
    return next(((wait, stages) for wait, (stages, its) in _WAITS.items() if its is state), None)


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
    end: EndReason | None = None
    """Why dispatch closed it."""
    card_outstanding: bool = False
    """It is closed, and its printed card is still to be handed over or destroyed."""

    @property
    def wait(self) -> Wait | None:
        """What the case waits for from this step on."""
        if self.card_outstanding:
            return Wait.CARD
        return Wait.DECISION if self.deferral is DeferralReason.OUTCOME else None

    @property
    def ends(self) -> bool:
        """Whether the resident may apply anew: the case is over, and no card of it is left."""
        return self.stage in CLOSED and not self.card_outstanding


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
            return _deferred(event, sequence, policy)
        case VisitCancelled() | VisitsResumed():
            return Step(event.case_id, sequence, Stage.ACCEPTED, event.at, None)
        case VisitCompleted(outcome=Outcome.UNDER_AGE | Outcome.ALREADY_RECORDED):
            return Step(event.case_id, sequence, Stage.REJECTED, event.at, None, outcome=event.outcome)
        case VisitCompleted():
            until = due(policy, Stage.VISITED, event.at)
            return Step(event.case_id, sequence, Stage.VISITED, event.at, until, outcome=event.outcome)
        case RecordCaptured() | PrintReady() | PrintCompleted():
            stage = _PLAIN[type(event)]
            return Step(event.case_id, sequence, stage, event.at, due(policy, stage, event.at))
        case CardHandedOver() | CardDestroyed() | CaseClosed():
            return _ended(event, sequence, policy)
        case _:
            assert_never(event)


_PLAIN = {RecordCaptured: Stage.RECORDED, PrintReady: Stage.PRINT_READY, PrintCompleted: Stage.PRINTED}
_ENDS = {DestroyCause.DECEASED: EndReason.DECEASED, DestroyCause.UNCLAIMED: EndReason.UNCLAIMED}
"""Causes by which a card's destruction closes its case; by the others it was closed before, for a reason of its
own."""


def _deferred(event: VisitDeferred, sequence: int, policy: Policy) -> Step:
    """No visit can be promised; after the last attempt a person is to decide."""
    if event.reason is not DeferralReason.OUTCOME:
        return Step(event.case_id, sequence, Stage.ACCEPTED, event.at, None, deferral=event.reason)
    until = due(policy, State.AWAITING_DECISION, event.at)
    return Step(event.case_id, sequence, Stage.VISITED, event.at, until, deferral=event.reason)


def _ended(event: CardHandedOver | CardDestroyed | CaseClosed, sequence: int, policy: Policy) -> Step:
    """What became of the card or the case; a card that is destroyed may be printed again."""
    match event:
        case CardHandedOver():
            return Step(event.case_id, sequence, Stage.HANDED_OVER, event.at, None)
        case CardDestroyed(case_over=False):
            until = due(policy, Stage.PRINT_READY, event.at)
            return Step(event.case_id, sequence, Stage.PRINT_READY, event.at, until)
        case CardDestroyed():
            return Step(event.case_id, sequence, Stage.CANCELLED, event.at, None, end=_ENDS.get(event.cause))
        case CaseClosed():
            step = Step(event.case_id, sequence, Stage.CANCELLED, event.at, None, end=event.reason)
            return replace(step, card_outstanding=event.card_outstanding)


def state_of_all(states: Collection[State]) -> State:
    """Where a request with cases stands: at its slowest open case; with none open, handed over if any card was."""
    return next(state for state in State if state in states)
