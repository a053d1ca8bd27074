"""When an alert is raised, which alerts an answer covers, and when an unanswered alert escalates.

Inventory announces only falls and the recovery. So each crossing not seen before raises an alert of its own; the
open alerts of an office are one episode, and its latest alert leads: it alone escalates, and an answer to an
alert answers the earlier ones too. The recovery resolves them all. An answer is a promise: it lapses when no cards
have moved towards the office for as long as a shipment takes and a little more, and then the alert escalates again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil, floor
from uuid import UUID

from services.notify.domain.worktime import worked_until, working_days
from shared.contract.events import StockCritical, StockLevelEvent, StockLow, StockOut
from shared.contract.fields import StockLevel
from shared.reference.offices import Office

PATIENCE = timedelta(hours=4)
"""Working time of the office in which an alert, and then each step, may stay unanswered."""
STEPS = 3


class AlertState(StrEnum):
    """Where an alert stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Lapse:
    """An answer that no cards followed: since when the alert is unanswered again, and the step published then."""

    at: datetime
    step: int


@dataclass(frozen=True, slots=True)
class Alert:
    """The alert of one crossing of one office. `on_hand` cards were left then, of which the office
    uses `usage` a working day. `step` counts the escalations; `lapse` is the latest one."""

    alert_id: UUID
    office: str
    province: str
    level: StockLevel
    crossing: int
    on_hand: int
    usage: float
    state: AlertState
    raised_at: datetime
    step: int = 0
    acknowledged_at: datetime | None = None
    lapse: Lapse | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """A step that fell due."""

    step: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be published of an alert: its steps, and the lapse of its answer when that is the first step."""

    alert: Alert
    steps: list[Escalation]
    lapse: Lapse | None = None


def level_of(event: StockLevelEvent) -> StockLevel:
    """The level an office reached. Raises ValueError for an event of no known level."""
    match event:
        case StockLow():
            return StockLevel.LOW
        case StockCritical():
            return StockLevel.CRITICAL
        case StockOut():
            return StockLevel.OUT
        case _:
            raise ValueError(f"{type(event).__name__} is no fall")


def answered_by(chosen: Alert, opened: Sequence[Alert]) -> list[Alert]:
    """The unanswered alerts of the office that an answer to `chosen` covers: itself and the earlier ones."""
    return [alert for alert in opened if alert.state is AlertState.RAISED and alert.crossing <= chosen.crossing]


def resolved_by(crossing: int, opened: Sequence[Alert]) -> list[Alert]:
    """The alerts that a recovery at `crossing` resolves: a late recovery leaves the later falls open."""
    return [alert for alert in opened if alert.crossing < crossing]


def known_at(opened: Sequence[Alert], at: datetime) -> list[Alert]:
    """The alerts, none raised later than `at`. One with a time in the future, from a device with a wrong clock, would
    never escalate."""
    return [replace(alert, raised_at=min(alert.raised_at, at)) for alert in opened]


def is_answered_with(alert: Alert, office: Office, coming: int) -> bool:
    """Whether so many cards on their way answer an alert: with them the office is low no more, or, when it was
    critical or out, critical no more. A handful of cards does not."""
    held = alert.on_hand + coming
    if alert.level is StockLevel.LOW:
        return held >= ceil(office.low_cover * alert.usage)
    return held > floor(office.critical_cover * alert.usage)


def due(office: Office, opened: Sequence[Alert], moved_at: datetime | None, grace: int, at: datetime) -> Due | None:
    """What is due by `at` of the office's leading alert and not published; None when nothing is.

    Cards last moved towards the office at `moved_at`. An answer lapses when none have moved for the office's lead
    time and `grace` working days.
    """
    leading = max(opened, key=lambda alert: alert.crossing, default=None)
    if leading is None or leading.state is AlertState.RESOLVED:
        return None
    if leading.state is AlertState.RAISED:
        steps = _steps(office, leading, leading.lapse, at)
        return Due(leading, steps) if steps else None
    lapse = Lapse(_lapses_at(office, leading, moved_at, grace), leading.step + 1)
    if lapse.at > at:
        return None
    return Due(leading, [Escalation(lapse.step, lapse.at), *_steps(office, leading, lapse, at)], lapse)


def _steps(office: Office, alert: Alert, lapse: Lapse | None, at: datetime) -> list[Escalation]:
    """The steps due by `at` after those published: of an alert that nobody answered, or not since its lapse."""
    since, first = (lapse.at, lapse.step) if lapse else (alert.raised_at, 0)
    later = range(max(alert.step, first) + 1, first + STEPS + 1)
    steps = (Escalation(step, worked_until(office, since, PATIENCE * (step - first))) for step in later)
    return [step for step in steps if step.at <= at]


def _lapses_at(office: Office, alert: Alert, moved_at: datetime | None, grace: int) -> datetime:
    moments = (alert.raised_at, alert.acknowledged_at, alert.lapse.at if alert.lapse else None, moved_at)
    latest = max(moment for moment in moments if moment is not None)
    return worked_until(office, latest, working_days(office, office.lead_time + grace))
