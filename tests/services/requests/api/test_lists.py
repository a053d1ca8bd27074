"""The list of a drive comes in and goes out as a spreadsheet."""

import csv
import io
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.requests.sheets.cells import FORMULA
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.requests.desk import MORNING, OFFICE, Desk, resident

HEADING = "nama;nik;tanggal_lahir;jenis_kelamin;alamat;layanan;alasan;dokumen"
NIK = "1702065708509001"
OTHER = "1702065708509002"


def row(nik: str = "", **changed: str) -> str:
    values = {
        "nama": "Siti Sintetis",
        "nik": nik,
        "tanggal_lahir": "17-08-1950",
        "jenis_kelamin": "P",
        "alamat": "Jalan Sintetis 1",
        "layanan": "first",
        "alasan": "lansia",
        "dokumen": "kk",
    }
    return ";".join({**values, **changed}.values())


def sheet(*rows: str) -> bytes:
    return "\r\n".join([HEADING, *rows]).encode("utf-8-sig")


async def send(
    desk: Desk, request_id: str, content: bytes, key: UUID | None = None, wilayah: str = OFFICE, **query: Any
) -> httpx.Response:
    headers = {
        **desk.token(Role.OPERATOR, wilayah),
        "Idempotency-Key": str(key or new_id()),
        "Content-Type": "text/csv",
    }
    params = {"at": MORNING, "dry_run": False, **query}
    return await desk.http.post(
        f"/requests/{request_id}/residents/import", content=content, params=params, headers=headers
    )


async def stored(desk: Desk, request_id: str) -> int:
    return len((await desk.get(f"/requests/{request_id}")).json()["cases"])


def wrong(answer: httpx.Response) -> list[tuple[int, str, str]]:
    return [(each["line"], each["field"], each["code"]) for each in answer.json()["errors"]]


async def test_a_dry_run_says_every_bad_row_and_stores_nothing(desk: Desk) -> None:
    request_id = (await desk.drive())["request_id"]
    rows = [row(NIK), row(tanggal_lahir="17-08-2020"), row(NIK), row(layanan="photo"), row(OTHER)]
    answer = await send(desk, request_id, sheet(*rows), dry_run=True)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert wrong(answer) == [
        (3, "tanggal_lahir", "age.recording"),
        (4, "nik", "nik.twice"),
        (5, "alasan_foto", "photo.reason"),
    ]
    assert (body["rows"], body["good"], body["stored"], body["dry_run"]) == (5, 2, 0, True)
    assert all(each["rule"] and each["en"] and "Sintetis" not in each["rule"] for each in body["errors"])
    assert await stored(desk, request_id) == 0
    assert await desk.told("CaseAdded") == []


async def test_a_dry_run_is_the_default(desk: Desk) -> None:
    request_id = (await desk.drive())["request_id"]
    headers = {**desk.token(Role.OPERATOR, OFFICE), "Content-Type": "text/csv; charset=utf-8"}
    path = f"/requests/{request_id}/residents/import"
    answer = await desk.http.post(path, content=sheet(row()), params={"at": MORNING}, headers=headers)
    assert (answer.status_code, answer.json()["dry_run"]) == (200, True)
    assert await stored(desk, request_id) == 0


async def test_without_a_time_it_is_now_by_the_last_tick(desk: Desk) -> None:
    request_id = (await desk.drive())["request_id"]
    answer = await send(desk, request_id, sheet(row()), at="")
    assert answer.status_code == 422
    headers = {**desk.token(Role.OPERATOR, OFFICE), "Content-Type": "text/csv"}
    path = f"/requests/{request_id}/residents/import"
    async with desk.db.connection() as conn:
        await conn.execute("delete from business_clock")
    unknown = await desk.http.post(path, content=sheet(row()), headers=headers)
    assert [each["field"] for each in unknown.json()["errors"]] == ["at"]
    await desk.tick("2026-11-24T10:00:00+07:00")
    assert (await desk.http.post(path, content=sheet(row()), headers=headers)).status_code == 200


async def test_the_good_rows_of_a_bad_list_are_stored_only_if_asked(desk: Desk) -> None:
    request_id = (await desk.drive())["request_id"]
    content = sheet(row(NIK), row(jenis_kelamin="X"), row(OTHER, dokumen=""))
    refused = await send(desk, request_id, content)
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == ["baris 3: jenis_kelamin"]
    assert await stored(desk, request_id) == 0
    answer = await send(desk, request_id, content, partial=True)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["good"], answer.json()["stored"], wrong(answer)) == (
        2,
        2,
        [(3, "jenis_kelamin", "csv.cell")],
    )
    cases = (await desk.get(f"/requests/{request_id}")).json()["cases"]
    assert [case["stage"] for case in cases] == ["accepted", "needs_documents"]
    assert len(await desk.told("CaseAdded")) == 1
    assert len(await desk.told("RequestAccepted")) == 1


async def test_the_same_list_again_is_the_same_command(desk: Desk) -> None:
    request_id = (await desk.drive())["request_id"]
    key = new_id()
    first = await send(desk, request_id, sheet(row(NIK)), key)
    again = await send(desk, request_id, sheet(row(NIK)), key)
    assert (again.status_code, again.json()) == (200, first.json())
    assert await stored(desk, request_id) == 1
    other = await send(desk, request_id, sheet(row(OTHER)), key)
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_an_open_case_is_named_only_within_its_own_wilayah(desk: Desk) -> None:
    near = await desk.file(resident(nik=NIK))
    far = resident(nik=OTHER)
    elsewhere = await desk.post(
        "/requests",
        {
            "at": MORNING,
            "kelurahan": "17.71.01.1004",
            "kind": "home_visit",
            "letter": {"number": "1", "date": "2026-11-23"},
            "consent": "warga",
            "documents_complete": True,
            "residents": [far],
        },
        wilayah="17.71",
    )
    request_id = (await desk.drive())["request_id"]
    answer = await send(desk, request_id, sheet(row(NIK), row(OTHER), row()), dry_run=True)
    assert wrong(answer) == [(2, "nik", "nik.taken"), (3, "nik", "nik.taken")]
    first, second = answer.json()["errors"]
    assert near["cases"][0]["tracking"] in first["rule"]
    assert "di luar wilayah" in second["rule"]
    assert elsewhere.json()["cases"][0]["tracking"] not in answer.text
    noted = await desk.rows("select case_id from person_access where act = 'matched'")
    assert [str(each["case_id"]) for each in noted] == elsewhere.json()["case_ids"]
    assert (await send(desk, request_id, sheet(row(OTHER)))).status_code == 422
    assert len(await desk.rows("select from person_access where act = 'matched'")) == 2
    stored_ = await send(desk, request_id, sheet(row(NIK), row(OTHER), row()), partial=True)
    assert stored_.json()["stored"] == 1


async def test_a_lookalike_or_one_beyond_the_headcount_is_a_warning(desk: Desk) -> None:
    known = await desk.file(resident())
    drive = {"place": "school", "name": "SMA Sintetis 1", "headcount": 2}
    request_id = (await desk.drive(drive=drive))["request_id"]
    rows = [row(), row(nama="Budi Sintetis"), row(nama="Citra Sintetis"), row(nama="Dewi Sintetis")]
    answer = await send(desk, request_id, sheet(*rows))
    assert answer.status_code == 200, answer.text
    warnings = [(each["line"], each["field"], each["code"]) for each in answer.json()["warnings"]]
    assert warnings == [(2, "nama", "twin"), (4, "jumlah", "drive.headcount")]
    assert known["cases"][0]["tracking"] in answer.json()["warnings"][0]["warning"]
    assert answer.json()["stored"] == 4


async def test_only_an_open_drive_of_the_own_wilayah_takes_a_list(desk: Desk) -> None:
    visit = (await desk.file())["request_id"]
    drive = (await desk.drive())["request_id"]
    assert (await send(desk, visit, sheet(row()))).status_code == 409
    assert (await send(desk, drive, sheet(row()), wilayah="17.71")).status_code == 404
    assert (await send(desk, str(new_id()), sheet(row()))).status_code == 404
    await desk.post(f"/requests/{drive}/cancel", {"at": MORNING, "reason": "filed_by_mistake"})
    assert (await send(desk, drive, sheet(row()), dry_run=True)).status_code == 409


async def test_what_is_no_csv_is_refused(desk: Desk) -> None:
    request_id = (await desk.drive())["request_id"]
    path = f"/requests/{request_id}/residents/import"
    for kind in ("application/json", "multipart/form-data", ""):
        headers = {**desk.token(Role.OPERATOR, OFFICE), "Content-Type": kind}
        answer = await desk.http.post(path, content=sheet(row()), headers=headers)
        assert answer.status_code == 415
        assert "text/csv" in answer.json()["detail"]


@pytest.mark.parametrize("size", [30, 100])
async def test_a_huge_list_is_refused_while_it_comes_in(desk: Desk, size: int) -> None:
    """Told or not how long it is: no more than the bound is ever in memory."""
    request_id = (await desk.drive())["request_id"]
    sent = 0

    async def flood() -> Any:
        nonlocal sent
        yield HEADING.encode() + b'\n"'
        for _ in range(size):
            sent += 1
            yield b"a" * 1024 * 1024

    headers = {**desk.token(Role.OPERATOR, OFFICE), "Content-Type": "text/csv"}
    path = f"/requests/{request_id}/residents/import"
    answer = await desk.http.post(path, content=flood(), headers=headers)
    assert answer.status_code == 413
    assert "8 MiB" in answer.json()["detail"]
    told = {**headers, "Content-Length": str(size * 1024 * 1024)}
    assert (await desk.http.post(path, content=b"", headers=told)).status_code == 413


async def test_a_script_and_a_formula_in_a_name_stay_text(desk: Desk) -> None:
    request_id = (await desk.drive())["request_id"]
    names = ["<script>alert(1)</script> Sintetis", "=HYPERLINK(1) Sintetis", "'Aisyah Sintetis", "@Sintetis"]
    answer = await send(desk, request_id, sheet(*(row(nama=name) for name in names)))
    assert answer.json()["stored"] == 4
    rows = await exported(desk, f"/requests/{request_id}/residents/export", purpose="kunjungan")
    assert [each["nama"].removeprefix("'") for each in rows] == names
    assert not [cell for each in rows for cell in each.values() if cell.startswith(FORMULA)]


async def exported(desk: Desk, path: str, **query: Any) -> list[dict[str, str]]:
    answer = await desk.get(path, **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return [*csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";")]


async def test_an_export_of_residents_is_as_sent_and_is_logged(desk: Desk) -> None:
    request_id = (await desk.drive())["request_id"]
    rows = [row(NIK), row(OTHER, nama="Budi Sintetis", jenis_kelamin="L", dokumen=""), row(nama="Citra Sintetis")]
    await send(desk, request_id, sheet(*rows))
    case_id = (await desk.case(request_id, 2))["case_id"]
    await desk.post(
        f"/requests/{request_id}/cases/{case_id}/withdraw", {"at": MORNING, "reason": "asked_by_resident"}
    )
    path = f"/requests/{request_id}/residents/export"
    assert (await desk.get(path)).status_code == 422
    answer = await desk.get(path, Role.OFFICER, purpose="kunjungan")
    noted = await desk.rows("select act, purpose, role from person_access order by id")
    assert [tuple(each) for each in noted] == [("read", "kunjungan", "officer")] * 2
    other = (await desk.drive(letter={"number": "2", "date": "2026-11-23"}))["request_id"]
    await desk.post(f"/requests/{request_id}/cancel", {"at": MORNING, "reason": "filed_by_mistake"})
    await desk.answered(*(case["case_id"] for case in (await desk.get(f"/requests/{request_id}")).json()["cases"]))
    again = await send(desk, other, answer.content)
    assert again.status_code == 200, again.text
    assert again.json()["stored"] == 2
    assert (
        await desk.get(f"/requests/{other}/residents/export", Role.OFFICER, purpose="cetak")
    ).content == answer.content


async def test_who_may_not_read_persons_gets_nothing_and_it_is_logged(desk: Desk) -> None:
    request_id = (await desk.drive(resident()))["request_id"]
    path = f"/requests/{request_id}/residents/export"
    assert (await desk.get(path, Role.OFFICER, "17.71", purpose="kunjungan")).status_code == 404
    assert (await desk.get(path, Role.PROVINCIAL, "17", purpose="kunjungan")).status_code == 403
    assert [each["act"] for each in await desk.rows("select act from person_access")] == ["refused"]


async def test_the_work_list_is_exported_as_filtered_without_persons(desk: Desk) -> None:
    drive = await desk.drive(resident(name="Rahasia Sintetis"), letter={"number": "=1+1", "date": "2026-11-23"})
    await desk.file()
    rows = await exported(desk, "/requests/export")
    assert [each["jenis"] for each in rows] == ["Kunjungan rumah", "Layanan di tempat"]
    (only,) = await exported(desk, "/requests/export", kind="drive", kelurahan="17.02")
    assert (only["permohonan"], only["nomor_surat"], only["tempat"]) == (drive["request_id"], "'=1+1", "Sekolah")
    assert "Rahasia" not in str(rows)
    assert await exported(desk, "/requests/export", kelurahan="17.71") == []
    assert (await desk.get("/requests/export", stage="lost")).status_code == 422


async def test_a_long_work_list_goes_out_whole(desk: Desk) -> None:
    async with desk.db.transaction() as conn:
        await conn.execute(
            "insert into request (id, office, kelurahan, kind, letter_number, letter_date, stage, filed_at)"
            " select gen_random_uuid(), '17.02', '17.02.06.1004', 'home_visit', n::text, '2026-11-23', 'filed', now()"
            " from generate_series(1, 450) n"
        )
    rows = await exported(desk, "/requests/export")
    assert sorted(int(each["nomor_surat"]) for each in rows) == [*range(1, 451)]


async def test_the_template_is_public_and_an_import_takes_it(desk: Desk) -> None:
    answer = await desk.http.get("/residents/template.csv")
    assert answer.status_code == 200
    request_id = (await desk.drive())["request_id"]
    assert (await send(desk, request_id, answer.content)).json()["stored"] == 1


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/requests/export", "GET, HEAD, OPTIONS"),
        ("/requests/check", "OPTIONS, POST"),
        ("/requests/0198c0de-0000-7000-8000-000000000001", "GET, HEAD, OPTIONS, PATCH"),
    ],
)
async def test_an_address_of_its_own_shares_no_methods_with_a_pattern(desk: Desk, path: str, methods: str) -> None:
    assert (await desk.http.options(path)).headers["allow"] == methods
