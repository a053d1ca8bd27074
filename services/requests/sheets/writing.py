"""Rows become a CSV file that spreadsheets open as it is meant: UTF-8 by its mark, each cell quoted, none a formula.

Semicolons part the cells, as spreadsheets in Indonesian expect.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.requests.sheets.cells import kept
from services.requests.sheets.columns import COLUMNS, LINE, MENDED
from services.requests.sheets.entries import SheetEntry
from services.requests.sheets.parsing import ADVICE
from shared.problems import RuleViolation

MARK = "\ufeff"
"""Says that it is UTF-8."""


def lines(rows: Iterable[Sequence[str]], *, first: bool = False) -> bytes:
    """Rows of cells, each guarded where it came from a person, as they stand in the file."""
    made = io.StringIO(MARK if first else "", newline="")
    made.seek(0, io.SEEK_END)
    csv.writer(made, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return made.getvalue().encode()


def headings() -> list[str]:
    """Of a list of residents."""
    return [column.heading for column in COLUMNS]


def resident(fields: Mapping[str, Any]) -> list[str]:
    """A row of a list of residents; what is not there is empty."""
    values = [(column, fields.get(column.field)) for column in COLUMNS]
    return ["" if value is None else column.write(value) for column, value in values]


def template() -> bytes:
    """The headings, a row of an example, and one that says what may stand in each column: an import passes it by."""
    allowed = [column.allowed for column in COLUMNS]
    advice = [f"{ADVICE}Pilihan isian (baris ini dilewati):", *allowed[1:]]
    return lines([headings(), [column.example for column in COLUMNS], advice], first=True)


def to_be_mended(names: Sequence[str], entries: Iterable[SheetEntry], *, english: bool) -> bytes:
    """The rows of a list that are wrong, with their line and what is wrong: once mended, they are a list again."""
    own = [at for at, name in enumerate(names) if name.strip().lower() in (LINE, MENDED)]

    def others(cells: Sequence[str]) -> list[str]:
        return [kept(cell) for at, cell in enumerate(cells) if at not in own]

    rows = [
        [str(each.first_line or each.line), _said(each.errors, english=english), *others(each.written)]
        for each in entries
        if each.errors
    ]
    return lines([[LINE, MENDED, *others(names)], *rows], first=True)


def _said(errors: Sequence[RuleViolation], *, english: bool) -> str:
    return "; ".join(f"{each.field}: {each.en if english and each.en else each.rule}" for each in errors)
