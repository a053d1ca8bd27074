"""The grep: every needle of every resident, as text, percent-encoded, and as the hex that bytes are printed in."""

from collections.abc import Iterable
from urllib.parse import unquote_plus

from tests.privacy.people import EVERYONE, Resident

NEEDLES = {needle.lower(): resident.name for resident in EVERYONE for needle in resident.needles()}


def finds(texts: Iterable[str]) -> list[str]:
    """What of whom was found, with what stands around it."""
    return [
        f"{needle!r} in ...{readable[max(0, at - 60) : at + 60]!r}"
        for plain in map(str.lower, texts)
        for readable in {plain, unquote_plus(plain)}
        for needle in NEEDLES
        for shape in (needle, needle.encode().hex())
        if (at := readable.find(shape)) >= 0
    ]


def whose(found: Iterable[str], resident: Resident) -> bool:
    """Whether any find is of this resident."""
    return any(NEEDLES[line.split("'")[1]] == resident.name for line in found)
