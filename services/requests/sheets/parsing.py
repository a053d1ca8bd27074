"""A file of a list becomes rows of cells, or is refused whole; nothing in it makes this slow or large.

The file is bounded by the edge; here its lines, its columns, and the lines of one row are. Commas, semicolons and
tabs part cells, whichever gives the most headings. Lines above the headings and below the residents are no
residents: each is said once, and stands in nobody's way.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from services.requests.domain.rules.checks import Warned
from services.requests.domain.text import is_blank, one_line
from services.requests.sheets import headings
from services.requests.sheets.columns import Column
from services.requests.sheets.headings import Headings, refused
from services.requests.sheets.records import Record, records
from shared.reference.village_search.spelling import words

MOST_ROWS = 20_000
ADVICE = "# "
"""So the name begins in a row that only says what may stand in each column."""
LONGEST_LINE = 16 * 1024
_FOOTER = frozenset(
    {
        *("jumlah", "total", "mengetahui", "catatan", "keterangan", "ttd", "tertanda", "lurah", "kepala", "kades"),
        *("camat", "ketua", "dibuat", "disetujui", "mengesahkan", "petugas", "sumber", "dicetak", "demikian"),
    }
)
"""First words of lines that stand below the residents of a list."""
_SEPARATOR_LINE = re.compile(r"sep=.\s*", re.IGNORECASE)
_ABOVE = "baris di atas judul kolom dilewati"
_NO_RESIDENT = Warned("baris", "bukan data warga, dilewati", "csv.no_resident", "no resident: left out")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row by the line it begins at, from 1, and its cells that say something."""

    line: int
    cells: dict[Column, str]
    surplus: bool = False
    """It has more cells than the headings: one of them is shifted."""
    unclosed: bool = False
    """A quote in it is not closed: it has no cells."""
    address_parts: tuple[str, ...] = ()
    """What columns of their own say of the address, such as "RT 002"."""
    written: tuple[str, ...] = ()
    """All its cells, as the file has them."""
    first_line: int | None = None
    """Of the list that it was in before, where it says so."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a list, and what was left out of it, each with its line."""

    rows: list[SheetRow] = field(default_factory=list)
    notes: list[tuple[int, Warned]] = field(default_factory=list)
    heading: int = 1
    """The line of the headings."""
    names: tuple[str, ...] = ()
    """The headings, as the file has them."""


def rows_of(content: bytes, usual: Collection[str] = ()) -> Sheet:
    """The rows below the headings, which may lack those of the fields that are `usual`.

    Raises Invalid (422) for a file that is no list of residents."""
    lines = _lines(_decoded(content))
    found = headings.find(lines, usual)
    sheet = Sheet(heading=found.line, names=found.names)
    sheet.notes.extend(_above(lines, found))
    sheet.notes.extend((found.line, warned) for warned in found.ignored)
    for number, record in enumerate(records(lines, found.next_line, found.separator, found.width)):
        if number == MOST_ROWS:
            raise refused(f"paling banyak {MOST_ROWS} baris", "rows", f"at most {MOST_ROWS} rows")
        row = _row(found, record)
        if row.unclosed or row.surplus or not _is_no_resident(record, row):
            sheet.rows.append(row)
        elif any(cell.strip() for cell in record.cells) and not _is_advice(row):
            sheet.notes.append((record.line, _NO_RESIDENT))
    if not sheet.rows:
        raise refused("tidak ada warga di bawah judul kolom", "empty", "no resident below the heading")
    return sheet


def _lines(text: str) -> list[str]:
    """The lines of a file, without their ends. Raises Invalid (422) for one too long to be a resident's."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            where = f"baris {number} terlalu panjang; periksa tanda kutipnya"
            raise refused(where, "line", f"line {number} is too long; look at its quotes")
    return lines


def _decoded(content: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                break
    raise refused("simpan sebagai CSV UTF-8", "utf8", "save it as CSV UTF-8")


def _above(lines: list[str], found: Headings) -> list[tuple[int, Warned]]:
    """What stands above the headings, said once."""
    titles = [
        number
        for number, line in enumerate(lines[: found.line - 1], 1)
        if line.strip(headings.SEPARATORS + ' "') and not _SEPARATOR_LINE.fullmatch(line)
    ]
    en = "lines above the headings were left out"
    return [(titles[0], Warned("baris", _ABOVE, "csv.above", en))] if titles else []


def _row(found: Headings, record: Record) -> SheetRow:
    if record.unclosed:
        return SheetRow(record.line, {}, unclosed=True, written=tuple(record.cells))
    said = [one_line(cell) for cell in record.cells]
    cells = {
        column: cell
        for column, cell in zip(found.columns, said, strict=False)
        if column and cell and (column.zero_means_no or not is_blank(cell))
    }
    parts = [
        part.format(cell)
        for part, cell in zip(found.parts, said, strict=False)
        if part and cell and not is_blank(cell)
    ]
    surplus, written = any(said[found.width :]), tuple(record.cells)
    return SheetRow(record.line, cells, surplus, False, tuple(parts), written, _first_line(found, said))


def _first_line(found: Headings, said: list[str]) -> int | None:
    at = found.line_column
    cell = said[at] if at is not None and at < len(said) else ""
    return int(cell) if cell.isdecimal() and 0 < int(cell[:9]) <= MOST_ROWS * 2 and len(cell) < 9 else None


def _name(row: SheetRow) -> str:
    return next((cell for column, cell in row.cells.items() if column.field == "name"), "")


def _is_advice(row: SheetRow) -> bool:
    """Whether it is the template's row of what may stand in each column."""
    return _name(row).startswith(ADVICE)


def _is_no_resident(record: Record, row: SheetRow) -> bool:
    """Whether it is a line of sums, signatures, column numbers or advice, or an empty one."""
    if _is_advice(row):
        return True
    filled = [cell for cell in map(str.strip, record.cells) if cell]
    if len(filled) > 2:
        # Numbers below the headings: 1, 2, 3 ...
        return filled == [str(number) for number in range(1, len(filled) + 1)]
    name = _name(row)
    if not name:
        return True
    first = next(iter(words(name)), "")
    return len(filled) == 1 and (first in _FOOTER or any(each.isdigit() for each in name))
