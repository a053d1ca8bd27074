"""One line of the doctor's report."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """Something that is well, or wrong with what to do about it."""

    part: str
    ok: bool
    says: str
    remedy: str = ""


def well(part: str, says: str) -> Line:
    """All is well."""
    return Line(part, True, says)


def wrong(part: str, says: str, remedy: str) -> Line:
    """Something is wrong."""
    return Line(part, False, says, remedy)
