"""Rows become applications by the rules of POST /requests; what is wrong is said by line and column."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from services.requests.api.bodies import ResidentBody
from services.requests.api.body_parser import BodyParser
from services.requests.domain.births import SPREADSHEET_ZERO, WARNINGS
from services.requests.domain.names import likeness
from services.requests.domain.people import Application
from services.requests.domain.rules.checks import Warned, examine
from services.requests.sheets.cells import CellParseError
from services.requests.sheets.columns import OF_FIELD
from services.requests.sheets.entries import Read, SheetEntry
from services.requests.sheets.parsing import Sheet, SheetRow, rows_of
from services.requests.usecases.importing import DriveLetter
from shared.contract.fields import RequestKind
from shared.http.field_errors import field_of, rule_of
from shared.problems import RuleViolation
from shared.reference.village_search.spelling import words

FEW = 3
"""NIKs that end in 0 before a list is said to be rounded."""
ROUNDED = Warned(
    "nik",
    "hampir semua NIK berakhir 0: angka ke-16 dibulatkan lembar kerja; jadikan kolom NIK Teks, lalu isi lagi",
    "nik.rounded",
    "nearly every NIK ends in 0, as a spreadsheet rounds it: make the column text and fill it in again",
)
UNCLOSED = RuleViolation(
    "baris",
    'ada tanda kutip (") yang tidak ditutup; hapus tanda kutipnya',
    "csv.quote",
    en="a quote in this line is not closed; delete it",
)


def read(content: bytes, drive: DriveLetter) -> Read:
    """A list in its order. Raises Invalid (422) for a file that is no list of residents.

    Takes a tenth of a millisecond a row: not in an event loop.
    """
    sheet = rows_of(content, _usual(drive))
    seen = _Seen()
    entries = [seen.once(_entry(row, drive)) for row in sheet.rows]
    notes = [*sheet.notes, *((sheet.heading, warned) for warned in _rounded(sheet))]
    return Read(entries, tuple(notes), sheet.names)


def _usual(drive: DriveLetter) -> dict[str, Any]:
    """What the drive says for rows that say nothing else, by the field of a resident."""
    letter = drive.letter
    usual = {"service": letter.drive and letter.drive.usual_service, "reason": letter.contact.usual_reason}
    return {name: value for name, value in usual.items() if value}


def _rounded(sheet: Sheet) -> list[Warned]:
    """A spreadsheet keeps 15 digits of a number: the sixteenth of each NIK becomes 0."""
    niks = [cell for row in sheet.rows for column, cell in row.cells.items() if column.field == "nik"]
    zeros = sum(cell.endswith("0") for cell in niks)
    return [ROUNDED] if zeros >= FEW and zeros * 2 > len(niks) else []


def _entry(row: SheetRow, drive: DriveLetter) -> SheetEntry:
    return replace(_judged(row, drive), written=row.written, first_line=row.first_line)


def _judged(row: SheetRow, drive: DriveLetter) -> SheetEntry:
    if row.unclosed:
        return SheetEntry(row.line, None, (UNCLOSED,))
    values, unread, unsaid = _values(row)
    said = {column.field for column in row.cells}
    values |= {name: value for name, value in _usual(drive).items() if name not in said}
    application, found = _application(values, drive)
    # What could not be read is no missing field besides.
    errors = [
        *unread,
        *(broken for broken in map(_by_column, found) if broken.field not in {e.field for e in unread}),
    ]
    if application is None:
        return SheetEntry(row.line, None, tuple(errors), tuple(unsaid))
    seen = examine(drive.policy, drive.letter.kelurahan, RequestKind.DRIVE, 0, application, drive.day, prefix="")
    errors += map(_by_column, seen.errors)
    warnings = (*unsaid, *(replace(warned, field=_heading(warned.field)) for warned in seen.warnings))
    return SheetEntry(row.line, replace(application, line=row.first_line or row.line), tuple(errors), warnings)


def _values(row: SheetRow) -> tuple[dict[str, Any], list[RuleViolation], list[Warned]]:
    """The cells by field, those that mean nothing, and those that only look as if they did."""
    values: dict[str, Any] = {}
    errors = []
    warnings = []
    if row.surplus:
        rule = "selnya lebih banyak daripada judul kolom; periksa pemisah dan tanda kutip"
        errors.append(
            RuleViolation("baris", rule, "csv.cells", en="more cells than headings; look at separators and quotes")
        )
    for column, cell in row.cells.items():
        try:
            values[column.field] = column.read(cell)
        except CellParseError as unread:
            errors.append(RuleViolation(column.heading, unread.rule, "csv.cell", en=unread.en))
    if values.get("birth_date") in SPREADSHEET_ZERO:
        del values["birth_date"]
        said = WARNINGS["birth_date.empty_cell"]
        warnings.append(Warned(OF_FIELD["birth_date"].heading, said.id, "birth_date.empty_cell", said.en))
    if row.address_parts:
        values["address"] = " ".join([*filter(None, [values.get("address")]), *_unsaid(row, values)])
    return values, errors, warnings


def _unsaid(row: SheetRow, values: dict[str, Any]) -> list[str]:
    """The parts of the address that the address itself does not have: "RT 002" beside "Jl. Contoh 1"."""
    spelled = words(values.get("address", ""))
    return [part for part in row.address_parts if words(part)[0] not in spelled]


def _application(values: dict[str, Any], drive: DriveLetter) -> tuple[Application | None, Sequence[RuleViolation]]:
    try:
        body = ResidentBody.model_validate(values)
    except ValidationError as error:
        return None, [
            RuleViolation(field_of({**each, "loc": ("", *each["loc"])}), rule_of(each)) for each in error.errors()
        ]
    parser = BodyParser(drive.day)
    application = body.application("", drive.letter.contact, parser)
    return application, parser.errors


class _Seen:
    """The residents of the rows above: a NIK belongs to one row, and so does a person."""

    def __init__(self) -> None:
        self._niks: dict[str, int] = {}
        self._persons: dict[tuple[str, date], tuple[int, str | None]] = {}

    def once(self, entry: SheetEntry) -> SheetEntry:
        """The entry, with what is to be said when a row above has the same NIK or the same person."""
        if entry.application is None:
            return entry
        person = entry.application.person
        who = (likeness(person.name), person.birth_date)
        above, nik = self._persons.setdefault(who, (entry.line, person.nik))
        if person.nik and (before := self._niks.setdefault(person.nik, entry.line)) != entry.line:
            rule = f"NIK sama dengan baris {before}: satu kasus untuk satu warga"
            twice = RuleViolation("nik", rule, "nik.twice", en=f"the same NIK as line {before}")
            return replace(entry, errors=(*entry.errors, twice))
        if above != entry.line and not (nik and person.nik):
            said = f"nama dan tanggal lahir sama dengan baris {above}; periksa apakah orang yang sama"
            alike = Warned("nama", said, "person.twice", f"the same name and birth date as line {above}")
            return replace(entry, warnings=(*entry.warnings, alike))
        return entry


def _by_column(broken: RuleViolation) -> RuleViolation:
    return replace(broken, field=_heading(broken.field))


def _heading(field: str) -> str:
    """The column of a field of a resident: "documents.0" is of `dokumen`."""
    name = field.split(".")[0]
    return OF_FIELD[name].heading if name in OF_FIELD else field
