"""What the routes of dispatch return. They name no person: only requests has persons."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.dispatch.domain.cases import Case
from services.dispatch.domain.visits import VisitState
from services.dispatch.store.prints import PrintKind
from shared.contract.fields import (
    DeferralReason,
    DestroyCause,
    Instant,
    Outcome,
    Receiver,
    ServiceCode,
    Skill,
    SpoilCause,
    Stage,
    Urgency,
)


class DispatchView(BaseModel):
    """Read from dataclasses and rows."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class StageView(DispatchView):
    """A case after a command."""

    case_id: UUID
    stage: Stage

    @classmethod
    def of(cls, case: Case) -> "StageView":
        """Where the case stands now."""
        return cls(case_id=case.id, stage=case.stage)


class OutcomeView(StageView):
    """A case after a visit; `deferred` says why no further visit is planned by itself."""

    visit_id: UUID
    outcome: Outcome
    attempts: int
    deferred: DeferralReason | None


class AttemptView(DispatchView):
    """A blank card that went through a printer; `cause` if it was spoiled."""

    print_id: UUID
    kind: PrintKind
    station: str
    serial: str
    cause: SpoilCause | None
    at: Instant


class CardView(AttemptView):
    """An attempt; `destroyed` is the cause if its card was destroyed."""

    destroyed: DestroyCause | None
    destroyed_at: Instant | None


class TakenView(AttemptView):
    """An attempt with its case."""

    case_id: UUID


class VisitItem(DispatchView):
    """A visit on a team's day."""

    visit_id: UUID
    case_id: UUID
    kelurahan: str
    team: str
    starts_at: Instant
    ends_at: Instant
    outcome: Outcome | None


class VisitsView(DispatchView):
    """The visits of an office's day, by start."""

    items: list[VisitItem]


class WaitingItem(DispatchView):
    """A case without a visit; without a reason it is planned at the next tick."""

    case_id: UUID
    kelurahan: str
    service: ServiceCode
    urgency: Urgency
    accepted_at: Instant
    attempts: int
    reason: DeferralReason | None


class WaitingView(DispatchView):
    """Those that wait longest first."""

    items: list[WaitingItem]


class QueueItem(DispatchView):
    """A card to be printed."""

    case_id: UUID
    kelurahan: str
    service: ServiceCode
    print_ready_at: Instant


class QueueView(DispatchView):
    """What may be printed now, first-timers first; of all that are `ready`, `held` wait for a birthday."""

    rationing: bool
    allowed: list[ServiceCode]
    ready: int
    held: int
    items: list[QueueItem]


class CaseVisitView(DispatchView):
    """A visit of a case."""

    visit_id: UUID
    state: VisitState
    team: str
    starts_at: Instant
    ends_at: Instant
    outcome: Outcome | None
    outcome_at: Instant | None


class CaseView(DispatchView):
    """A case with its visits and its attempts to print."""

    case_id: UUID
    request_id: UUID
    office: str
    kelurahan: str
    service: ServiceCode
    stage: Stage
    urgency: Urgency
    minutes: int
    team_size: int
    skills: list[Skill]
    preferred_days: list[int]
    on_holidays: bool
    family_card: bool
    on_hold: bool
    attempts: int
    deferred: DeferralReason | None
    filed_at: Instant
    accepted_at: Instant | None
    recorded_at: Instant | None
    print_ready_at: Instant | None
    printed_at: Instant | None
    handed_over_at: Instant | None
    receiver: Receiver | None
    card_outstanding: bool
    """A card was printed and is neither in a hand nor destroyed; of a closed case too."""
    visits: list[CaseVisitView]
    prints: list[CardView]
