"""The list of a city's made-up residents, in sheets: the first is a file beside this one, the others are made when
a story needs more. Each line is as the CSV import of requests takes it.

    python -m lab residents        writes the files anew; a test compares
"""

import csv
import io
from collections import deque
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from pathlib import Path
from random import Random

from lab.simulate.population.city import City, Group
from lab.simulate.population.people import WHY, People, Resident
from lab.simulate.population.weighted_choice import weighted_choice
from shared.contract.fields import Place
from shared.reference.regions import kelurahan

DATA = Path(__file__).parent / "data"
COLUMNS = {
    "nama": "name",
    "nik": "nik",
    "tanggal_lahir": "birth_date",
    "jenis_kelamin": "sex",
    "telepon": "phone",
    "alamat": "address",
    "kelurahan": "kelurahan",
    "status_kawin": "marital_status",
    "layanan": "service",
    "alasan_foto": "photo_reason",
    "pernah_rekam": "recorded_before",
    "alasan": "reason",
    "rentan": "vulnerable",
    "kebutuhan": "needs",
    "dokumen": "documents",
    "cetak_kk": "family_card",
}
YES, NO, SEPARATOR = "ya", "tidak", "|"
HOUSEHOLDS = ((1, 45), (2, 35), (3, 20))
"""How many of a household ask at once, with weights."""


def path_of(city: City) -> Path:
    """Where a city's first sheet lies."""
    return DATA / f"residents-{city.office}.csv"


def sheet(city: City, number: int, taken: set[str] | None = None) -> list[Resident]:
    """Made from the number alone, the first is 1; no NIK is in `taken`, where those of this sheet are added."""
    people = People(city, Random(f"{city.key}/residents/{number}"), set() if taken is None else taken)
    made: list[Resident] = []
    for group, count in city.sheet:
        made += _of_group(people, group, count)
    return made


def group_of(city: City, resident: Resident) -> Group:
    """Whose list a resident is on: who cannot leave home, a prison's, a school's, or a ward's."""
    if resident.reason == "warga_binaan":
        return Group.PRISON
    if resident.reason != "lainnya":
        return Group.HOME
    grown_up = (city.first_day - resident.birth_date).days >= 365 * WHY["lainnya"].ages[0]
    return Group.PUBLIC if grown_up else Group.SCHOOL


def _of_group(people: People, group: Group, count: int) -> list[Resident]:
    made: list[Resident] = []
    while len(made) < count:
        match group:
            case Group.HOME:
                made += people.household(weighted_choice(people.random, HOUSEHOLDS))
            case Group.SCHOOL:
                made.append(people.pupil())
            case Group.PUBLIC:
                made.append(people.of_the_public())
            case Group.PRISON:
                prison = next(d.sites[0] for d in people.city.drives if d.place is Place.PRISON)
                made.append(people.prisoner(kelurahan(prison.kelurahan)))
    return made


def write(residents: Iterable[Resident]) -> str:
    """As CSV with Indonesian headings."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(COLUMNS)
    lines.writerows([_cell(getattr(each, name)) for name in COLUMNS.values()] for each in residents)
    return out.getvalue()


def read(text: str) -> list[Resident]:
    """The residents of such a CSV."""
    return [_resident(line) for line in csv.DictReader(io.StringIO(text))]


def _cell(value: object) -> str:
    match value:
        case bool():
            return YES if value else NO
        case tuple():
            return SEPARATOR.join(value)
        case _:
            return "" if value is None else str(value)


def _resident(line: dict[str, str]) -> Resident:
    said = {name: line[heading] or None for heading, name in COLUMNS.items()}
    return Resident(
        **{  # type: ignore[arg-type]
            **said,
            "birth_date": date.fromisoformat(line["tanggal_lahir"]),
            "recorded_before": line["pernah_rekam"] == YES,
            "family_card": line["cetak_kk"] == YES,
            "needs": _several(line["kebutuhan"]),
            "documents": _several(line["dokumen"]),
        }
    )


def _several(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, cell.split(SEPARATOR)))


class ResidentPool:
    """The residents of a story, each taken once: from the file first, in an order that the seed decides."""

    def __init__(self, city: City, seed: int) -> None:
        self._city, self._seed = city, seed
        self._taken: set[str] = set()
        self._sheets = 0
        self._households: deque[list[Resident]] = deque()
        self._lists: dict[Group, deque[Resident]] = {group: deque() for group, _ in city.sheet}

    def household(self) -> list[Resident]:
        """All who ask at one address."""
        if not self._households:
            self._next_sheet()
        return self._households.popleft()

    def take(self, group: Group, count: int) -> list[Resident]:
        """So many for a list."""
        waiting = self._lists[group]
        while len(waiting) < count:
            self._next_sheet()
        return [waiting.popleft() for _ in range(count)]

    def _next_sheet(self) -> None:
        self._sheets += 1
        if self._sheets == 1:
            residents = read(path_of(self._city).read_text())
            self._taken.update(each.nik for each in residents if each.nik)
        else:
            residents = sheet(self._city, self._sheets, self._taken)
        random = Random(f"{self._seed}/{self._city.key}/order/{self._sheets}")
        at_home = [each for each in residents if group_of(self._city, each) is Group.HOME]
        homes = [list(same) for _, same in groupby(at_home, key=lambda each: (each.kelurahan, each.address))]
        random.shuffle(homes)
        self._households.extend(homes)
        for group, waiting in self._lists.items():
            if group is not Group.HOME:
                found = [each for each in residents if group_of(self._city, each) is group]
                random.shuffle(found)
                waiting.extend(found)
