"""Who has what to do on which day: chains of steps, one a case, in their order."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime

Act = Callable[[], Awaitable[None]]


@dataclass(order=True)
class Todo:
    """A step that is due at a moment of business time; `prints` says that it needs a printer."""

    at: datetime
    chain: str
    act: Act = field(compare=False)
    prints: bool = field(default=False, compare=False)


class Agenda:
    """Steps by day. Those of one chain are taken one after the other; chains go side by side."""

    def __init__(self) -> None:
        self._by_day: dict[date, list[Todo]] = defaultdict(list)

    def add(self, at: datetime, chain: str, act: Act, *, prints: bool = False) -> None:
        """Put a step on its day (the day of `at` in its own zone)."""
        self._by_day[at.date()].append(Todo(at, chain, act, prints))

    def due(self, day: date) -> list[Todo]:
        """Take the steps off that are due on the day or before it, in order of time."""
        return sorted(todo for each in sorted(self._by_day) if each <= day for todo in self._by_day.pop(each))

    def chains(self, day: date) -> dict[str, list[Todo]]:
        """The same by chain."""
        found: dict[str, list[Todo]] = defaultdict(list)
        for todo in self.due(day):
            found[todo.chain].append(todo)
        return found
