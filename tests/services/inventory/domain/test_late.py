"""On which day a print counts that is told late, or of a time to come."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.inventory.domain.late import Books, closings, counted_on
from services.inventory.domain.reports import DayFigures
from shared.reference.offices import Offices

OFFICE = Offices.load()["17.02"]
FIRST, CLOSED = date(2026, 4, 6), date(2026, 4, 10)
NOW = datetime(2026, 4, 11, 9, tzinfo=OFFICE.tz)
BOOKS = Books.of(OFFICE, CLOSED, NOW)
offsets = st.integers(-30, 4)


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=OFFICE.tz)


@given(st.lists(st.tuples(offsets, st.integers(0, 5)), max_size=8), st.lists(offsets, max_size=30))
def test_no_closed_day_is_below_zero_and_each_print_counts_once(
    received: list[tuple[int, int]], late: list[int]
) -> None:
    days: dict[date, int] = {}
    for offset, cards in received:
        days[FIRST + timedelta(days=offset)] = days.get(FIRST + timedelta(days=offset), 0) + cards
    start = FIRST - timedelta(days=30)
    told = closings(0, [DayFigures(day, received=cards) for day, cards in days.items()], start, CLOSED)
    counted = counted_on(BOOKS, [on(FIRST + timedelta(days=offset)) for offset in late], told)
    assert len(counted) == len(late)
    for day, held in told.items():
        assert held - sum(each <= day for each in counted) >= 0
    for offset, day in zip(late, counted, strict=True):
        assert day in (FIRST + timedelta(days=offset), NOW.date())


def test_a_late_print_counts_on_its_day_if_that_had_cards() -> None:
    told = closings(0, [DayFigures(FIRST, received=2), DayFigures(CLOSED, received=5)], FIRST, CLOSED)
    tuesday = on(date(2026, 4, 7))
    assert counted_on(BOOKS, [tuesday] * 3, told) == [date(2026, 4, 7)] * 2 + [NOW.date()]
    assert counted_on(BOOKS, [on(CLOSED)] * 8, told) == [CLOSED] * 7 + [NOW.date()]


def test_a_balance_already_below_zero_moves_no_print() -> None:
    told = closings(-3, [], FIRST, CLOSED)
    assert counted_on(BOOKS, [on(FIRST)], told) == [FIRST]


def test_a_print_of_a_time_to_come_counts_on_the_first_open_day() -> None:
    ahead = datetime(2099, 1, 1, tzinfo=OFFICE.tz)
    assert not BOOKS.takes(ahead)
    assert counted_on(BOOKS, [ahead], {}) == [NOW.date()]
    closed_today = Books.of(OFFICE, NOW.date(), NOW)
    assert counted_on(closed_today, [ahead], {}) == [NOW.date() + timedelta(days=1)]
    assert BOOKS.takes(NOW)
    assert not BOOKS.takes(on(CLOSED))
    assert Books.of(OFFICE, None, NOW).takes(on(FIRST))
