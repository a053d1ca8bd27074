"""What a list of residents says, row by row."""

from dataclasses import dataclass, field

from services.requests.domain.people import Application
from services.requests.domain.rules.checks import Warned
from shared.problems import RuleViolation


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A row of a list, read: an application that is good by itself, or what is wrong, by column."""

    line: int
    application: Application | None
    errors: tuple[RuleViolation, ...]
    warnings: tuple[Warned, ...] = ()
    stored: bool = False
    """The drive has this resident already."""
    written: tuple[str, ...] = field(default=(), repr=False)
    """The cells of the row, as the file has them."""
    first_line: int | None = None
    """Of the list that the row was in before, where it says so."""


@dataclass(frozen=True, slots=True)
class Read:
    """A list, read: its residents, and what is to be said of lines and columns that are none."""

    entries: list[SheetEntry]
    notes: tuple[tuple[int, Warned], ...] = ()
    """Each with its line."""
    names: tuple[str, ...] = ()
    """The headings, as the file has them."""
