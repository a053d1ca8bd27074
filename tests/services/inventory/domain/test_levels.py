"""The level of an office, for any course of its cards."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.inventory.domain.levels import (
    Stock,
    Thresholds,
    announcements,
    level_of,
    settle,
)
from shared.contract.events import RationingChanged, StockLevelEvent
from shared.contract.fields import ServiceCode, StockLevel
from shared.reference.offices import Offices

OFFICE = Offices.load()["17.02"]
AT = datetime(2026, 4, 6, 3, tzinfo=UTC)
LIMITS = Thresholds.of(OFFICE, 33)


def stock(on_hand: int, level: StockLevel = StockLevel.OK) -> Stock:
    first = Stock.first(OFFICE)
    return Stock(**{**{name: getattr(first, name) for name in Stock.__slots__}, "on_hand": on_hand, "level": level})


def course(*amounts: int) -> list[str]:
    """The announcements of levels as the cards on hand take these amounts, from an office that is ok."""
    at, told = stock(0), []
    for amount in amounts:
        before = Stock(**{**{name: getattr(at, name) for name in Stock.__slots__}, "on_hand": amount})
        at = settle(before)
        told += [type(e).__name__ for e in announcements(before, at, AT) if isinstance(e, StockLevelEvent)]
    return told


def test_thresholds_are_the_offices_cover_in_cards() -> None:
    assert Thresholds(low_at=231, critical_at=99, recovered_at=330) == LIMITS


def test_low_is_below_critical_at_or_below_out_at_none() -> None:
    expected = {231: "ok", 230: "low", 100: "low", 99: "critical", 1: "critical", 0: "out", -5: "out"}
    assert {n: level_of(StockLevel.OK, n, LIMITS).value for n in expected} == expected


def test_a_fall_past_several_levels_tells_the_lowest_only() -> None:
    assert course(500, 50) == ["StockCritical"]
    assert course(500, -1) == ["StockOut"]


def test_low_does_not_flutter_around_its_threshold() -> None:
    assert course(231, 230, 231, 230, 329, 230) == ["StockLow"]
    assert course(230, 330, 230) == ["StockLow", "StockRecovered", "StockLow"]


def test_a_second_fall_is_told_and_a_small_rise_is_not() -> None:
    assert course(0, 50, 150, 50, 0) == ["StockOut", "StockCritical", "StockOut"]


@given(st.lists(st.integers(-50, 500), max_size=30))
def test_each_announcement_has_the_next_crossing_number(amounts: list[int]) -> None:
    at, crossings = stock(400), []
    for amount in amounts:
        before = Stock(**{**{name: getattr(at, name) for name in Stock.__slots__}, "on_hand": amount})
        at = settle(before)
        assert settle(at) == at
        crossings += [e.crossing for e in announcements(before, at, AT) if isinstance(e, StockLevelEvent)]
    assert crossings == list(range(1, len(crossings) + 1))
    assert at.crossing == len(crossings)


@given(st.lists(st.integers(-50, 500), max_size=30))
def test_rationing_runs_from_critical_until_ok(amounts: list[int]) -> None:
    at, active = stock(400), False
    for amount in amounts:
        before = Stock(**{**{name: getattr(at, name) for name in Stock.__slots__}, "on_hand": amount})
        at = settle(before)
        told = [e for e in announcements(before, at, AT) if isinstance(e, RationingChanged)]
        if at.level in (StockLevel.CRITICAL, StockLevel.OUT):
            assert at.rationing
        if at.level is StockLevel.OK:
            assert not at.rationing
        assert len(told) == (at.rationing != active)
        for event in told:
            assert event.allowed == ((ServiceCode.FIRST,) if event.active else tuple(ServiceCode))
        active = at.rationing


def test_cover_is_never_negative_nor_endless() -> None:
    assert stock(-3).cover == 0
    assert stock(66).cover == 2
    assert stock(10**8).cover == 10_000
