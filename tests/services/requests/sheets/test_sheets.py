"""Lists of residents as spreadsheets write them: read forgivingly, written harmlessly, the same both ways."""

import csv
import io
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.api.list_rows import read
from services.requests.domain.filing import Letter
from services.requests.domain.people import (
    Contact,
    Document,
    MaritalStatus,
    PhotoReason,
    Reason,
    Sex,
    Vulnerable,
)
from services.requests.domain.people import Drive as Institution
from services.requests.domain.rules.policy import Policies
from services.requests.domain.text import is_blank, one_line
from services.requests.domain.when import When
from services.requests.sheets import cells, parsing, writing
from services.requests.sheets.columns import COLUMNS
from services.requests.sheets.entries import SheetEntry
from services.requests.sheets.parsing import rows_of
from services.requests.usecases.importing import DriveLetter
from shared.contract.fields import Place, RequestKind, ServiceCode, Skill
from shared.problems import Invalid
from shared.reference.offices import Offices

AT = datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Asia/Jakarta"))
LETTER = Letter("17.02.06.1004", RequestKind.DRIVE, "470/1", date(2026, 11, 23), contact=Contact(address="Sekolah"))
DRIVE = DriveLetter(LETTER, Offices.load()["17.02"], Policies.load().of("17.02"), When(AT, AT))
HEADING = "nama,nik,tanggal_lahir,jenis_kelamin,layanan,alasan,dokumen"
GOOD = "Siti Sintetis,,17-08-1950,P,first,lansia,kk"

line = (
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=100)
    .map(one_line)
    .filter(lambda text: not is_blank(text))
)
fields = st.fixed_dictionaries(
    {
        "name": line,
        # Zeros alone are what village software writes for "none", and are read as that.
        "nik": st.none() | st.from_regex(r"[1-9][0-9]{15}", fullmatch=True),
        "birth_date": st.dates(date(1901, 1, 1), date(2026, 1, 1)),
        "sex": st.sampled_from(Sex),
        "phone": st.none() | st.from_regex(r"\+62[0-9]{9,11}", fullmatch=True),
        "address": line,
        "marital_status": st.none() | st.sampled_from(MaritalStatus),
        "service": st.sampled_from(ServiceCode),
        "reason": st.sampled_from(Reason),
        "vulnerable": st.none() | st.sampled_from(Vulnerable),
        "needs": st.lists(st.sampled_from(Skill), unique=True).map(tuple),
        "documents": st.lists(st.sampled_from(Document), unique=True).map(tuple),
        "photo_reason": st.none() | st.sampled_from(PhotoReason),
        "recorded_before": st.none() | st.booleans(),
        "family_card": st.booleans(),
    }
)


def sheet(*rows: str, heading: str = HEADING) -> bytes:
    return "\n".join([heading, *rows]).encode()


def one(row: str, heading: str = HEADING) -> SheetEntry:
    (entry,) = read(sheet(row, heading=heading), DRIVE).entries
    return entry


def wrong(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        read(content, DRIVE)
    return [(broken.field, broken.code) for broken in refused.value.errors]


@given(st.lists(fields, min_size=1, max_size=5))
def test_what_is_exported_is_imported_as_it_was(residents: list[dict[str, Any]]) -> None:
    file = writing.lines([writing.headings()], first=True) + writing.lines(map(writing.resident, residents))
    found = [{column.field: column.read(cell) for column, cell in row.cells.items()} for row in rows_of(file).rows]
    for sent, read_again in zip(residents, found, strict=True):
        for name, value in sent.items():
            again = read_again.get(name)
            assert (tuple(again or ()) if isinstance(value, tuple) else again) == value, name


@given(st.lists(fields, min_size=1, max_size=5))
def test_no_cell_of_an_export_is_a_formula(residents: list[dict[str, Any]]) -> None:
    file = writing.lines([writing.headings()], first=True) + writing.lines(map(writing.resident, residents))
    rows = [*csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";")]
    assert len(rows) == 1 + len(residents)
    for row in rows:
        assert len(row) == len(COLUMNS)
        assert not [cell for cell in row if cell.startswith(cells.FORMULA)]


@given(st.text())
def test_a_guarded_text_is_no_formula_and_reads_as_it_was(text: str) -> None:
    assert not cells.guarded(text).startswith(cells.FORMULA)
    assert cells.unguarded(cells.guarded(text)) == text


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1"])
def test_a_formula_in_a_name_is_written_as_text(formula: str) -> None:
    assert writing.resident({"name": formula})[0] == f"'{formula}"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_it_is_read_however_a_spreadsheet_wrote_it(mark: bytes, separator: str, end: str) -> None:
    content = f"{HEADING}{end}{GOOD}{end}{GOOD}{end}".replace(",", separator)
    assert [(row.line, len(row.cells)) for row in rows_of(mark + content.encode()).rows] == [(2, 6), (3, 6)]


def test_utf_16_and_the_separator_line_of_excel_are_read() -> None:
    assert [row.line for row in rows_of(f"sep=;\n{HEADING}\n{GOOD}".replace(",", ";").encode("utf-16")).rows] == [3]


def test_lines_are_counted_over_quoted_and_empty_ones() -> None:
    content = sheet('"Siti', 'Sintetis",,17-08-1950,P,first,lansia,kk', ",,,,,,", "", GOOD)
    assert [row.line for row in rows_of(content).rows] == [2, 6]


def test_headings_may_be_written_as_people_do() -> None:
    heading = "No.;Nama Lengkap;NO. NIK;Tgl Lahir;JK;Layanan;Alasan;Berkas"
    entry = one("1;Siti Sintetis;;17/08/1950;Perempuan;Perekaman pertama;Lanjut Usia;kk", heading)
    assert entry.errors == ()
    assert entry.application is not None
    assert (entry.application.person.sex, entry.application.service) == (Sex.FEMALE, ServiceCode.FIRST)


@pytest.mark.parametrize("written", ["17-08-1950", "17/08/1950", "1950-08-17", "17.8.1950", "'17-08-1950"])
def test_a_birth_date_as_it_is_written(written: str) -> None:
    entry = one(GOOD.replace("17-08-1950", written))
    assert entry.application is not None
    assert entry.application.person.birth_date == date(1950, 8, 17)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (GOOD.replace("17-08-1950", "30-02-1950"), "tanggal_lahir", "csv.cell"),
        (GOOD.replace("17-08-1950", "17-08-50"), "tanggal_lahir", "csv.cell"),
        (GOOD.replace("17-08-1950", "17-08-2020"), "tanggal_lahir", "age.recording"),
        (GOOD.replace("17-08-1950", ""), "tanggal_lahir", "birth_date.needed"),
        (GOOD.replace(",P,", ",X,"), "jenis_kelamin", "csv.cell"),
        (GOOD.replace("first", ""), "layanan", ""),
        (GOOD.replace("first", "photo"), "alasan_foto", "photo.reason"),
        (GOOD.replace(",kk", ",kk|paspor"), "dokumen", "csv.cell"),
        (GOOD.replace(",,", ",1702065708500000,"), "nik", "nik.serial"),
        (GOOD.replace(",,", ",1.70207E+15,"), "nik", "csv.cell"),
        (GOOD.replace("Siti", "Si\x07ti"), "nama", ""),
        (GOOD.replace("Siti", "S" * 200), "nama", ""),
        (GOOD + ",lebih", "baris", "csv.cells"),
    ],
)
def test_a_bad_cell_is_said_by_column_and_rule(row: str, column: str, code: str) -> None:
    entry = one(row)
    assert [(broken.field, broken.code) for broken in entry.errors] == [(column, code)]
    assert entry.errors[0].rule != "tidak memenuhi aturan isian ini"
    assert not any(value in broken.rule for broken in entry.errors for value in ("Siti", "2020", "paspor", "1.7"))


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    entry = one("Siti Sintetis,123,17-08-2020,X,photo,lansia,kk")
    assert [broken.field for broken in entry.errors] == ["jenis_kelamin"]
    entry = one("Siti Sintetis,123,17-08-2020,P,photo,lansia,kk")
    assert {broken.field for broken in entry.errors} == {"nik", "tanggal_lahir", "alasan_foto"}


def test_a_nik_belongs_to_one_row() -> None:
    row = GOOD.replace(",,", ",1702065708509001,")
    first, second = read(sheet(row, row), DRIVE).entries
    assert first.errors == ()
    assert [(broken.field, broken.code) for broken in second.errors] == [("nik", "nik.twice")]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (
            b"",
            [
                ("nama", "csv.column"),
                ("jenis_kelamin", "csv.column"),
                ("layanan", "csv.column"),
                ("alasan", "csv.column"),
            ],
        ),
        (HEADING.encode(), [("csv", "csv.empty")]),
        (b"\xff\x00\x01", [("csv", "csv.utf8")]),
        ("nama,é\n".encode("latin-1"), [("csv", "csv.utf8")]),
        (
            sheet(GOOD, heading=HEADING.replace("layanan", "layann")),
            [("layanan", "csv.column"), ("kolom 5", "csv.heading")],
        ),
        (sheet(GOOD, heading=HEADING + ",nama_lengkap"), [("nama", "csv.twice")]),
        (sheet(*[GOOD] * (parsing.MOST_ROWS + 1)), [("csv", "csv.rows")]),
        (b"a," * 1_000_000, [("csv", "csv.line")]),
        (sheet("," * 1_000_000), [("csv", "csv.line")]),
        (sheet('"' + "a" * 1_000_000), [("csv", "csv.line")]),
        (sheet('"' + "a\n" * 1_000_000), [("csv", "csv.rows")]),
        (sheet('"' + '\n","' * 1_000_000), [("csv", "csv.rows")]),
        (b"," * 100 + b"\n", [("csv", "csv.columns")]),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(content: bytes, found: list[tuple[str, str]]) -> None:
    assert wrong(content) == found


@given(st.binary(max_size=2000))
def test_whatever_is_sent_is_read_or_refused(content: bytes) -> None:
    for attempt in (content, HEADING.encode() + b"\n" + content):
        with suppress(Invalid):
            assert all(entry.application or entry.errors for entry in read(attempt, DRIVE).entries)


def test_the_template_is_a_good_list() -> None:
    """12.B3: its row of what may stand in each column is passed by without a word."""
    listed = read(writing.template(), DRIVE)
    (entry,) = listed.entries
    assert (entry.errors, listed.notes) == ((), ())


def test_the_template_lists_each_columns_values_in_indonesian() -> None:
    """12.B3: in the words that pages show; each of them is read."""
    [heading, example, advice] = csv.reader(
        io.StringIO(writing.template().decode("utf-8-sig"), newline=""), delimiter=";"
    )
    allowed = dict(zip(heading, advice, strict=True))
    assert allowed["layanan"].startswith("Perekaman pertama, KTP-el hilang, KTP-el rusak")
    assert "Pelajar" in allowed["alasan"]
    assert (allowed["jenis_kelamin"], allowed["tanggal_lahir"]) == ("L, P", "HH-BB-TTTT")
    for column in COLUMNS:
        if ", " in allowed[column.heading] and column.field != "name":
            assert all(column.read(word) not in (None, []) for word in allowed[column.heading].split(", "))
    assert "Perekaman pertama" in example


@pytest.mark.parametrize("word", ["Pelajar", "siswa", "Siswi", "murid", "santri", "pemula"])
def test_a_pupil_is_a_pupil_and_nothing_else(word: str) -> None:
    """12.B3: `pelajar` is a reason of its own."""
    entry = one(f"Siti Sintetis,,17-08-2009,P,first,{word},kk")
    assert entry.application is not None
    assert entry.application.person.reason is Reason.PUPIL


def test_a_drives_usual_values_fill_empty_cells() -> None:
    """12.B3: but not where it says something that cannot be read."""
    usual = Place.SCHOOL, "SMA Sintetis", 10, (), False, ServiceCode.FIRST
    contact = Contact(address="Sekolah", usual_reason=Reason.PUPIL)
    school = replace(DRIVE, letter=replace(LETTER, drive=Institution(*usual), contact=contact))
    content = sheet(
        *("Siti Sintetis,17-08-2009,P,,", "Budi Sintetis,17-08-2009,L,hilang,sakit", "Citra,17-08-2009,P,x,"),
        heading="nama,tanggal_lahir,jenis_kelamin,layanan,alasan",
    )
    first, second, third = read(content, school).entries
    assert first.application is not None
    assert second.application is not None
    assert (first.application.service, first.application.person.reason) == (ServiceCode.FIRST, Reason.PUPIL)
    assert (second.application.service, second.application.person.reason) == (ServiceCode.LOST, Reason.ILL)
    assert {broken.field for broken in third.errors} == {"layanan"}
    assert wrong(sheet("Siti,17-08-2009,P", heading="nama,tanggal_lahir,jenis_kelamin")) == [
        ("layanan", "csv.column"),
        ("alasan", "csv.column"),
    ]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        *(("1702065708509001", "'1702065708509001"), ("'1702065708509001", "'1702065708509001")),
        *(("081234567890", "'081234567890"), ("=1+1", "'=1+1"), ("'=1+1", "'=1+1"), ("17-08-2009", "17-08-2009")),
        *(("7", "7"), ("", ""), ("Siti", "Siti")),
    ],
)
def test_a_returned_cell_is_no_formula_and_keeps_its_digits(cell: str, written: str) -> None:
    """12.B3: however often a list comes and goes."""
    assert (cells.kept(cell), cells.kept(cells.kept(cell))) == (written, written)
