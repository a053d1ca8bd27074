"""When the province is told, what an answer covers, and when silence is escalated.

Inventory announces only falls and the recovery. So each crossing not seen before raises an alert of its own; the
open alerts of an office are one episode, and its latest alert leads: it alone escalates, and an answer to an
alert answers the earlier ones too. The recovery resolves them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.notify.domain.worktime import worked_until
from shared.events import StockCritical, StockLevelEvent, StockLow, StockOut
from shared.fields import StockLevel
from shared.offices import Office

PATIENCE = timedelta(hours=4)
"""Working time of the office in which an alert, and then each step, may stay unanswered."""
STEPS = 3


class AlertState(StrEnum):
    """Where an alert stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Alert:
    """What the province was told of one crossing of one office. `step` counts its escalations."""

    alert_id: UUID
    office: str
    province: str
    level: StockLevel
    crossing: int
    state: AlertState
    raised_at: datetime
    step: int = 0


@dataclass(frozen=True, slots=True)
class Escalation:
    """A step that fell due."""

    step: int
    at: datetime


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


def ended_by(crossing: int, opened: Sequence[Alert]) -> list[Alert]:
    """The alerts that a recovery at `crossing` resolves: a recovery told late leaves the later falls open."""
    return [alert for alert in opened if alert.crossing < crossing]


def escalations(office: Office, opened: Sequence[Alert], at: datetime) -> tuple[Alert, list[Escalation]] | None:
    """The leading alert of the office with its steps due by `at` and not yet told; None when there are none."""
    leading = max(opened, key=lambda alert: alert.crossing, default=None)
    if leading is None or leading.state is not AlertState.RAISED:
        return None
    steps = range(leading.step + 1, STEPS + 1)
    told = [Escalation(step, worked_until(office, leading.raised_at, PATIENCE * step)) for step in steps]
    due = [escalation for escalation in told if escalation.at <= at]
    return (leading, due) if due else None
