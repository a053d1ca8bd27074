"""The letters of a day: which kelurahan asks for how many residents, and when."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from ops.simulate.city import City
from ops.simulate.people import resident
from shared.fields import RequestKind
from shared.offices import Office
from shared.regions import Kelurahan, kelurahan_of

FIRST_LETTER = time(8, 20)
MINUTES_OF_FILING = 380
SIZES = (1, 2, 3)
SIZE_WEIGHTS = (45, 35, 20)
INCOMPLETE = 0.06
"""Share of letters whose documents are complete only the next working day."""


@dataclass(frozen=True)
class Letter:
    """A request before it is filed, by the label that names it in every run."""

    label: str
    kelurahan: Kelurahan
    at: datetime
    body: dict[str, Any]
    complete: bool

    @property
    def residents(self) -> int:
        """How many residents it asks for."""
        return len(self.body["residents"])


def letters(city: City, office: Office, seed: int, day: date) -> list[Letter]:
    """All letters of a working day, in order of time."""
    random = Random(f"{seed}/{city.key}/{day}")
    sizes = _sizes(random, random.randint(*city.residents_a_day))
    step = timedelta(minutes=MINUTES_OF_FILING / len(sizes))
    first = office.moment(day, FIRST_LETTER)
    found = []
    for number, size in enumerate(sizes):
        kelurahan = random.choice(kelurahan_of(city.office))
        complete = random.random() >= INCOMPLETE
        body = {
            "kelurahan": kelurahan.code,
            "kind": RequestKind.HOME_VISIT,
            "letter": {"number": f"470/{number + 1:03}/{day:%m}/{day:%Y}", "date": day.isoformat()},
            "documents_complete": complete,
            "residents": [resident(random, city, kelurahan, day) for _ in range(size)],
        }
        label = f"{day}/{number:03}"
        at = first + timedelta(minutes=int((step * number).total_seconds() // 60))
        found.append(Letter(label, kelurahan, at, body, complete))
    return found


def _sizes(random: Random, residents: int) -> list[int]:
    sizes: list[int] = []
    while residents:
        size = min(random.choices(SIZES, SIZE_WEIGHTS)[0], residents)
        sizes.append(size)
        residents -= size
    return sizes
