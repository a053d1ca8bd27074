"""Rows become applications by the rules of POST /requests; what is wrong is said by line and column."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from services.requests.api.bodies import ResidentBody
from services.requests.api.gathering import Reading
from services.requests.domain.people import Application
from services.requests.domain.rules import Warned, examine
from services.requests.sheets.cells import Unread
from services.requests.sheets.columns import OF_FIELD
from services.requests.sheets.parsing import Row, rows_of
from services.requests.usecases.importing import Drive
from shared.edge.rules import field_of, rule_of
from shared.fields import RequestKind
from shared.problems import Broken


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a list, read: an application that is good by itself, or what is wrong, by column."""

    line: int
    application: Application | None
    errors: tuple[Broken, ...]
    warnings: tuple[Warned, ...] = ()


def read(content: bytes, drive: Drive) -> list[Entry]:
    """The rows of a list, in their order. Raises Invalid (422) for a file that is no list of residents.

    Takes a tenth of a millisecond a row: not in an event loop.
    """
    entries = [_entry(row, drive) for row in rows_of(content)]
    first: dict[str, int] = {}
    return [_once(entry, first) for entry in entries]


def _entry(row: Row, drive: Drive) -> Entry:
    values, unread = _values(row)
    application, found = _application(values, drive)
    # What could not be read is no missing field besides.
    errors = [
        *unread,
        *(broken for broken in map(_by_column, found) if broken.field not in {e.field for e in unread}),
    ]
    if application is None:
        return Entry(row.line, None, tuple(errors))
    seen = examine(drive.policy, drive.letter.kelurahan, RequestKind.DRIVE, 0, application, drive.day, prefix="")
    errors += map(_by_column, seen.errors)
    warnings = tuple(replace(warned, field=_heading(warned.field)) for warned in seen.warnings)
    return Entry(row.line, application, tuple(errors), warnings)


def _values(row: Row) -> tuple[dict[str, Any], list[Broken]]:
    """The cells by field, and those that mean nothing."""
    values: dict[str, Any] = {}
    errors = []
    if row.surplus:
        rule = "selnya lebih banyak daripada judul kolom; periksa pemisah dan tanda kutip"
        errors.append(
            Broken("baris", rule, "csv.cells", en="more cells than headings; look at separators and quotes")
        )
    for column, cell in row.cells.items():
        try:
            values[column.field] = column.read(cell)
        except Unread as unread:
            errors.append(Broken(column.heading, unread.rule, "csv.cell", en=unread.en))
    return values, errors


def _application(values: dict[str, Any], drive: Drive) -> tuple[Application | None, Sequence[Broken]]:
    try:
        body = ResidentBody.model_validate(values)
    except ValidationError as error:
        return None, [Broken(field_of({**each, "loc": ("", *each["loc"])}), rule_of(each)) for each in error.errors()]
    reading = Reading(drive.day)
    application = body.application("", drive.letter.contact, reading)
    return application, reading.errors


def _once(entry: Entry, first: dict[str, int]) -> Entry:
    """A NIK belongs to one row."""
    nik = entry.application.person.nik if entry.application else None
    if not nik or (before := first.setdefault(nik, entry.line)) == entry.line:
        return entry
    rule = f"NIK sama dengan baris {before}: satu berkas untuk satu warga"
    return replace(
        entry, errors=(*entry.errors, Broken("nik", rule, "nik.twice", en=f"the same NIK as line {before}"))
    )


def _by_column(broken: Broken) -> Broken:
    return replace(broken, field=_heading(broken.field))


def _heading(field: str) -> str:
    """The column of a field of a resident: "documents.0" is of `dokumen`."""
    name = field.split(".")[0]
    return OF_FIELD[name].heading if name in OF_FIELD else field
