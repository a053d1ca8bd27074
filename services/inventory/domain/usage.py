"""How many cards an office prints a working day, measured where nothing kept it from printing.

The prints of a day without blanks, or with prints rationed, show the number of blanks and not the demand:
measured over such days usage falls, and the next few blanks seem to last for weeks.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta

from services.inventory.domain.reports import DayFigures
from shared.reference.offices import Office

USAGE_DAYS = 20
"""Working days over which prints are averaged."""
FEWEST_DAYS = 5
"""With fewer working days to measure on, the usage that was planned with stays."""
REACH = timedelta(days=90)
"""Days further back are of another time."""


@dataclass(frozen=True, slots=True)
class History:
    """The days of an office from `start` to `last`; `opening` is its cards on hand before them."""

    start: date
    last: date
    opening: int
    days: Sequence[DayFigures]
    rationed: Set[date]

    def calendar(self) -> list[date]:
        """Each day, earliest first."""
        return [self.start + timedelta(days=n) for n in range((self.last - self.start).days + 1)]

    def free(self) -> dict[date, int]:
        """What was printed on the days that began and ended with blanks, and without rationing."""
        moved = {day.day: day for day in self.days}
        free, opening = {}, self.opening
        for day in self.calendar():
            figures = moved.get(day, DayFigures(day))
            closing = opening + figures.received - figures.printed - figures.spoiled
            if opening > 0 and closing > 0 and day not in self.rationed:
                free[day] = figures.printed
            opening = closing
        return free


def usage_of(office: Office, planned: float, history: History) -> float:
    """Prints a working day, over the last free working days; `planned` is what was planned with so far.

    An office whose history is too short, or that printed nothing, has the usage of the offices' file.
    """
    if sum(office.works_on(day) for day in history.calendar()) < USAGE_DAYS:
        return office.usage
    free = history.free()
    measured = [day for day in sorted(free, reverse=True) if office.works_on(day)][:USAGE_DAYS]
    if len(measured) < FEWEST_DAYS:
        return planned
    # What is printed on a Saturday is printed for the working days around it.
    prints = sum(printed for day, printed in free.items() if day >= measured[-1])
    return max(prints / len(measured), 1.0) if prints else office.usage
