"""A file of a list becomes rows of cells, or is refused whole; nothing in it makes this slow or large.

The file is bounded by the edge; here its lines, its columns, and the lines of one row are. Commas, semicolons and
tabs part cells: whichever the heading has most of.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from services.requests.sheets.columns import COLUMNS, PASSED_OVER, Column
from shared.picking.spelling import words
from shared.problems import Broken, Invalid

MOST_ROWS = 20_000
MOST_COLUMNS = 60
LONGEST_LINE = 16 * 1024
MOST_LINES = 20
"""Lines of one row: a quoted cell may go on in the next."""
_SEPARATORS = ";,\t"
_KNOWN = {name: column for column in COLUMNS for name in (column.heading, *column.also)}


@dataclass(frozen=True, slots=True)
class Row:
    """A row by the line it begins at, from 1, and its cells that are not empty."""

    line: int
    cells: dict[Column, str]
    surplus: bool
    """It has more cells than the heading: one of them is shifted."""


def refused(rule: str, code: str, en: str) -> Invalid:
    """The file as a whole is no list."""
    return Invalid.of([Broken("csv", rule, f"csv.{code}", en=en)])


def rows_of(content: bytes) -> list[Row]:
    """The rows below the heading. Raises Invalid (422) for a file that is no list of residents."""
    lines = _Lines(_decoded(content))
    heading = next((line for line in lines.all() if line.strip() and not line.lower().startswith("sep=")), "")
    lines.next_row()
    separator = max(_SEPARATORS, key=heading.count)
    names = next(csv.reader([heading], delimiter=separator), [])
    columns = _columns(names)
    rows: list[Row] = []
    try:
        reader = csv.reader(lines.all(), delimiter=separator)
        for found in reader:
            row = Row(lines.begun, _filled(columns, found), any(cell.strip() for cell in found[len(columns) :]))
            lines.next_row()
            if not row.cells and not row.surplus:
                continue
            if len(rows) == MOST_ROWS:
                raise refused(f"paling banyak {MOST_ROWS} baris", "rows", f"at most {MOST_ROWS} rows")
            rows.append(row)
    except csv.Error:
        raise refused(f"baris {lines.begun} tidak terbaca", "unread", f"line {lines.begun} is not readable") from None
    if not rows:
        raise refused("tidak ada warga di bawah judul kolom", "empty", "no resident below the heading")
    return rows


class _Lines:
    """The lines of a file, and where the row under way began."""

    def __init__(self, text: str) -> None:
        self._file = io.StringIO(text, newline=None)
        self._line = 0
        self.begun = 0

    def all(self) -> Iterator[str]:
        """The lines from here on. Raises Invalid (422) for a line or row too long to be a resident's."""
        for line in self._file:
            self._line += 1
            self.begun = self.begun or self._line
            if len(line) > LONGEST_LINE or self._line - self.begun >= MOST_LINES:
                where = f"baris {self.begun} terlalu panjang; periksa tanda kutipnya"
                raise refused(where, "line", f"line {self.begun} is too long; look at its quotes")
            yield line

    def next_row(self) -> None:
        """The row is read."""
        self.begun = 0


def _decoded(content: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                break
    raise refused("simpan sebagai CSV UTF-8", "utf8", "save it as CSV UTF-8")


def _columns(names: list[str]) -> list[Column | None]:
    """The column of each heading, None for one that is passed over. Raises Invalid (422) naming what is missing."""
    if len(names) > MOST_COLUMNS:
        raise refused(f"paling banyak {MOST_COLUMNS} kolom", "columns", f"at most {MOST_COLUMNS} columns")
    headings = ["_".join(words(name)) for name in names]
    columns = [_KNOWN.get(heading) for heading in headings]
    found = [column for column in columns if column]
    errors = [
        Broken(column.heading, "kolom ini tidak ada", "csv.column", en="this column is missing")
        for column in COLUMNS
        if column.needed and column not in found
    ]
    errors += [
        Broken(column.heading, "kolom ini ada dua kali", "csv.twice", en="this column is there twice")
        for column in set(found)
        if found.count(column) > 1
    ]
    # A heading that nobody knows may be a slip in one that matters, such as `dokumne`.
    errors += [
        Broken(f"kolom {number}", "judul kolom tidak dikenal", "csv.heading", en="this heading is not known")
        for number, heading in enumerate(headings, 1)
        if heading and heading not in _KNOWN and heading not in PASSED_OVER
    ]
    if errors:
        raise Invalid.of(errors)
    return columns


def _filled(columns: list[Column | None], found: list[str]) -> dict[Column, str]:
    pairs = zip(columns, found, strict=False)
    return {column: cell for column, cell in pairs if column and cell.strip()}
