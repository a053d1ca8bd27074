"""What the simulator is told of a city: its office, its stock, its printers, and who asks for what."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from lab.simulate.population.names import Names
from shared.contract.fields import Outcome, Place


class Group(StrEnum):
    """Whom a letter is for: they differ in age, in what they need, and in the papers they lack."""

    HOME = "home"
    SCHOOL = "school"
    PRISON = "prison"
    PUBLIC = "public"


@dataclass(frozen=True)
class Station:
    """A printer with its tray."""

    code: str = "P1"
    tray: int = 60
    """Blank cards in it each morning."""
    a_day: int = 200
    """What it prints in a day: 200 to 250 by its maker."""


@dataclass(frozen=True)
class Site:
    """Where a drive is held. The names are made up."""

    name: str
    kelurahan: str


@dataclass(frozen=True)
class Drives:
    """Drives of one kind: on one weekday of each week (or of `weeks`, counted from 0) a letter for the next site.

    The residents are listed later by `listed_after` working days, 0 in the letter itself.
    """

    place: Place
    group: Group
    sites: tuple[Site, ...]
    filed_on: int
    """0 is Monday."""
    days: tuple[int, ...]
    """On which the place can be visited."""
    residents: tuple[int, int]
    listed_after: int = 1
    weeks: tuple[int, ...] | None = None


OUTCOMES = (
    (Outcome.RECORDED, 910),
    (Outcome.ABSENT, 40),
    (Outcome.REFUSED, 10),
    (Outcome.RELAPSED, 10),
    (Outcome.NOT_FOUND, 10),
    (Outcome.NO_SIGNAL, 8),
    (Outcome.DEVICE_FAULT, 6),
    (Outcome.ALREADY_RECORDED, 4),
    (Outcome.UNDER_AGE, 2),
)


@dataclass(frozen=True)
class City:
    """An office and its figures. Shares are parts of one."""

    key: str
    name: str
    office: str
    first_day: date
    about: tuple[str, str]
    """What is told of it, in Indonesian and in English."""
    opening: int
    """Blank cards in the office's store on the first morning."""
    provincial: int
    """Blank cards in the provincial store on the first morning."""
    residents_a_day: tuple[int, int]
    """Residents in the home visits' letters of a working day, from and to; those of drives come on top."""
    grant: int
    """Blank cards the province approves when it is told that stock is low."""
    names: Names
    reasons: tuple[tuple[str, int], ...]
    """Why people at home cannot come, with weights."""
    migrants: tuple[str, ...]
    """Districts elsewhere in which some residents were registered first: their NIK keep the code."""
    retired: tuple[str, ...]
    """The same of districts that are no more."""
    sheet: tuple[tuple[Group, int], ...]
    """How many residents of each group a sheet of the city's list has."""
    drives: tuple[Drives, ...] = ()
    stations: tuple[Station, ...] = (Station(),)
    outcomes: tuple[tuple[Outcome, int], ...] = OUTCOMES
    spoiled: float = 0.02
    """Share of prints that first spoil a card."""
    found_wrong: float = 0.0
    """Share of printed cards that are found wrong the next morning, destroyed and printed again."""
    decides: bool = False
    """After the last visit without a record somebody decides the next morning: again, or not."""
    next_day_prr: float = 0.08
    """Share of records for which the centre answers only the next working day."""

    @property
    def province(self) -> str:
        """Its province's code."""
        return self.office[:2]

    def calendar(self, days: int) -> list[date]:
        """The days of a simulation, in order."""
        return [self.first_day + timedelta(days=n) for n in range(days)]

    def week_of(self, day: date) -> int:
        """Weeks since the first day."""
        return (day - self.first_day).days // 7
