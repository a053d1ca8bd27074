"""What the simulator is told of a city: its office, its stock and how its days go."""

from dataclasses import dataclass
from datetime import date, timedelta

from shared.fields import Outcome, ServiceCode


@dataclass(frozen=True)
class City:
    """An office and its figures. Shares are parts of one."""

    key: str
    name: str
    office: str
    first_day: date
    opening: int
    """Blank cards in the office's store on the first morning."""
    provincial: int
    """Blank cards in the provincial store on the first morning."""
    residents_a_day: tuple[int, int]
    """Residents in the letters of a working day, from and to."""
    grant: int
    """Blank cards the province approves when it is told that stock is low."""
    tray: int = 60
    """Blank cards in the tray of the print station each morning."""
    outcomes: tuple[tuple[Outcome, int], ...] = (
        (Outcome.RECORDED, 91),
        (Outcome.ABSENT, 4),
        (Outcome.REFUSED, 1),
        (Outcome.RELAPSED, 1),
        (Outcome.NOT_FOUND, 1),
        (Outcome.NO_SIGNAL, 1),
        (Outcome.DEVICE_FAULT, 1),
    )
    services: tuple[tuple[ServiceCode, int], ...] = (
        (ServiceCode.FIRST, 42),
        (ServiceCode.LOST, 20),
        (ServiceCode.DAMAGED, 20),
        (ServiceCode.DATA_CHANGE, 10),
        (ServiceCode.PHOTO, 8),
    )
    spoiled: float = 0.02
    """Share of prints that first spoil a card."""
    next_day_prr: float = 0.08
    """Share of records for which the centre answers only the next working day."""

    @property
    def province(self) -> str:
        """Its province's code."""
        return self.office[:2]

    def calendar(self, days: int) -> list[date]:
        """The days of a simulation, in order."""
        return [self.first_day + timedelta(days=n) for n in range(days)]


# Stock and prints a day: a press report on each office; see the domain notes in docs/architecture.md.
CITIES = {
    city.key: city
    for city in (
        City(
            key="rejang-lebong",
            name="Kabupaten Rejang Lebong",
            office="17.02",
            first_day=date(2026, 4, 6),
            opening=773,
            provincial=20_000,
            residents_a_day=(33, 37),
            grant=1000,
        ),
    )
}
