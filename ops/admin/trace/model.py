"""What a trace consists of: events with who consumed them when, and the stages of each case."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass
class TracedEvent:
    """Something that happened at `at` (business time); the moments of its way are of the databases' clocks."""

    at: datetime
    service: str
    type: str
    case_id: UUID | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    event_id: UUID | None = None
    """None once the outbox row was pruned: then nothing is known of its way any more."""
    sequence: int | None = None
    stated_at: datetime | None = None
    published: bool | None = None
    taken: dict[str, datetime | None] = field(default_factory=dict)
    """By each group that takes this type: when it did; None when it did not yet."""

    @property
    def untaken(self) -> list[str]:
        """The groups that did not take it yet."""
        return [group for group, at in self.taken.items() if at is None]


@dataclass
class StageTime:
    """A case at a stage, from `since` to `until`; `until` is None while it stands there."""

    stage: str
    since: datetime
    until: datetime | None
    due_at: datetime | None
    waited: float
    """Seconds of business time; up to the service's business clock for the stage it stands at."""
    exceeded: bool


@dataclass
class CaseTrace:
    """One resident's case, by its place in the letter."""

    case_id: UUID
    place: int
    service: str
    stage: str
    known_to_dispatch: bool
    clocks: list[StageTime] = field(default_factory=list)


@dataclass
class AlertTrace:
    """An alert on the request's office while the request was under way."""

    alert_id: UUID
    level: str
    raised_at: datetime
    resolved_at: datetime | None


@dataclass
class DeadLetterTrace:
    """A dead letter that was one of the request's events, or had its key."""

    id: UUID
    service: str
    handler: str
    reason: str
    state: str
    event_id: str | None


@dataclass
class RequestTrace:
    """The whole life of a request."""

    request_id: UUID
    office: str
    kelurahan: str
    kind: str
    stage: str
    now: datetime
    """The business time of the requests service."""
    legal_due_at: datetime | None = None
    legal: str = "waiting"
    """The legal clock: waiting (for documents), running, kept, passed, or off (no card to print, or on hold)."""
    cases: list[CaseTrace] = field(default_factory=list)
    facts: list[TracedEvent] = field(default_factory=list)
    alerts: list[AlertTrace] = field(default_factory=list)
    dead_letters: list[DeadLetterTrace] = field(default_factory=list)
    prints_without_movement: list[UUID] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What a person should look at, in Indonesian."""
