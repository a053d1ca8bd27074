"""What offices really send comes out right through the routes: lists, numbers, names, dates, villages."""

from typing import Any

import httpx
import pytest

from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.requests.desk import KELURAHAN, MORNING, OFFICE, Desk, letter, resident

COLUMNS = ("nama", "nik", "tanggal_lahir", "jenis_kelamin", "telepon", "alamat", "layanan", "alasan", "dokumen")
_CELLS = (
    "Siti Sintetis",
    "1702065708509001",
    "17-08-1950",
    "P",
    "081234567890",
    "Jl. Contoh 1",
    "first",
    "lansia",
    "kk",
)
GOOD = dict(zip(COLUMNS, _CELLS, strict=True))
HEADING = ";".join(COLUMNS)


def row(**cells: str) -> str:
    return ";".join({**GOOD, **cells}.values())


def sheet(*rows: str, heading: str = HEADING) -> str:
    return "\n".join([heading, *rows]) + "\n"


async def drive(desk: Desk) -> str:
    filed = await desk.drive(address="Sekolah Sintetis, Jalan Sintetis 9")
    return str(filed["request_id"])


async def send(desk: Desk, request_id: str, content: str, **query: Any) -> dict[str, Any]:
    headers = {
        **desk.token(Role.OPERATOR, OFFICE),
        "Idempotency-Key": str(new_id()),
        "Content-Type": "text/csv",
    }
    path, params = f"/requests/{request_id}/residents/import", {"at": MORNING, "dry_run": True, **query}
    answer = await desk.http.post(path, content=content.encode(), params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def said(answer: dict[str, Any], kind: str = "warnings") -> set[tuple[int, str, str]]:
    return {(each["line"], each["field"], each["code"]) for each in answer[kind]}


async def stored_persons(desk: Desk, request_id: str) -> list[dict[str, Any]]:
    """Whom a list stored, as an officer sees them."""
    cases = (await desk.get(f"/requests/{request_id}")).json()["cases"]
    return [(await desk.person(case["case_id"])).json() for case in cases]


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (f"DAFTAR WARGA;;;;;;;;\n;;;;;;;;\n{sheet(row())}", {(1, "baris", "csv.above")}),
        (f"sep=;\nDaftar warga RT 3\n\n{sheet(row())}", {(2, "baris", "csv.above")}),
        (sheet(row(), heading=HEADING.replace("jenis_kelamin", '"Jenis\nKelamin"')), set()),
        (sheet(row(), heading=HEADING.replace("tanggal_lahir", '"Tanggal Lahir\n(HH-BB-TTTT)"')), set()),
        (sheet(row(), heading=HEADING.replace("telepon", "No. HP/WA").replace("nik", "NIK (16 digit)")), set()),
        (sheet(row() + ";Islam", heading=HEADING + ";Agama"), {(1, "kolom Agama", "csv.ignored")}),
        (sheet(row() + ";x", heading=HEADING + ";08123"), {(1, "kolom 10", "csv.ignored")}),
        (sheet("1;2;3;4;5;6;7;8;9", row()), {(2, "baris", "csv.no_resident")}),
        (
            sheet(row(), "Jumlah: 1 orang;;;;;;;;", ";;;;;;;Mengetahui, Lurah Contoh;"),
            {(3, "baris", "csv.no_resident"), (4, "baris", "csv.no_resident")},
        ),
        (sheet(row(), "Curup, 24 November 2026;;;;;;;;"), {(3, "baris", "csv.no_resident")}),
    ],
)
async def test_lines_and_columns_without_residents_are_skipped(
    desk: Desk, content: str, notes: set[tuple[int, str, str]]
) -> None:
    answer = await send(desk, await drive(desk), content)
    assert (answer["rows"], answer["good"], answer["errors"]) == (1, 1, [])
    assert said(answer) == notes


@pytest.mark.parametrize("quoted", [1, 2, 4])
async def test_a_quote_that_is_not_closed_costs_its_own_line_alone(desk: Desk, quoted: int) -> None:
    names = [f"Anak {name} Sintetis" for name in ("Satu", "Dua", "Tiga", "Empat", "Lima")]
    rows = [row(nama='"' + name if at == quoted else name, nik="") for at, name in enumerate(names)]
    request_id = await drive(desk)
    answer = await send(desk, request_id, sheet(*rows), dry_run=False, partial=True)
    assert (answer["rows"], answer["stored"]) == (5, 4)
    assert said(answer, "errors") == {(quoted + 2, "baris", "csv.quote")}
    found = {person["name"] for person in await stored_persons(desk, request_id)}
    assert found == {name for at, name in enumerate(names) if at != quoted}


async def test_two_stray_quotes_around_a_row_cost_only_their_lines(desk: Desk) -> None:
    rows = [row(nama='"Satu Sintetis', nik=""), row(nama="Dua Sintetis", nik=""), row(nama='"Tiga Sintetis', nik="")]
    answer = await send(desk, await drive(desk), sheet(*rows))
    assert (answer["rows"], answer["good"]) == (3, 1)
    assert said(answer, "errors") == {(2, "baris", "csv.quote"), (4, "baris", "csv.quote")}


@pytest.mark.parametrize("empty", ["-", "0", "tidak ada", "nihil", "Tidak Ada", "--", "000", "kosong"])
async def test_a_cell_that_says_nothing_is_empty(desk: Desk, empty: str) -> None:
    request_id = await drive(desk)
    await send(desk, request_id, sheet(row(nik=empty, telepon=empty, alamat=empty)), dry_run=False)
    (person,) = await stored_persons(desk, request_id)
    assert person["nik"] is None
    assert (person["phone"], person["address"]) == ("+6281234567891", "Sekolah Sintetis, Jalan Sintetis 9")


@pytest.mark.parametrize(
    ("heading", "cells", "address"),
    [
        ("RT;RW", "002;005", "Jl. Contoh 1 RT 002 RW 005"),
        ("RT/RW", "002/005", "Jl. Contoh 1 RT/RW 002/005"),
        ("Dusun;RT", "Mawar;-", "Jl. Contoh 1 Dusun Mawar"),
    ],
)
async def test_parts_of_an_address_join_it(desk: Desk, heading: str, cells: str, address: str) -> None:
    request_id = await drive(desk)
    content = sheet(f"{row()};{cells}", heading=f"{HEADING};{heading}")
    await send(desk, request_id, content, dry_run=False)
    assert [person["address"] for person in await stored_persons(desk, request_id)] == [address]


async def test_a_line_break_in_an_address_is_a_space(desk: Desk) -> None:
    request_id = await drive(desk)
    await send(desk, request_id, sheet(row(alamat='"Jl. Contoh 1\nRT 002 RW 005"')), dry_run=False)
    assert [each["address"] for each in await stored_persons(desk, request_id)] == ["Jl. Contoh 1 RT 002 RW 005"]


@pytest.mark.parametrize(
    ("layanan", "alasan", "dokumen"),
    [
        ("KTP Hilang", "Lansia", "Surat Kehilangan"),
        ("kehilangan", "lanjut usia", "Surat Kehilangan|FC KK"),
        ("Cetak ulang (hilang)", "Jompo", "laporan kehilangan"),
    ],
)
async def test_everyday_words_name_service_reason_and_papers(
    desk: Desk, layanan: str, alasan: str, dokumen: str
) -> None:
    request_id = await drive(desk)
    await send(desk, request_id, sheet(row(layanan=layanan, alasan=alasan, dokumen=dokumen)), dry_run=False)
    (case,) = (await desk.get(f"/requests/{request_id}")).json()["cases"]
    (person,) = await stored_persons(desk, request_id)
    assert (case["service"], person["reason"]) == ("lost", "lansia")
    assert "surat_kehilangan" in case["documents"]


async def test_niks_that_a_spreadsheet_rounded_are_warned_of(desk: Desk) -> None:
    rounded = ("1702065708509000", "1702064101609010", "1702064203559020")
    born = ("17-08-1950", "01-01-1960", "02-03-1955")
    rows = [row(nama=f"Warga {n} Sintetis", nik=nik, tanggal_lahir=born[n]) for n, nik in enumerate(rounded)]
    request_id = await drive(desk)
    assert (1, "nik", "nik.rounded") in said(await send(desk, request_id, sheet(*rows)))
    assert not any(code == "nik.rounded" for _, _, code in said(await send(desk, request_id, sheet(*rows[:2]))))


@pytest.mark.parametrize("second", ["Budi Sintetis", "H. Budi Sintetis, S.Pd", "BUDI  SINTETIS", "Boedi Sintetis"])
async def test_the_same_person_twice_in_a_list_is_asked_about(desk: Desk, second: str) -> None:
    rows = [
        row(nama=name, nik="", tanggal_lahir="02-01-1950", jenis_kelamin="L") for name in ("Budi Sintetis", second)
    ]
    answer = await send(desk, await drive(desk), sheet(*rows))
    assert (answer["good"], said(answer)) == (2, {(3, "nama", "person.twice")})


@pytest.mark.parametrize("zero", ["31/12/1899", "30-12-1899", "1900-01-01", "1/1/1900 0:00"])
async def test_a_spreadsheets_empty_date_is_said(desk: Desk, zero: str) -> None:
    answer = await send(desk, await drive(desk), sheet(row(nik="", tanggal_lahir=zero)))
    assert said(answer) == {(2, "tanggal_lahir", "birth_date.empty_cell")}
    assert said(answer, "errors") == {(2, "tanggal_lahir", "birth_date.needed")}


@pytest.mark.parametrize(
    "written",
    [
        "17/08/1950 00:00:00",
        "1950-08-17T00:00:00",
        "17 Agustus 1950",
        "17-Agu-1950",
        "Curup, 17-08-1950",
        "17 Agt 1950",
    ],
)
async def test_dates_are_read_however_they_are_written(desk: Desk, written: str) -> None:
    request_id = await drive(desk)
    await send(desk, request_id, sheet(row(tanggal_lahir=written)), dry_run=False)
    assert [person["birth_date"] for person in await stored_persons(desk, request_id)] == ["1950-08-17"]


async def check(desk: Desk, **fields: Any) -> httpx.Response:
    return await desk.post("/requests/check", letter(resident(**fields)))


async def kept(desk: Desk, **fields: Any) -> dict[str, Any]:
    """A resident as filing keeps them."""
    filed = await desk.file(resident(**fields))
    return (await desk.person(filed["cases"][0]["case_id"])).json()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("field", "sent", "taken"),
    [
        ("nik", "\u202a1702065708509001\u202c", "1702065708509001"),
        ("nik", "1702\u200b065708509001", "1702065708509001"),
        ("nik", "170206\u2013570850\u20119001", "1702065708509001"),
        ("nik", "\u2019170206 570850\u00a09001", "1702065708509001"),
        ("nik", "-", None),
        ("nik", "0", None),
        ("phone", "0812\u20133456\u20117890", "+6281234567890"),
        ("phone", "0062811234567", "+62811234567"),
        ("phone", "+62 (0)812-3456-7890", "+6281234567890"),
        ("phone", "62 812 3456 7890", "+6281234567890"),
        ("name", "\u202eSiti Sintetis\u202c", "Siti Sintetis"),
        ("name", "Siti\u00a0 Sintetis\ufeff", "Siti Sintetis"),
        ("name", "Siti\u00adnur Sintetis", "Sitinur Sintetis"),
        ("name", "Siti " + "Sintetis" * 8, "Siti " + "Sintetis" * 8),
    ],
)
async def test_what_is_pasted_is_taken_as_it_looks(desk: Desk, field: str, sent: str, taken: str | None) -> None:
    assert (await kept(desk, **{field: sent}))[field] == taken


@pytest.mark.parametrize(
    ("field", "sent", "code"),
    [
        ("nik", "0170206000000001", "nik.temporary"),
        ("nik", "0170206200100012", "nik.temporary"),
        ("phone", "0060123456789", "phone.foreign"),
        ("phone", "+60 12-345 6789", "phone.foreign"),
        ("phone", "001 415 555 0100", "phone.foreign"),
        ("name", ".", "name.letters"),
        ("name", "12345", "name.letters"),
        ("name", "1702065708509001", "name.nik"),
        ("name", "1702 0657 0850 9001", "name.nik"),
        ("birth_date", "2009", "birth_date.year_only"),
    ],
)
async def test_what_can_be_no_such_thing_is_refused_in_one_sentence(
    desk: Desk, field: str, sent: str, code: str
) -> None:
    answer = await check(desk, **{field: sent})
    found = [(each["field"], each["code"]) for each in answer.json()["errors"]]
    assert found == [(f"residents.0.{field}", code)]
    assert sent == "." or sent not in answer.text


@pytest.mark.parametrize("name", ["\u200b", "\u202e", "\u00ad\ufeff"])
async def test_a_name_of_invisible_characters_is_none(desk: Desk, name: str) -> None:
    answer = await check(desk, name=name)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["residents.0.name"]


async def test_a_long_name_is_a_warning(desk: Desk) -> None:
    answer = (await check(desk, name="Siti " + "Sintetis" * 8)).json()
    assert [each["code"] for each in answer["warnings"]] == ["name.long"]
    assert answer["errors"] == []


@pytest.mark.parametrize("year", ["1950", " 1948 ", "1931"])
async def test_a_birth_year_alone_is_an_estimate(desk: Desk, year: str) -> None:
    answer = (await check(desk, birth_date=year)).json()
    assert [(each["field"], each["code"]) for each in answer["warnings"]] == [
        ("residents.0.birth_date", "birth_date.estimated")
    ]
    person = await kept(desk, birth_date=year)
    assert (person["birth_date"], person["birth_date_estimated"]) == (f"{year.strip()}-01-01", True)


async def test_a_birth_year_is_exported_as_it_was_imported(desk: Desk) -> None:
    request_id = await drive(desk)
    await send(desk, request_id, sheet(row(nik="", tanggal_lahir="1950")), dry_run=False)
    headers = desk.token(Role.OPERATOR, OFFICE)
    path = f"/requests/{request_id}/residents/export"
    exported = (await desk.http.get(path, params={"purpose": "permohonan"}, headers=headers)).text
    assert '"Siti Sintetis";"";"1950"' in exported


@pytest.mark.parametrize(
    "again", ["H. Ma\u2019ruf Sintetis, S.Pd", "MARUF SINTETIS", "Ma`ruf  Sintetis", "Drs. Ma'roef Sintetis M.Si"]
)
async def test_a_person_is_recognised_however_the_name_is_written(desk: Desk, again: str) -> None:
    await desk.file(resident(name="Ma'ruf Sintetis", birth_date="1950-01-02", sex="L"))
    body = {"at": MORNING, "kelurahan": KELURAHAN, "name": again, "birth_date": "1950-01-02"}
    answer = (await desk.post("/requests/check/resident", body)).json()
    assert [each["field"] for each in answer["warnings"]] == ["name"]


async def test_another_person_of_that_day_is_not_taken_for_the_same(desk: Desk) -> None:
    await desk.file(resident(name="Ma'ruf Sintetis", birth_date="1950-01-02", sex="L"))
    body = {"at": MORNING, "kelurahan": KELURAHAN, "name": "Makmur Sintetis", "birth_date": "1950-01-02"}
    assert (await desk.post("/requests/check/resident", body)).json()["warnings"] == []


@pytest.mark.parametrize(
    ("typed", "within", "code"),
    [
        ("Pal 8", "17.02", "17.02.24.2005"),
        ("Pal delapan", "17.02", "17.02.24.2005"),
        ("Naikoten 1", "53.71", "53.71.05.1004"),
        ("Naikoten II", "53.71", "53.71.05.1005"),
        ("Kp. Jawa", "17.02", "17.02.19.1005"),
        ("Tlg. Benih", "17.02", "17.02.09.1033"),
        ("Lb. Ubar", "17.02", "17.02.18.2007"),
        ("Tj Agung", "17.71", "17.71.08.1004"),
        ("Kejaksaan", "32.74", "32.74.01.1001"),
    ],
)
async def test_a_village_is_found_by_its_number_or_a_short_name(
    desk: Desk, typed: str, within: str, code: str
) -> None:
    found = (await desk.get("/wilayah", q=typed, dalam=within)).json()["items"]
    assert found[0]["code"] == code
