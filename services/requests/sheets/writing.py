"""Rows become a CSV file that spreadsheets open as it is meant: UTF-8 by its mark, each cell quoted, none a formula.

Semicolons part the cells, as spreadsheets in Indonesian expect.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.requests.sheets.columns import COLUMNS

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
    """The headings, and a row that shows what each column takes."""
    return lines([headings(), [column.example for column in COLUMNS]], first=True)
