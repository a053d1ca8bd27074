"""A resident as the letter names them. No value of these is shown by repr, logged, or put into an event."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shared.fields import ServiceCode, Skill


class Sex(StrEnum):
    """As the civil registry writes it."""

    MALE = "L"
    FEMALE = "P"


class Reason(StrEnum):
    """Why the resident cannot come to the office. It is health or criminal data (UU 27/2022 Ps 4(2))."""

    ELDERLY = "lansia"
    DISABLED = "disabilitas"
    MENTAL_ILLNESS = "odgj"
    ILL = "sakit"
    INMATE = "warga_binaan"
    OTHER = "lainnya"


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """What is sealed: readable only with the key, and each reading is written down."""

    name: str
    birth_date: date
    sex: Sex
    reason: Reason
    address: str
    nik: str | None
    """16 digits."""
    phone: str | None
    """E.164."""


@dataclass(frozen=True, slots=True)
class Application:
    """One resident of a letter: the person, and what they apply for."""

    person: Person = field(repr=False)
    service: ServiceCode
    needs: frozenset[Skill]
    married: bool
    """Married, or ever married."""
