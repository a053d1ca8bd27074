"""The letters of a day: who asks for home visits and for drives, when, and what goes wrong with a letter."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Any

from lab.simulate.population.city import City, Drives, Site
from lab.simulate.population.people import MARK, PREFIX, Resident
from lab.simulate.population.resident_list import ResidentPool
from lab.simulate.population.weighted_choice import weighted_choice
from shared.contract.fields import RequestKind
from shared.reference.offices import Office

FIRST_LETTER = time(8, 20)
MINUTES_OF_FILING = 300
LARGEST_HOUSEHOLD = 3


class Mishap(StrEnum):
    """What becomes of some letters on the day on which they are filed."""

    NONE = "none"
    AGAIN = "again"
    """Somebody files it once more by mistake."""
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    """One resident's part of it."""
    AMENDED = "amended"


MISHAPS = (
    (Mishap.NONE, 900),
    (Mishap.AMENDED, 40),
    (Mishap.AGAIN, 30),
    (Mishap.WITHDRAWN, 18),
    (Mishap.CANCELLED, 8),
)


@dataclass(frozen=True)
class Letter:
    """A request before it is filed, by the label that names it in every run."""

    label: str
    number: str
    kelurahan: str
    at: datetime
    residents: tuple[Resident, ...]
    mishap: Mishap = Mishap.NONE
    drives: Drives | None = None
    site: Site | None = None
    headcount: int = 0

    @property
    def kind(self) -> RequestKind:
        """What it asks for."""
        return RequestKind.DRIVE if self.drives else RequestKind.HOME_VISIT

    def body(self, residents: tuple[Resident, ...]) -> dict[str, Any]:
        """As POST /requests takes it, for these of its residents."""
        body: dict[str, Any] = {
            "kelurahan": self.kelurahan,
            "kind": self.kind,
            "letter": {"number": self.number, "date": self.at.date().isoformat()},
            "consent": "lembaga" if self.drives else _consent(residents),
            "documents_complete": False,
            "residents": [resident.body() for resident in residents],
        }
        if self.drives is not None and self.site is not None:
            body["contact"] = {"name": f"Pengurus {MARK}", "phone": f"{PREFIX}00001234"}
            body["address"] = f"{self.site.name}, Jl. {MARK}"
            body["drive"] = {
                "place": self.drives.place,
                "name": self.site.name,
                "headcount": self.headcount,
                "preferred_days": [*self.drives.days],
                "on_holidays": False,
            }
        return body


def letters(city: City, office: Office, seed: int, day: date, pool: ResidentPool) -> list[Letter]:
    """All letters of a working day, in order of time. The pool's residents are taken."""
    random = Random(f"{seed}/{city.key}/{day}")
    drives = [drive for drive in city.drives if _is_due(city, drive, day)]
    homes = _homes(city, random, pool)
    step = timedelta(minutes=MINUTES_OF_FILING / (len(homes) + len(drives)))
    found = []
    asking: list[Drives | list[Resident]] = [*drives, *homes]
    for number, content in enumerate(asking):
        at = office.moment(day, FIRST_LETTER) + timedelta(minutes=int((step * number).total_seconds() // 60))
        label, name = f"{day}/{number:03}", f"470/{number + 1:03}/{day:%m}/{day:%Y}"
        if isinstance(content, Drives):
            found.append(_drive(city, content, random, label, name, at, pool))
        else:
            found.append(Letter(label, name, content[0].kelurahan, at, tuple(content), _mishap(random, content)))
    return found


def _is_due(city: City, drives: Drives, day: date) -> bool:
    return day.weekday() == drives.filed_on and (drives.weeks is None or city.week_of(day) in drives.weeks)


def _homes(city: City, random: Random, pool: ResidentPool) -> list[list[Resident]]:
    """Households until the day's number of residents is reached; the last one may pass it."""
    low, high = city.residents_a_day
    enough = random.randint(low, max(low, high - LARGEST_HOUSEHOLD + 1))
    homes: list[list[Resident]] = []
    while sum(map(len, homes)) < enough:
        homes.append(pool.household())
    return homes


def _drive(
    city: City, drives: Drives, random: Random, label: str, number: str, at: datetime, pool: ResidentPool
) -> Letter:
    """The site whose turn it is. What its list will hold is decided now; the headcount is a guess."""
    site = drives.sites[city.week_of(at.date()) % len(drives.sites)]
    residents = pool.take(drives.group, random.randint(*drives.residents))
    guess = max(1, len(residents) + random.randint(-3, 6))
    return Letter(label, number, site.kelurahan, at, tuple(residents), drives=drives, site=site, headcount=guess)


def _mishap(random: Random, household: list[Resident]) -> Mishap:
    drawn = weighted_choice(random, MISHAPS)
    alone = len(household) == 1
    # Without a NIK nobody can tell that it is there already.
    unknown = any(resident.nik is None for resident in household)
    if (drawn is Mishap.WITHDRAWN and alone) or (drawn is Mishap.AGAIN and unknown):
        return Mishap.NONE
    return drawn


def _consent(residents: tuple[Resident, ...]) -> str:
    if any(resident.reason == "odgj" for resident in residents):
        return "wali"
    return "keluarga" if any(resident.reason == "lansia" for resident in residents) else "warga"
