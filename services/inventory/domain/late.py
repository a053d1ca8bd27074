"""On which day a print counts whose event comes late, or has a time in the future.

A late print counts on its own day, and the reports from that day on are published again. But a closed day cannot
have printed cards that it did not have: then the date is wrong, or a receipt is missing, and the print counts on the
day when it became known, which is not closed. So does a print with a time in the future. The cards on hand are right
in each case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from services.inventory.domain.reports import DayFigures
from shared.reference.device_time import is_ahead
from shared.reference.offices import Office

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Books:
    """Up to which day an office is closed; None when it never was. `open_from` is the moment after it."""

    office: Office
    closed: date | None
    open_from: datetime
    now: datetime

    @classmethod
    def of(cls, office: Office, closed: date | None, now: datetime) -> "Books":
        """The books of an office at `now`."""
        if closed is None:
            return cls(office, None, datetime.min.replace(tzinfo=UTC), now)
        return cls(office, closed, office.moment(closed + ONE_DAY, time()).astimezone(UTC), now)

    def takes(self, at: datetime) -> bool:
        """Whether what happened then simply counts on its own day."""
        return at >= self.open_from and not is_ahead(at, self.now)

    @property
    def today(self) -> date:
        """The day on which what became known now counts."""
        day = self.office.day_of(self.now)
        return day if self.closed is None else max(day, self.closed + ONE_DAY)


def closings(opening: int, days: Sequence[DayFigures], start: date, closed: date) -> dict[date, int]:
    """Cards on hand at the end of each day from `start` to `closed`; `opening` is at the beginning of `start`."""
    moved = {each.day: each.received - each.printed - each.spoiled for each in days}
    held, found = opening, {}
    for number in range((closed - start).days + 1):
        day = start + timedelta(days=number)
        held += moved.get(day, 0)
        found[day] = held
    return found


def counted_on(books: Books, late: Sequence[datetime], closing: Mapping[date, int]) -> list[date]:
    """The day on which each of these prints counts; `closing` has the cards left at the end of each closed day.

    A day that is below zero already takes more prints: its office has to count anyway.
    """
    left, found = dict(closing), []
    for at in late:
        day = books.office.day_of(at)
        after = [each for each in left if each >= day]
        if is_ahead(at, books.now) or any(left[each] == 0 for each in after):
            found.append(books.today)
            continue
        for each in after:
            left[each] -= 1
        found.append(day)
    return found
