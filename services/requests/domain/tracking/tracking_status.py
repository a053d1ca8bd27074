"""The status of a case as a family sees it: one sentence, what to prepare, and the milestones.

No name and no address, and nothing that tells why somebody cannot come: of what came of a visit, and of why none is
planned yet, only what is no news of anybody's health.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from services.requests.domain.people import Document
from services.requests.domain.stages import State, Step, Wait, state_of
from shared.contract.fields import ClosingReason, DeferralReason, EndReason, Outcome, ServiceCode, Stage


@dataclass(frozen=True, slots=True)
class CaseProgress:
    """How far a case has come; nothing of its person."""

    office: str
    service: ServiceCode
    stage: Stage
    filed_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    reason: ClosingReason | None
    print_on_hold: bool
    documents: tuple[Document, ...]
    """The papers that were shown."""
    missing: tuple[Document, ...]
    """The papers that are still to be shown."""
    steps: tuple[Step, ...]
    changed_at: datetime
    """When the last of it became known here, by the wall clock."""
    wait: Wait | None = None
    end: EndReason | None = None
    """Why dispatch closed it."""

    @property
    def state(self) -> State:
        """Where it stands, in a word."""
        return state_of(self.stage, self.missing, self.wait)

    @property
    def last(self) -> Step | None:
        """The latest fact of dispatch."""
        return self.steps[-1] if self.steps else None

    def papers(self, required: Collection[Document]) -> list[Document]:
        """All papers of the visit: what the service asks of everybody, and of this resident."""
        return [each for each in Document if each in {*required, *self.documents, *self.missing}]


class Tone(StrEnum):
    """How a sentence looks: settled, under way, or a hand is needed."""

    GOOD = "good"
    WAIT = "wait"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class News:
    """One sentence, by its word in the chapter `lacak`, and the moments that it names."""

    word: str
    tone: Tone = Tone.WAIT
    prepare: bool = False
    """A visit is still to come: the papers are to be at hand."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    """Of the visit, as the family is promised it."""
    at: datetime | None = None
    """When it was, or by when it will be."""
    reason: str = ""
    """Why it ended: a word of the chapter `tutup` or `hasil`."""


Promise = Callable[[datetime, datetime], tuple[datetime, datetime]]
"""What a family is told of a visit's planned beginning and end."""


def news(case: CaseProgress, now: datetime, legal_limit: timedelta, promise: Promise) -> News:
    """The sentence; `now` is business time, and the legal clock runs from complete papers."""
    waiting = _WAITING.get(case.state)
    if waiting is not None:
        return News(waiting, prepare=case.state is State.AWAITING_DECISION)
    return _at_stage(case, now, legal_limit, promise)


def _at_stage(case: CaseProgress, now: datetime, legal_limit: timedelta, promise: Promise) -> News:
    match case.stage:
        case Stage.FILED if case.missing:
            return News("needs_documents", Tone.BAD, prepare=True)
        case Stage.FILED:
            return News("filed", prepare=True)
        case Stage.ACCEPTED:
            return _unplanned(case, now, legal_limit)
        case Stage.SCHEDULED:
            return _planned(case, now, promise)
        case Stage.VISITED:
            return _visited(case)
        case Stage.RECORDED | Stage.PRINT_READY:
            return News("on_hold" if case.print_on_hold else case.stage)
        case Stage.PRINTED:
            return News("printed", Tone.GOOD)
        case Stage.HANDED_OVER:
            return News("handed_over", Tone.GOOD, at=case.last.at if case.last else None)
        case Stage.REJECTED | Stage.CANCELLED:
            return News(case.stage, Tone.BAD, reason=_why(case))
        case _:
            assert_never(case.stage)


_WAITING = {
    State.AWAITING_DECISION: "deferred_decision",
    State.AWAITING_ANSWER: "awaiting_answer",
    State.CARD_OUTSTANDING: "card_outstanding",
}
"""What a case waits for that its stage does not say."""
_DEFERRED = {
    DeferralReason.WEATHER: "deferred_weather",
    DeferralReason.ROAD: "deferred_road",
    DeferralReason.OUTCOME: "deferred_decision",
}
"""Which skill a team lacks would tell what the resident needs: it is told as a team that is not free."""


def _unplanned(case: CaseProgress, now: datetime, legal_limit: timedelta) -> News:
    last = case.last
    if last is not None:
        word = _DEFERRED.get(last.deferral, "deferred") if last.deferral else "visit_off"
        return News(word, prepare=True)
    by = case.accepted_at + legal_limit if case.accepted_at else None
    if by is None or now > by:
        return News("accepted_late", prepare=True)
    return News("accepted", prepare=True, at=by)


def _planned(case: CaseProgress, now: datetime, promise: Promise) -> News:
    last = case.last
    if last is None or last.starts_at is None or last.ends_at is None:
        return News("deferred", prepare=True)
    begins, ends = promise(last.starts_at, last.ends_at)
    if now > ends:
        return News("visit_past", starts_at=begins, ends_at=ends)
    return News("scheduled", Tone.GOOD, prepare=True, starts_at=begins, ends_at=ends)


_OUTCOMES = {
    Outcome.ABSENT: "visited_absent",
    Outcome.NOT_FOUND: "visited_not_found",
    Outcome.DEVICE_FAULT: "visited_fault",
    Outcome.NO_SIGNAL: "visited_fault",
}
"""Refused and relapsed are news of health: they are told as a visit that has to be made again."""


def _visited(case: CaseProgress) -> News:
    outcome = case.last.outcome if case.last else None
    if outcome is Outcome.RECORDED:
        return News("recorded")
    word = _OUTCOMES.get(outcome, "visited_again") if outcome else "visited_again"
    return News(word, Tone.BAD if outcome is Outcome.NOT_FOUND else Tone.WAIT, prepare=True)


def _why(case: CaseProgress) -> str:
    if case.reason is not None:
        return f"tutup.{case.reason}"
    if case.end is not None and case.end is not EndReason.WITHDRAWN:
        return f"tutup.{case.end}"
    outcome = case.last.outcome if case.last else None
    return f"hasil.{outcome}" if outcome in (Outcome.UNDER_AGE, Outcome.ALREADY_RECORDED) else ""


MILESTONES = (Stage.FILED, Stage.ACCEPTED, Stage.RECORDED, Stage.PRINTED, Stage.HANDED_OVER)
"""The stages that a family waits for, in order; the stages between them are the office's own."""


class MilestoneStatus(StrEnum):
    """Whether a milestone was reached, comes next, lies ahead, or is where the case ended."""

    DONE = "done"
    NEXT = "next"
    AHEAD = "ahead"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone; `at` is when it was reached, or for the next one when it is planned."""

    stage: Stage
    mark: MilestoneStatus
    at: datetime | None = None


def milestones(case: CaseProgress) -> list[Milestone]:
    """The milestones, in their order; a rejected or cancelled case has those it reached, and its end."""
    reached = dict(_reached(case))
    if case.stage in (Stage.REJECTED, Stage.CANCELLED):
        done = [Milestone(stage, MilestoneStatus.DONE, reached[stage]) for stage in MILESTONES if stage in reached]
        return [
            *done,
            Milestone(case.stage, MilestoneStatus.ENDED, case.closed_at or (case.last.at if case.last else None)),
        ]
    # A later one reached says that those before it were, whatever was heard of them.
    passed = max(MILESTONES.index(stage) for stage in reached) + 1
    done = [Milestone(stage, MilestoneStatus.DONE, reached.get(stage)) for stage in MILESTONES[:passed]]
    last = case.last
    planned = (
        last.starts_at
        if last and case.stage is Stage.SCHEDULED and MILESTONES[passed:][:1] == (Stage.RECORDED,)
        else None
    )
    coming = [Milestone(stage, MilestoneStatus.AHEAD) for stage in MILESTONES[passed + 1 :]]
    return (
        done + [Milestone(stage, MilestoneStatus.NEXT, planned) for stage in MILESTONES[passed : passed + 1]] + coming
    )


def _reached(case: CaseProgress) -> Iterator[tuple[Stage, datetime]]:
    yield Stage.FILED, case.filed_at
    if case.accepted_at and (case.closed_at is None or case.accepted_at <= case.closed_at):
        yield Stage.ACCEPTED, case.accepted_at
    for step in case.steps:
        if step.outcome is Outcome.RECORDED:
            yield Stage.RECORDED, step.at
        elif step.stage in MILESTONES[2:]:
            yield step.stage, step.at
