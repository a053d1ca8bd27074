"""What a list shows of each letter, the visits of a day, and whether a list changed since it was read."""

import csv
from datetime import datetime

from ops.system import Issuer
from services.requests.store import changes
from shared.contract.events import VisitScheduled
from shared.contract.ids import new_id
from shared.security.auth import Identity, Role
from tests.services.requests.desk import CONTACT, DRIVE, KELURAHAN, MORNING, Desk, browser, fact, resident

NEXT_DOOR = "17.02.06.1015"
STARTS, ENDS = "2026-11-25T09:00:00+07:00", "2026-11-25T10:00:00+07:00"


async def planned(desk: Desk, number: str, **fields: str) -> str:
    """A letter with one resident, who is visited on the next day: the case."""
    made = await desk.file(resident(), letter={"number": number, "date": "2026-11-23"}, **fields)
    where = fields.get("kelurahan", KELURAHAN)
    told = {"visit_id": new_id(), "kelurahan": where, "team": "T1", "starts_at": STARTS, "ends_at": ENDS}
    await desk.takes((1, fact(VisitScheduled, made["case_ids"][0], **told)))
    return str(made["case_ids"][0])


async def test_rows_and_export_have_the_visit_and_the_missing_papers(desk: Desk) -> None:
    lacking = [resident(documents=[]) for _ in range(3)]
    await desk.drive(*lacking, drive=DRIVE, contact=CONTACT, documents_complete=False)
    await planned(desk, "470/KUNJUNGAN")
    visited, drive = (await desk.get("/requests")).json()["items"]
    assert (drive["papers_missing"], drive["visit_at"]) == (3, None)
    assert (visited["papers_missing"], datetime.fromisoformat(visited["visit_at"])) == (
        *(0, datetime.fromisoformat(STARTS)),
    )
    export = (await desk.get("/requests/export")).text.splitlines()
    heads, first, second = csv.reader(export, delimiter=";")
    assert [row[heads.index("kunjungan")] for row in (first, second)] == ["25-11-2026 09:00", ""]


async def test_the_visits_of_a_day_name_people_only_when_asked_to(desk: Desk, issuer: Issuer) -> None:
    mine = await planned(desk, "470/HARI")
    await planned(desk, "470/SEBELAH", kelurahan=NEXT_DOOR)
    clerk = browser(issuer, Identity.of("penguji", Role.OPERATOR, KELURAHAN))
    page = await desk.http.get("/permohonan/kunjungan?tanggal=2026-11-25", headers=clerk)
    assert page.status_code == 200
    assert "470/HARI" in page.text
    assert "470/SEBELAH" not in page.text
    assert "Siti" not in page.text
    assert await desk.rows("select from person_access") == []
    page = await desk.http.post("/permohonan/kunjungan?tanggal=2026-11-25", headers=clerk)
    assert "Siti Sintetis" in page.text
    assert "Jalan Sintetis No. 1" in page.text
    [noted] = await desk.rows("select act, purpose, opened from person_access")
    assert (noted["act"], noted["purpose"], [str(each) for each in noted["opened"]]) == (
        "listed",
        "kunjungan",
        [mine],
    )
    assert "470/HARI" not in (await desk.http.get("/permohonan/kunjungan", headers=clerk)).text
    province = browser(issuer, Identity.of("provinsi", Role.PROVINCIAL, "17"))
    assert "470/SEBELAH" in (await desk.http.get("/permohonan/kunjungan?tanggal=2026-11-25", headers=province)).text
    refused = await desk.http.post("/permohonan/kunjungan?tanggal=2026-11-25", headers=province)
    assert refused.status_code == 403
    for no_day in ("besok", "0001-01-01", "9999-12-31"):
        page = await desk.http.get(f"/permohonan/kunjungan?tanggal={no_day}", headers=clerk)
        assert (no_day, page.status_code) == (no_day, 422)


async def test_the_version_of_a_list_changes_with_what_is_in_it(desk: Desk) -> None:
    async def version(tag: str = "", wilayah: str = KELURAHAN) -> tuple[int, str]:
        headers = {**desk.token(Role.OPERATOR, wilayah), "If-None-Match": tag}
        answer = await desk.http.get("/requests/version", headers=headers)
        return answer.status_code, answer.headers["ETag"]

    status, empty = await version()
    assert status == 204
    made = await desk.file(resident(documents=[]), documents_complete=False)
    status, first = await version(empty)
    assert (status, first != empty) == (204, True)
    assert await version(first) == (304, first)
    # What happens next door is no change of this kelurahan, and one of its office.
    _, whole = await version(wilayah="17.02")
    await desk.file(resident(), kelurahan=NEXT_DOOR)
    assert await version(first) == (304, first)
    assert (await version(whole, "17.02"))[0] == 204
    await desk.post(f"/requests/{made['request_id']}/reject", {"at": MORNING, "reason": "filed_by_mistake"})
    assert (await version(first))[0] == 204
    async with desk.db.transaction() as conn:
        assert await changes.forget(conn, 100) == 0
        await conn.execute("update list_change set at = at - interval '2 days'")
        assert await changes.forget(conn, 100) > 0
