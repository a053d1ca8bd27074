"""Where within their wilayah people look: offices, kecamatan and kelurahan to choose from, by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from shared.reference.offices import Office, Offices
from shared.reference.regions import Kelurahan, kelurahan_of
from shared.security.auth import Identity

OFFICE = len("17.02")


@dataclass(frozen=True, slots=True)
class RegionGroup:
    """Choices under a heading: the kelurahan of a kecamatan, with the code of the whole, or all offices."""

    name: str
    code: str
    choices: tuple[tuple[str, str], ...]
    """Code and name."""


def choices(who: Identity, offices: Offices) -> list[RegionGroup]:
    """What a person of this wilayah can narrow a list to; nothing where there is but one kelurahan."""
    wilayah = who.wilayah
    if len(wilayah) < OFFICE:
        mine = [(office.code, office.name) for office in offices if who.sees(office.code)]
        return [RegionGroup("", "", tuple(mine))]
    places = [place for place in kelurahan_of(wilayah[:OFFICE]) if who.sees(place.code)]
    return _by_kecamatan(places) if len(places) > 1 else []


def _by_kecamatan(places: Iterable[Kelurahan]) -> list[RegionGroup]:
    return [
        RegionGroup(found[0].kecamatan, code, tuple((place.code, place.name) for place in found))
        for code, group in groupby(places, key=lambda place: place.code[:8])
        for found in [list(group)]
    ]


def home(who: Identity, offices: Offices) -> Office | None:
    """The one office of a person's wilayah; None for whoever works for several."""
    code = who.wilayah[:OFFICE]
    return offices[code] if code in offices else None  # noqa: SIM401  no mapping
