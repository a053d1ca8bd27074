"""The lines of a file as records of cells. A quote that is never closed costs its own line, and no other resident.

A cell in quotes may go on in the next lines, as an address does. Where it would swallow a whole row, or never ends,
the quote was not meant to open a cell: its line is a record that is marked, and reading goes on with the next.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_LINES = 20
"""Lines of one record."""


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one row, and the line it begins at, from 1."""

    line: int
    cells: list[str]
    unclosed: bool = False
    """A quote in it is not closed: its cells are not to be believed."""


def records(lines: Sequence[str], first: int, separator: str, width: int) -> Iterator[Record]:
    """The records from line number `first` on, of a list with so many columns. Empty lines are none."""
    at = first - 1
    while at < len(lines):
        count = _length(lines, at, separator, width)
        text = "\n".join(lines[at : at + max(count, 1)])
        if text.strip():
            yield Record(at + 1, cells_of(text, separator), unclosed=not count)
        at += max(count, 1)


def cells_of(text: str, separator: str) -> list[str]:
    """The cells of one record; of one with an open quote, whatever stands there."""
    return next(csv.reader(text.splitlines(keepends=True), delimiter=separator), [])


def is_open(text: str, separator: str) -> bool:
    """Whether a quoted cell goes on behind the end of a text."""
    # An empty line behind it is a record of its own, or is swallowed by the open cell.
    return '"' in text and len(list(csv.reader([*text.splitlines(keepends=True), "\n", ""], delimiter=separator))) < 2


def _length(lines: Sequence[str], at: int, separator: str, width: int) -> int:
    """How many lines the record has that begins there; 0 when a quote in its first line is not closed."""
    if not is_open(lines[at], separator):
        return 1
    for end in range(at + 2, min(at + MOST_LINES, len(lines)) + 1):
        text = "\n".join(lines[at:end])
        if not is_open(text, separator):
            inside = text.count(separator) - len(cells_of(text, separator)) + 1
            return end - at if inside < max(width - 1, 1) else 0  # a whole row lies in one of its cells
    return 0
