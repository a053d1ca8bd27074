"""When an office is short of blank cards, and what it may print then.

When the stock falls, the office takes the lowest level it has reached, and only that one is published. When it rises,
the office is ok again only at `recovered_at`; below that its level eases without an event, so that a second fall is
published again.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from math import ceil, floor
from typing import assert_never

from shared.contract.events import (
    RationingChanged,
    StockCritical,
    StockEvent,
    StockLevelEvent,
    StockLow,
    StockOut,
    StockRecovered,
)
from shared.contract.fields import ServiceCode, StockLevel
from shared.reference.offices import Office

MOST_COVER = 10_000.0
PLAUSIBLE_DAYS = 100
"""Working days of usage in one delivery; provinces ship for weeks, so more is a slip of the hand, or asked about."""
_WORSE = (StockLevel.OK, StockLevel.LOW, StockLevel.CRITICAL, StockLevel.OUT)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Numbers of cards: low below `low_at`, critical at or below `critical_at`, ok again from `recovered_at`."""

    low_at: int
    critical_at: int
    recovered_at: int

    @classmethod
    def of(cls, office: Office, usage: float) -> "Thresholds":
        """The office's covers, in working days, as cards at this usage."""
        return cls(
            low_at=ceil(office.low_cover * usage),
            critical_at=floor(office.critical_cover * usage),
            recovered_at=ceil(office.recovered_cover * usage),
        )


@dataclass(frozen=True, slots=True)
class Stock:
    """The blank cards of an office, its level, and whether prints are rationed."""

    office: str
    on_hand: int
    level: StockLevel
    crossing: int
    thresholds: Thresholds
    usage: float
    rationing: bool
    state_version: int
    closed: date | None = None

    @classmethod
    def first(cls, office: Office) -> "Stock":
        """An office before its first movement."""
        thresholds = Thresholds.of(office, office.usage)
        return cls(office.code, 0, StockLevel.OK, 0, thresholds, office.usage, rationing=False, state_version=1)

    @property
    def cover(self) -> float:
        """Working days that the cards last at this usage."""
        return min(max(self.on_hand, 0) / self.usage, MOST_COVER)


def level_of(before: StockLevel, on_hand: int, thresholds: Thresholds) -> StockLevel:
    """The level of an office that was at `before`."""
    if on_hand <= 0:
        return StockLevel.OUT
    if on_hand <= thresholds.critical_at:
        return StockLevel.CRITICAL
    if on_hand < thresholds.low_at:
        return StockLevel.LOW
    recovered = before is StockLevel.OK or on_hand >= thresholds.recovered_at
    return StockLevel.OK if recovered else StockLevel.LOW


def is_crossing(before: StockLevel, after: StockLevel) -> bool:
    """Whether a change of level is announced: every fall, and the recovery."""
    return _WORSE.index(after) > _WORSE.index(before) or (after is StockLevel.OK and before is not StockLevel.OK)


def settle(stock: Stock) -> Stock:
    """The office at the level that its cards on hand give it. Rationing begins at critical and ends at ok."""
    level = level_of(stock.level, stock.on_hand, stock.thresholds)
    rationing = stock.rationing if level is StockLevel.LOW else level is not StockLevel.OK
    return replace(
        stock,
        level=level,
        crossing=stock.crossing + is_crossing(stock.level, level),
        rationing=rationing,
        state_version=stock.state_version + (rationing != stock.rationing),
    )


def announcements(before: Stock, after: Stock, at: datetime) -> list[StockEvent]:
    """The events to publish after a change from `before` to `after`."""
    events: list[StockEvent] = []
    if after.crossing != before.crossing:
        events.append(_crossed(after, at))
    if after.state_version != before.state_version:
        events.append(rationing_state(after, at))
    return events


def rationing_state(stock: Stock, at: datetime) -> RationingChanged:
    """The rationing as it stands: in a shortage those who have no card yet come first."""
    return RationingChanged(
        at=at,
        office=stock.office,
        province=stock.office[:2],
        state_version=stock.state_version,
        active=stock.rationing,
        allowed=(ServiceCode.FIRST,) if stock.rationing else tuple(ServiceCode),
    )


def _crossed(stock: Stock, at: datetime) -> StockLevelEvent:
    return _event_of(stock.level)(
        at=at,
        office=stock.office,
        province=stock.office[:2],
        crossing=stock.crossing,
        on_hand=stock.on_hand,
        cover=stock.cover,
        usage=stock.usage,
    )


def _event_of(level: StockLevel) -> type[StockLevelEvent]:
    match level:
        case StockLevel.OK:
            return StockRecovered
        case StockLevel.LOW:
            return StockLow
        case StockLevel.CRITICAL:
            return StockCritical
        case StockLevel.OUT:
            return StockOut
    assert_never(level)
