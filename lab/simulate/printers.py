"""The printers of an office: which card goes through which, and how many cards each has used."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from lab.simulate.population.city import Station


class Printers:
    """Each prints as many cards a day as it can; what is over waits for the next working day."""

    def __init__(self, stations: Sequence[Station]) -> None:
        self.stations = stations
        self.used: Counter[str] = Counter()
        """Blank cards taken from each tray, printed and spoiled."""
        self._day: date | None = None
        self._given: Counter[str] = Counter()

    def give(self, day: date) -> str | None:
        """The printer that has the most room left on the day; None when none has any."""
        if day != self._day:
            self._day, self._given = day, Counter()
        station = max(self.stations, key=lambda each: each.a_day - self._given[each.code])
        if self._given[station.code] >= station.a_day:
            return None
        self._given[station.code] += 1
        return station.code
