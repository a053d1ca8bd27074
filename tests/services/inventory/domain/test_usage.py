"""Usage is measured on the days on which nothing kept an office from printing."""

from collections.abc import Iterable
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.inventory.domain.reports import DayFigures
from services.inventory.domain.usage import History, usage_of
from shared.reference.offices import Offices

OFFICE = Offices.load()["17.02"]
START = date(2026, 4, 6)


def working(count: int) -> list[date]:
    """The office's working days from the start on."""
    found: list[date] = []
    day = START
    while len(found) < count:
        found += [day] if OFFICE.works_on(day) else []
        day += timedelta(days=1)
    return found


def history(days: Iterable[DayFigures], last: date, opening: int = 100_000, rationed: Iterable[date] = ()) -> History:
    return History(START, last, opening, list(days), set(rationed))


def test_it_is_the_mean_of_up_to_twenty_working_days() -> None:
    days = working(25)
    plain = [DayFigures(day, printed=35) for day in days]
    assert usage_of(OFFICE, 12.0, history(plain[:19], days[18])) == 33
    assert usage_of(OFFICE, 12.0, history(plain[:20], days[19])) == 35
    late = [DayFigures(day, printed=35 if n < 5 else 45) for n, day in enumerate(days)]
    assert usage_of(OFFICE, 12.0, history(late, days[-1])) == 45


def test_prints_of_a_saturday_count_for_the_working_days() -> None:
    days = working(20)
    saturday = START + timedelta(days=5)
    assert not OFFICE.works_on(saturday)
    moved = [DayFigures(day, printed=30) for day in days] + [DayFigures(saturday, printed=100)]
    assert usage_of(OFFICE, 12.0, history(moved, days[-1])) == 35


def test_without_prints_it_is_the_files_and_at_least_one() -> None:
    days = working(20)
    assert usage_of(OFFICE, 12.0, history([], days[-1])) == 33
    assert usage_of(OFFICE, 12.0, history([DayFigures(days[3], printed=3)], days[-1])) == 1


def test_earlier_days_replace_those_without_blanks_or_rationed() -> None:
    days = working(40)
    before = [DayFigures(day, received=50 if n < 25 else 0, printed=50) for n, day in enumerate(days[:26])]
    # Twenty-five days of 50, then the last 50 blanks in one day, then none.
    assert usage_of(OFFICE, 12.0, history(before, days[-1], opening=50)) == 50
    slow = [DayFigures(day, printed=50 if n < 25 else 5) for n, day in enumerate(days)]
    assert usage_of(OFFICE, 12.0, history(slow, days[-1], rationed=days[25:])) == 50


def test_with_hardly_a_free_day_the_planned_usage_stays() -> None:
    days = working(20)
    four = [DayFigures(day, printed=50) for day in days[:4]] + [DayFigures(days[4], printed=10)]
    assert usage_of(OFFICE, 41.0, history(four, days[-1], opening=210)) == 41
    assert usage_of(OFFICE, 41.0, history(four, days[-1], opening=211)) != 41


@given(st.integers(1, 15), st.integers(20, 60))
def test_stock_outs_of_any_length_do_not_move_it(out: int, usage: int) -> None:
    days = working(30 + out)
    moved = [DayFigures(day, printed=usage) for day in days[:30]]
    rest = 30 * usage + 1
    moved.append(DayFigures(days[30], spoiled=1))
    before = usage_of(OFFICE, 12.0, history(moved[:30], days[29], opening=rest))
    assert usage_of(OFFICE, before, history(moved, days[-1], opening=rest)) == before == usage
