"""Who has what to do on which day: chains of steps, one a case, in their order."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

Act = Callable[[], Awaitable[None]]


class Work(StrEnum):
    """What a step is: what the story says of it while it is still to come."""

    LETTER = "letter"
    """Filing a letter, or mending a slip on the same day."""
    LIST = "list"
    """The list of a drive's residents."""
    PAPERS = "papers"
    VISIT = "visit"
    PRINT_READY = "print_ready"
    PRINT = "print"
    """Needs a printer."""
    HAND_OVER = "hand_over"
    DECISION = "decision"
    """After the last visit without a record."""
    DESTRUCTION = "destruction"
    """Of a card that was found wrong."""


@dataclass(order=True)
class PlannedStep:
    """A step that is due at a moment of business time."""

    at: datetime
    chain: str
    act: Act = field(compare=False)
    work: Work = field(compare=False)


class Agenda:
    """Steps by day. Those of one chain are taken one after the other; chains go side by side."""

    def __init__(self) -> None:
        self._by_day: dict[date, list[PlannedStep]] = defaultdict(list)

    def add(self, at: datetime, chain: str, act: Act, work: Work) -> None:
        """Put a step on its day (the day of `at` in its own zone)."""
        self._by_day[at.date()].append(PlannedStep(at, chain, act, work))

    def due(self, day: date) -> list[PlannedStep]:
        """Take the steps off that are due on the day or before it, in order of time."""
        return sorted(todo for each in sorted(self._by_day) if each <= day for todo in self._by_day.pop(each))

    def chains(self, day: date) -> dict[str, list[PlannedStep]]:
        """The same by chain."""
        found: dict[str, list[PlannedStep]] = defaultdict(list)
        for todo in self.due(day):
            found[todo.chain].append(todo)
        return found

    def left(self) -> Counter[tuple[Work, date]]:
        """How many steps of each kind are still to be taken, by their day."""
        return Counter((todo.work, day) for day, todos in self._by_day.items() for todo in todos)
