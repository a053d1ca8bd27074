"""Daily reports balance and follow one another, whatever becomes known when."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.inventory.domain.reports import WINDOW, DailyReport, DayFigures, due_day, event_of, reports_to_publish
from shared.contract.events import StockReportCorrected, StockReported
from shared.reference.offices import Offices

OFFICE = Offices.load()["53.71"]  # WITA, eight hours ahead
FIRST = date(2026, 4, 6)


def test_a_day_is_due_at_the_offices_deadline_in_its_own_zone() -> None:
    assert due_day(OFFICE, datetime(2026, 4, 6, 7, 59, tzinfo=UTC)) == date(2026, 4, 5)
    assert due_day(OFFICE, datetime(2026, 4, 6, 8, 0, tzinfo=UTC)) == date(2026, 4, 6)
    assert due_day(OFFICE, datetime(2026, 4, 6, 16, 30, tzinfo=UTC)) == date(2026, 4, 6)


def test_quiet_days_are_reported_but_no_years_of_a_wrong_clock() -> None:
    days = [DayFigures(date(2011, 1, 1), printed=1), DayFigures(FIRST, received=9)]
    told = reports_to_publish("53.71", 0, days, {}, date(2011, 1, 1), FIRST + timedelta(days=2))
    assert told[0].figures.day == date(2011, 1, 1)
    assert len(told) == 2 + WINDOW.days
    assert told[-1].figures == DayFigures(FIRST + timedelta(days=2))
    assert told[-1].closing == 8


def test_a_late_fact_corrects_the_days_whose_opening_it_changes() -> None:
    first = reports_to_publish("53.71", 0, [DayFigures(FIRST, received=100)], {}, FIRST, FIRST + timedelta(days=2))
    told = {report.figures.day: report for report in first}
    late = reports_to_publish(
        "53.71", 0, [DayFigures(FIRST, received=100, printed=3)], told, FIRST, FIRST + timedelta(days=2)
    )
    assert [(r.figures.day.day, r.revision, r.closing) for r in late] == [(6, 2, 97), (7, 2, 97), (8, 2, 97)]
    event = event_of(late[0], datetime(2026, 4, 9, tzinfo=UTC))
    assert isinstance(event, StockReportCorrected)
    assert (event.revision, event.opening, event.received, event.printed) == (2, 0, 100, 3)
    assert type(event_of(first[0], datetime(2026, 4, 9, tzinfo=UTC))) is StockReported


def test_what_was_told_is_not_told_again() -> None:
    days = [DayFigures(FIRST, received=5), DayFigures(FIRST + timedelta(days=1), spoiled=2)]
    told = {r.figures.day: r for r in reports_to_publish("53.71", 0, days, {}, FIRST, FIRST + timedelta(days=4))}
    assert reports_to_publish("53.71", 0, days, told, FIRST, FIRST + timedelta(days=4)) == []


facts = st.tuples(st.integers(0, 9), st.sampled_from(["received", "printed", "spoiled"]), st.integers(1, 50))


@given(st.lists(st.lists(facts, max_size=5), min_size=1, max_size=10))
def test_after_any_late_facts_the_latest_reports_form_one_chain(ticks: list[list[tuple[int, str, int]]]) -> None:
    days: dict[date, DayFigures] = {}
    told: dict[date, DailyReport] = {}
    for n, known in enumerate(ticks):
        for offset, column, count in known:
            day = FIRST + timedelta(days=offset)
            before = days.get(day, DayFigures(day))
            figures = {name: getattr(before, name) for name in DayFigures.__slots__}
            days[day] = DayFigures(**{**figures, column: figures[column] + count})
        due = FIRST + timedelta(days=n)
        past = [days[day] for day in sorted(days) if day <= due]
        for report in reports_to_publish("53.71", 0, past, told, FIRST, due):
            assert report.revision == (told[report.figures.day].revision + 1 if report.figures.day in told else 1)
            told[report.figures.day] = report
    chain = [told[day] for day in sorted(told)]
    assert [r.figures.day for r in chain] == [FIRST + timedelta(days=n) for n in range(len(ticks))]
    for before, after in zip([None, *chain[:-1]], chain, strict=True):
        assert after.opening == (before.closing if before else 0)
        assert after.figures == days.get(after.figures.day, DayFigures(after.figures.day))
