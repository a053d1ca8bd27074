"""12.B3: the list of a drive comes again: what is stored is passed by, what is wrong goes back with its reasons."""

import csv
import io
from typing import Any

from shared.security.auth import Role
from tests.services.requests.desk import CONTACT, DRIVE, MORNING, OFFICE, Desk

HEADING = "nama;nik;tanggal_lahir;jenis_kelamin;alamat;layanan;alasan;dokumen"
NIKS = ("1702065708509001", "1702065708509002")


def row(name: str, nik: str = "", born: str = "17-08-2009", **changed: str) -> str:
    values = {
        "nama": name,
        "nik": nik,
        "tanggal_lahir": born,
        "jenis_kelamin": "P",
        "alamat": "Jalan Sintetis 1",
        "layanan": "first",
        "alasan": "pelajar",
        "dokumen": "kk",
    }
    return ";".join({**values, **changed}.values())


def sheet(*rows: str, heading: str = HEADING) -> bytes:
    return "\r\n".join([heading, *rows]).encode("utf-8-sig")


async def send(desk: Desk, request_id: str, content: bytes, way: str = "", **query: Any) -> Any:
    headers = {**desk.token(Role.OPERATOR, OFFICE), "Content-Type": "text/csv"}
    path = f"/requests/{request_id}/residents/import{way}"
    answer = await desk.http.post(path, content=content, params={"at": MORNING, **query}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def stored(desk: Desk, request_id: str, content: bytes) -> dict[str, Any]:
    said: dict[str, Any] = (await send(desk, request_id, content, dry_run=False, partial=True)).json()
    return said


LIST = (
    row("Siti Sintetis", NIKS[0], "17-08-1950"),
    row("Budi Sintetis"),
    row("Citra Sintetis", born="17-08-2020"),
    row("Dewi Sintetis", NIKS[1], "17-08-1950"),
)


async def test_a_list_sent_again_skips_the_rows_that_are_stored(desk: Desk) -> None:
    """12.B3: only what is new or wrong is said of it; whoever has no NIK is known by name and birth date."""
    request_id = (await desk.drive())["request_id"]
    first = await stored(desk, request_id, sheet(*LIST))
    assert (first["already"], first["good"], first["stored"]) == (0, 3, 3)
    assert [each["line"] for each in first["errors"]] == [4]
    mended = [*LIST[:2], row("Citra Sintetis"), LIST[3], row("Eka Sintetis")]
    said = (await send(desk, request_id, sheet(*mended))).json()
    assert (said["rows"], said["already"], said["good"], said["new_lines"]) == (5, 3, 2, [4, 6])
    assert (said["errors"], said["warnings"]) == ([], [])
    assert (await stored(desk, request_id, sheet(*mended)))["stored"] == 2
    again = await stored(desk, request_id, sheet(*mended))
    assert (again["already"], again["good"], again["stored"]) == (5, 0, 0)
    cases = (await desk.get(f"/requests/{request_id}")).json()["cases"]
    assert [case["line"] for case in cases] == [2, 3, 5, 4, 6]


async def test_each_resident_stands_for_one_row(desk: Desk) -> None:
    """12.B3: of two pupils of one name and birthday one may be stored and the other not."""
    request_id = (await desk.drive())["request_id"]
    await stored(desk, request_id, sheet(row("Siti Sintetis")))
    said = (await send(desk, request_id, sheet(row("Siti Sintetis"), row("Siti Sintetis")))).json()
    assert (said["already"], said["new_lines"]) == (1, [3])
    # Whose NIK became known since is the same; whoever has another NIK is another.
    later = [row("Siti Sintetis", NIKS[0], born="17-08-2009", jenis_kelamin="P")]
    assert (await send(desk, request_id, sheet(*later))).json()["already"] == 1


async def test_who_was_withdrawn_does_not_come_back_with_the_list(desk: Desk) -> None:
    """12.B3: a warning says so."""
    request_id = (await desk.drive())["request_id"]
    await stored(desk, request_id, sheet(LIST[1]))
    case_id = (await desk.case(request_id))["case_id"]
    path = f"/requests/{request_id}/cases/{case_id}/withdraw"
    await desk.post(path, {"at": MORNING, "reason": "asked_by_resident"})
    said = (await send(desk, request_id, sheet(LIST[1]))).json()
    assert (said["already"], said["good"]) == (1, 0)
    assert [each["code"] for each in said["warnings"]] == ["drive.withdrawn"]


async def test_another_drive_does_not_stand_for_this_one(desk: Desk) -> None:
    """12.B3: there an open case is in the way, and said as before."""
    first, second = [(await desk.drive())["request_id"] for _ in range(2)]
    await stored(desk, first, sheet(LIST[0]))
    said = (await send(desk, second, sheet(LIST[0]))).json()
    assert (said["already"], [each["code"] for each in said["errors"]]) == (0, ["nik.taken"])


async def test_wrong_rows_go_back_with_reasons_and_keep_their_lines(desk: Desk) -> None:
    """12.B3: as they were written, in front of them their line in the first list and what is wrong."""
    request_id = (await desk.drive())["request_id"]
    heading = f"{HEADING};catatan guru"
    rows = [
        f"{row('Siti Sintetis', NIKS[0], '17-08-1950')};a",
        f"{row('=Budi Sintetis', '0812', '17-08-2020', alamat='-1 Sintetis')};b",
        f"{row('Citra Sintetis', layanan='terbang')};c",
    ]
    answer = await send(desk, request_id, sheet(*rows, heading=heading), "/wrong")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer.headers["cache-control"]
    found = [*csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";")]
    assert found[0] == ["baris", "yang_perlu_diperbaiki", *heading.split(";")]
    assert [each[0] for each in found[1:]] == ["3", "4"]
    assert "nik: " in found[1][1]
    assert "Perekaman pertama" in found[2][1]
    assert found[1][2] == "'=Budi Sintetis"
    assert [each[-1] for each in found[1:]] == ["b", "c"]
    english = await send(desk, request_id, sheet(*rows, heading=heading), "/wrong", language="en")
    assert "First recording" in english.text
    await stored(desk, request_id, sheet(*rows, heading=heading))
    mended = answer.content.decode("utf-8-sig").replace("terbang", "baru").encode()
    said = await stored(desk, request_id, mended)
    assert (said["stored"], {each["line"] for each in said["errors"]}) == (1, {2})
    cases = (await desk.get(f"/requests/{request_id}")).json()["cases"]
    assert [case["line"] for case in cases] == [2, 4]
    # What is still wrong goes back once more, with the line of the first list.
    once_more = await send(desk, request_id, mended, "/wrong")
    (left,) = [*csv.DictReader(io.StringIO(once_more.content.decode("utf-8-sig")), delimiter=";")]
    assert (left["baris"], left["nama"], left["alamat"]) == ("3", "'=Budi Sintetis", "'-1 Sintetis")


async def test_empty_cells_of_a_row_take_the_values_of_the_drive(desk: Desk) -> None:
    """12.B3: a school's list has names, birth dates and nothing else."""
    usual = {**DRIVE, "usual_service": "first", "usual_reason": "pelajar"}
    request_id = (await desk.drive(drive=usual, address="Jalan Sekolah Sintetis 1"))["request_id"]
    detail = (await desk.get(f"/requests/{request_id}")).json()
    # The reason is sealed with the contact: whoever only sees where requests stand does not learn it.
    assert detail["drive"]["usual_service"] == "first"
    assert "pelajar" not in str(detail)
    assert not await desk.rows("select from request r where r::text like '%pelajar%'")
    bare = sheet("Siti Sintetis;17-08-2009;P", heading="nama;tanggal lahir;L/P")
    assert (await stored(desk, request_id, bare))["stored"] == 1
    own = sheet("Budi Sintetis;17-08-2009;L;lost;sakit", heading="nama;tanggal lahir;L/P;layanan;alasan")
    assert (await stored(desk, request_id, own))["stored"] == 1
    persons = []
    for number in range(2):
        case = await desk.case(request_id, number)
        person = (await desk.person(case["case_id"])).json()
        persons.append((case["service"], person["reason"], person["address"]))
    assert persons == [
        ("first", "pelajar", "Jalan Sekolah Sintetis 1"),
        ("lost", "sakit", "Jalan Sekolah Sintetis 1"),
    ]


async def test_what_is_usual_is_corrected_as_long_as_lists_come(desk: Desk) -> None:
    """12.B3: also once dispatch knows of residents, when the days are fixed."""
    drive = await desk.drive(documents_complete=True, contact=CONTACT)
    request_id = drive["request_id"]
    await stored(desk, request_id, sheet(LIST[1]))
    path = f"/requests/{request_id}"
    assert (await desk.patch(path, {"usual_service": "lost", "usual_reason": "warga_binaan"})).status_code == 200
    contact = (await desk.get(f"{path}/contact", purpose="koreksi")).json()
    assert (contact["usual_service"], contact["usual_reason"]) == ("lost", "warga_binaan")
    assert (await desk.patch(path, {"usual_service": None})).status_code == 200
    assert (await desk.get(path)).json()["drive"]["usual_service"] is None
    assert (await desk.patch(path, {"headcount": 5, "usual_service": "lost"})).status_code == 409
