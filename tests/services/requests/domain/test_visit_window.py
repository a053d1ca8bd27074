"""A family is told half a day, or the window of its office."""

from datetime import date, time

import pytest

from services.requests.domain.rules.clauses import Window
from services.requests.domain.tracking.visit_window import promised
from shared.reference.offices import Offices

OFFICE = Offices.load()["17.02"]
DAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("hours", "planned", "told"),
    [
        (0, ("09:20", "09:40"), ("08:00", "12:00")),
        (0, ("12:00", "12:20"), ("12:00", "16:00")),
        (0, ("11:50", "12:10"), ("08:00", "16:00")),
        (0, ("15:50", "16:20"), ("12:00", "16:20")),
        (0, ("07:30", "07:50"), ("07:30", "12:00")),
        (2, ("09:20", "09:40"), ("08:00", "10:00")),
        (2, ("09:50", "10:10"), ("08:00", "12:00")),
        (3, ("15:00", "15:30"), ("14:00", "16:00")),
    ],
)
def test_a_plan_is_told_as_the_span_that_holds_it(
    hours: int, planned: tuple[str, str], told: tuple[str, str]
) -> None:
    window = Window(hours=hours, source="Kebiasaan kantor", id="jendela waktu kunjungan", en="the window of a visit")
    starts_at, ends_at = (OFFICE.moment(DAY, time.fromisoformat(clock)) for clock in planned)
    assert promised(OFFICE, window, starts_at, ends_at) == tuple(
        OFFICE.moment(DAY, time.fromisoformat(clock)) for clock in told
    )
