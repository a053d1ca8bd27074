"""Where the headings of a list stand, and the column of each, however an office writes them.

A list may have a title above its headings, units and remarks in them ("NIK (16 digit)", "No. HP/WA"), and columns
that nobody needs here: those are named, and ignored. A heading that is nearly one of ours may be a slip in one that
matters, such as `dokumne`: it is refused.
"""

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.requests.domain.rules.checks import Warned
from services.requests.sheets.columns import ADDRESS_PARTS, COLUMNS, LINE, PASSED_OVER, Column
from services.requests.sheets.records import cells_of, is_open
from shared.problems import Invalid, RuleViolation
from shared.reference.village_search.spelling import words

MOST_COLUMNS = 60
SEARCHED = 20
"""Lines in which the headings must begin."""
TALLEST = 5
"""Lines of one row of headings: spreadsheets break them within a cell."""
SEPARATORS = ";,\t"
ENOUGH = 2
"""Known headings that make a line the one with the headings."""
NEAR = 0.8
"""How alike two headings are before one is taken for a slip in the other, from 0 to 1."""
_KNOWN: dict[str, Column] = {name: column for column in COLUMNS for name in (column.heading, *column.also)}
_REMARK = re.compile(r"\([^)]*\)|\[[^]]*]|\*")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z /._-]{0,39}")
"""A heading that a sentence may repeat: it can be nobody's number."""


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings of a list: which lines they fill, what parts the cells, and the column of each cell."""

    line: int
    """Where they begin, from 1."""
    next_line: int
    """The first line below them."""
    separator: str
    columns: tuple[Column | None, ...]
    parts: tuple[str | None, ...]
    """For each cell the words that it adds to the address, with a place for what stands in it; None for most."""
    ignored: tuple[Warned, ...]
    names: tuple[str, ...] = ()
    """As the list has them."""

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return len(self.columns)

    @property
    def line_column(self) -> int | None:
        """Which cell says at which line of an earlier list its row was; None without one."""
        return next((at for at, name in enumerate(self.names) if _unremarked(name) == LINE), None)


def find(lines: Sequence[str], usual: Collection[str] = ()) -> Headings:
    """The headings of a list, which may lack those of the fields that are `usual`.

    Raises Invalid (422) that names the columns that are missing, doubled or misspelt."""
    found = max(
        (_read(lines, at, separator) for at in range(min(SEARCHED, len(lines))) for separator in SEPARATORS),
        key=lambda each: (min(_known(each), ENOUGH), -each.line, _known(each)),
        default=_Found(1, 2, SEPARATORS[0], []),
    )
    if _known(found) < ENOUGH:  # no line has headings: the first that is not empty was meant to
        first = next((at for at, line in enumerate(lines) if line.strip() and not line.lower().startswith("sep=")), 0)
        read = [_read(lines, first, separator) for separator in SEPARATORS] if lines else [found]
        found = max(read, key=lambda each: len(each.names))
    return _checked(found, usual)


@dataclass(frozen=True, slots=True)
class _Found:
    line: int
    next_line: int
    separator: str
    names: list[str]


def _read(lines: Sequence[str], at: int, separator: str) -> _Found:
    end = at + 1
    while end < min(at + TALLEST, len(lines)) and is_open("\n".join(lines[at:end]), separator):
        end += 1
    return _Found(at + 1, end + 1, separator, cells_of("\n".join(lines[at:end]), separator))


def _known(found: _Found) -> int:
    return len({column.field for name in found.names if (column := _column(name))})


def _spelled(name: str) -> str:
    return "_".join(words(name))


def _unremarked(name: str) -> str:
    return _spelled(_REMARK.sub(" ", name))


def _column(name: str) -> Column | None:
    """The column of a heading, with or without its remarks."""
    return _KNOWN.get(_spelled(name)) or _KNOWN.get(_unremarked(name))


def _checked(found: _Found, usual: Collection[str]) -> Headings:
    names = found.names
    if len(names) > MOST_COLUMNS:
        raise refused(f"paling banyak {MOST_COLUMNS} kolom", "columns", f"at most {MOST_COLUMNS} columns")
    columns = tuple(_column(name) for name in names)
    parts = tuple(ADDRESS_PARTS.get(_unremarked(name)) for name in names)
    errors = [
        RuleViolation(column.heading, "kolom ini tidak ada", "csv.column", en="this column is missing")
        for column in COLUMNS
        if column.needed and column not in columns and column.field not in usual
    ]
    errors += [
        RuleViolation(column.heading, "kolom ini ada dua kali", "csv.twice", en="this column is there twice")
        for column in COLUMNS
        if columns.count(column) > 1
    ]
    ignored = []
    for number, (name, column, part) in enumerate(zip(names, columns, parts, strict=True), 1):
        spelled = _unremarked(name)
        if not spelled or column or part or spelled in PASSED_OVER:
            continue
        if near := difflib.get_close_matches(spelled, _KNOWN, 1, NEAR):
            meant = _KNOWN[near[0]].heading
            rule = f"judul kolom tidak dikenal; apakah maksudnya {meant}?"
            errors.append(RuleViolation(f"kolom {number}", rule, "csv.heading", en=f"not known; was {meant} meant?"))
        else:
            ignored.append(_ignored(name, number))
    if errors:
        raise Invalid.of(errors)
    return Headings(found.line, found.next_line, found.separator, columns, parts, tuple(ignored), tuple(names))


def _ignored(name: str, number: int) -> Warned:
    said = " ".join(name.split())
    where = f"kolom {said}" if _PLAIN.fullmatch(said) else f"kolom {number}"
    return Warned(where, "kolom ini tidak dipakai dan dilewati", "csv.ignored", "this column is not used")


def refused(rule: str, code: str, en: str) -> Invalid:
    """The file as a whole is no list."""
    return Invalid.of([RuleViolation("csv", rule, f"csv.{code}", en=en)])
