"""Papers, corrections, drives and likenesses, by HTTP on a real database."""

from typing import Any

import pytest

from shared.contract.events import RecordCaptured, VisitScheduled
from shared.contract.ids import new_id
from shared.reference.regions import kelurahan_of
from shared.security.auth import Role
from tests.services.requests.desk import CONTACT, DRIVE, MORNING, Desk, fact, letter, resident

NIK, OTHER = "1702065708500001", "1702065708500002"
LATER = "2026-11-25T08:30:00+07:00"


def papers(filed: dict[str, Any], number: int = 0) -> str:
    return f"/requests/{filed['request_id']}/cases/{filed['case_ids'][number]}/documents"


def case_of(filed: dict[str, Any], number: int = 0) -> str:
    return f"/requests/{filed['request_id']}/cases/{filed['case_ids'][number]}"


async def test_each_resident_goes_on_when_their_papers_are_complete(desk: Desk) -> None:
    body = {"documents_complete": False}
    filed = await desk.file(resident(documents=["kk"]), resident(service="lost", documents=["kk"]), **body)
    assert [case["stage"] for case in filed["cases"]] == ["accepted", "needs_documents"]
    assert filed["cases"][1]["missing"] == ["surat_kehilangan"]
    assert [event["event"] for event in await desk.told()] == ["RequestFiled", "CaseAdded", "RequestAccepted"]
    shown = await desk.post(papers(filed, 1), {"at": LATER, "documents": ["surat_kehilangan"]})
    assert (shown.status_code, shown.json()["stage"], shown.json()["missing"]) == (200, "accepted", [])
    told = await desk.told("CaseAdded", "RequestAccepted")
    assert [event["event"] for event in told] == ["CaseAdded", "RequestAccepted", "CaseAdded"]
    assert told[2]["at"] == "2026-11-25T01:30:00Z"
    case = await desk.case(filed["request_id"], 1)
    assert case["due_at"] == "2026-11-26T01:30:00Z"
    assert [step["stage"] for step in case["stages"]] == ["filed", "accepted"]


async def test_papers_are_shown_one_by_one_and_told_once(desk: Desk) -> None:
    filed = await desk.file(resident(service="lost"), documents_complete=False)
    first = await desk.post(papers(filed), {"at": LATER, "documents": ["kk"]})
    assert (first.json()["stage"], first.json()["missing"]) == ("needs_documents", ["surat_kehilangan"])
    assert await desk.told("CaseAdded", "RequestAccepted") == []
    for _ in range(2):
        assert (await desk.post(papers(filed), {"at": LATER, "documents": ["surat_kehilangan"]})).status_code == 200
    assert len(await desk.told("CaseAdded", "RequestAccepted")) == 2
    assert (await desk.post(papers(filed), {"at": LATER, "documents": ["ktp"]})).status_code == 422
    assert (await desk.post(papers(filed), {"at": LATER, "documents": ["kk"]}, wilayah="17.71")).status_code == 404


async def test_of_a_case_that_dispatch_does_not_know_nothing_is_told(desk: Desk) -> None:
    filed = await desk.file(resident(nik=NIK), resident(documents=["kk"]), documents_complete=False)
    answer = await desk.post(f"{case_of(filed)}/withdraw", {"at": LATER, "reason": "deceased"})
    assert answer.status_code == 200
    assert await desk.told("CaseWithdrawn") == []
    await desk.post(papers(filed), {"at": LATER, "documents": ["kk"]})
    assert len(await desk.told("CaseAdded")) == 1
    await desk.file(resident(nik=NIK))


async def test_a_drive_is_filed_without_its_list_and_takes_it_later(desk: Desk) -> None:
    filed = await desk.drive()
    assert (filed["stage"], filed["cases"]) == ("filed", [])
    [event] = await desk.told()
    assert (event["place"], event["headcount"], event["preferred_days"]) == ("school", 1000, [2])
    assert "SMA" not in str(event)
    path = f"/requests/{filed['request_id']}/residents"
    added = await desk.post(path, {"at": LATER, "documents_complete": True, "residents": [resident(address=None)]})
    assert added.status_code == 422
    assert [error["field"] for error in added.json()["errors"]] == ["residents.0.address"]
    body = {"at": LATER, "documents_complete": True, "residents": [resident(nik=NIK), resident(nik=OTHER)]}
    added = await desk.post(path, body)
    assert added.status_code == 201, added.text
    assert [event["event"] for event in await desk.told()] == [
        "RequestFiled",
        "CaseAdded",
        "CaseAdded",
        "RequestAccepted",
    ]
    more = {"at": LATER, "residents": [resident()]}
    third = await desk.post(path, more)
    assert third.json()["stage"] == "needs_documents"
    detail = (await desk.get(f"/requests/{filed['request_id']}")).json()
    assert (detail["stage"], detail["cases_total"]) == ("needs_documents", 3)
    assert detail["drive"] == {**DRIVE, "on_holidays": False, "usual_service": None}
    assert (await desk.post(path, body)).status_code == 409


async def test_only_a_drive_takes_residents_later(desk: Desk) -> None:
    filed = await desk.file()
    path = f"/requests/{filed['request_id']}/residents"
    assert (await desk.post(path, {"at": LATER, "residents": [resident()]})).status_code == 409


async def test_who_looks_like_an_open_case_is_a_warning_with_its_code(desk: Desk) -> None:
    first = await desk.file(resident())
    other = {"number": "470/002/11/2026", "date": "2026-11-23"}
    again = await desk.file(resident(name="SITI  sintetis"), resident(birth_date="1951-08-17"), letter=other)
    [warning] = again["warnings"]
    assert (warning["field"], warning["code"]) == ("residents.0.name", "twin")
    assert first["cases"][0]["tracking"] in warning["warning"]
    elsewhere = await desk.file(resident(), kelurahan=kelurahan_of("17.02")[-1].code)
    assert elsewhere["warnings"] == []


async def test_the_birth_date_is_read_from_the_nik_and_asked_for(desk: Desk) -> None:
    filed = await desk.file(resident(nik="1702065708250001", birth_date=None))
    assert "residents.0.birth_date" in [warning["field"] for warning in filed["warnings"]]
    assert (await desk.person(filed["case_ids"][0])).json()["birth_date"] == "1925-08-17"


async def test_a_check_says_what_filing_would_and_stores_nothing(desk: Desk) -> None:
    await desk.file(resident(nik=NIK))
    body = letter(
        resident(nik=NIK),
        resident(birth_date="2015-01-01"),
        resident(service="lost", documents=["kk"]),
        documents_complete=False,
    )
    answer = await desk.post("/requests/check", body)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert {error["field"] for error in said["errors"]} == {"residents.0.nik", "residents.1.birth_date"}
    assert said["residents"][2] == {"missing": ["surat_kehilangan"], "print_on_hold": False}
    assert len(await desk.told("RequestFiled")) == 1
    torn = await desk.post("/requests/check", letter(resident(nik="12")))
    assert [error["field"] for error in torn.json()["errors"]] == ["residents.0.nik"]


async def test_all_that_is_wrong_is_said_at_once(desk: Desk) -> None:
    body = letter(
        resident(nik="1"),
        resident(phone="x"),
        resident(birth_date="2015-01-01"),
        letter={"number": "1", "date": "2026-12-01"},
    )
    answer = await desk.post("/requests", body)
    assert {error["field"] for error in answer.json()["errors"]} >= {"residents.0.nik", "residents.1.phone"}
    body = letter(resident(birth_date="2015-01-01"), letter={"number": "1", "date": "2026-12-01"})
    answer = await desk.post("/requests", body)
    assert {error["field"] for error in answer.json()["errors"]} == {"letter.date", "residents.0.birth_date"}


async def test_a_correction_before_the_papers_is_our_own_affair(desk: Desk) -> None:
    filed = await desk.file(resident(nik=NIK), documents_complete=False)
    answer = await desk.patch(case_of(filed), {"needs": ["female_officer"], "name": "Siti Baru Sintetis"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["fields"] == ["name", "needs"]
    assert answer.json()["told"] is False
    await desk.post(papers(filed), {"at": LATER, "documents": ["kk"]})
    [event] = await desk.told("CaseAdded")
    assert event["skills"] == ["female_officer"]
    assert (await desk.person(filed["case_ids"][0])).json()["name"] == "Siti Baru Sintetis"
    changes = (await desk.get(f"/requests/{filed['request_id']}")).json()["amendments"]
    assert [change["fields"] for change in changes] == [["name", "needs"], ["documents"]]
    assert {change["case_id"] for change in changes} == {filed["case_ids"][0]}


async def test_a_correction_later_is_told_to_dispatch(desk: Desk) -> None:
    filed = await desk.file(resident(reason="odgj"))
    case_id = filed["case_ids"][0]
    times = {"starts_at": "2026-11-25T09:00:00+07:00", "ends_at": "2026-11-25T09:20:00+07:00"}
    visit = fact(VisitScheduled, case_id, visit_id=new_id(), kelurahan="17.02.06.1004", team="T1", **times)
    await desk.takes((1, visit))
    answer = await desk.patch(case_of(filed), {"reason": "lansia"})
    assert answer.json()["told"] is True, answer.text
    [event] = await desk.told("RequestAmended")
    assert (event["skills"], event["team_size"]) == ([], 2)
    assert (await desk.patch(case_of(filed), {"phone": "0812-3456-7890"})).json()["told"] is False
    await desk.takes((2, fact(RecordCaptured, case_id, visit_id=new_id())))
    late = await desk.patch(case_of(filed), {"needs": ["escort"]})
    assert (late.status_code, late.json()["errors"][0]["field"]) == (409, "needs")
    assert (await desk.patch(case_of(filed), {"name": "Siti Betul Sintetis"})).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "at"),
        ({"name": None}, "name"),
        ({"nik": "12"}, "nik"),
        ({"birth_date": "2015-01-01"}, "birth_date"),
        ({"service": None}, "service"),
        ({"service": "lost"}, "documents"),
    ],
)
async def test_a_bad_correction_is_told_field_and_rule(desk: Desk, body: dict[str, Any], field: str) -> None:
    filed = await desk.file()
    answer = await desk.patch(case_of(filed), body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_nik_is_corrected_and_stays_one_open_case(desk: Desk) -> None:
    first, second = await desk.file(resident(nik=NIK)), await desk.file(resident(nik=OTHER))
    taken = await desk.patch(case_of(second), {"nik": NIK})
    assert (taken.status_code, taken.json()["errors"][0]["field"]) == (409, "nik")
    assert first["cases"][0]["tracking"] in taken.text
    assert (await desk.patch(case_of(second), {"nik": None})).status_code == 200
    assert (await desk.patch(case_of(second), {"nik": OTHER})).status_code == 200
    assert (await desk.post("/requests", letter(resident(nik=OTHER)))).status_code == 409


async def test_a_birth_date_corrected_to_17_frees_the_print(desk: Desk) -> None:
    filed = await desk.file(resident(birth_date="2009-12-20"))
    answer = await desk.patch(case_of(filed), {"birth_date": "2008-12-20"})
    assert answer.json()["told"] is True
    assert [event["case_id"] for event in await desk.told("PrintEligible")] == filed["case_ids"]
    await desk.tick("2026-12-21T09:00:00+07:00")
    assert len(await desk.told("PrintEligible")) == 1
    back = await desk.patch(case_of(filed), {"birth_date": "2010-12-20"})
    assert (back.status_code, back.json()["errors"][0]["field"]) == (409, "birth_date")


async def test_letter_and_drive_are_corrected_until_dispatch_knows(desk: Desk) -> None:
    filed = await desk.drive()
    path = f"/requests/{filed['request_id']}"
    answer = await desk.patch(path, {"number": "470/9", "preferred_days": [5, 6], "contact": CONTACT})
    assert answer.status_code == 200, answer.text
    detail = (await desk.get(path)).json()
    assert (detail["letter_number"], detail["drive"]["preferred_days"]) == ("470/9", [5, 6])
    await desk.post(f"{path}/residents", {"at": LATER, "documents_complete": True, "residents": [resident()]})
    assert [event["preferred_days"] for event in await desk.told("CaseAdded")] == [[5, 6]]
    assert (await desk.patch(path, {"headcount": 5})).status_code == 409
    assert (await desk.patch(path, {"number": "470/10"})).status_code == 200
    assert (await desk.patch(path, {"number": "1"}, wilayah="17.71")).status_code == 404


async def test_the_list_is_filtered_by_kind_state_limit_number_code(desk: Desk) -> None:
    home = await desk.file(letter={"number": "470/77", "date": "2026-11-23"})
    waits = await desk.file(documents_complete=False)
    drive = await desk.drive()

    async def found(**query: Any) -> list[str]:
        answer = await desk.get("/requests", **query)
        assert answer.status_code == 200, answer.text
        return [item["request_id"] for item in answer.json()["items"]]

    assert await found(kind="drive") == [drive["request_id"]]
    assert await found(stage="needs_documents") == [waits["request_id"]]
    assert await found(stage="filed") == [drive["request_id"]]
    assert await found(q="470/77") == [home["request_id"]]
    assert await found(q=waits["cases"][0]["tracking"].lower()) == [waits["request_id"]]
    assert await found(overdue="true") == []
    await desk.tick("2026-11-26T09:00:00+07:00")
    assert await found(overdue="true") == [home["request_id"]]
    assert (await desk.get("/requests", q="a\nb")).status_code == 422


async def test_device_time_is_kept_beside_the_servers(desk: Desk) -> None:
    filed = await desk.file(at="2026-11-20T09:00:00+07:00", letter={"number": "1", "date": "2026-11-20"})
    detail = (await desk.get(f"/requests/{filed['request_id']}")).json()
    assert detail["filed_at"] == "2026-11-20T02:00:00Z"
    [row] = await desk.rows("select now() - received_at < interval '1 minute' as fresh, filed_by from request")
    assert row["fresh"]
    assert detail["filed_by"] == row["filed_by"]
    assert detail["received_at"]


async def test_a_contact_is_sealed_and_lends_its_phone(desk: Desk) -> None:
    filed = await desk.file(resident(address=None), contact=CONTACT, address="Jalan Bersama Sintetis 2")
    person = (await desk.person(filed["case_ids"][0])).json()
    assert (person["phone"], person["address"]) == ("+6281234567891", "Jalan Bersama Sintetis 2")
    [row] = await desk.rows("select sealed from contact")
    assert b"Guru" not in row["sealed"]
    assert (await desk.post("/requests", letter(), role=Role.OFFICER)).status_code == 403
    assert MORNING


async def test_reading_a_contact_takes_a_purpose_and_is_logged(desk: Desk) -> None:
    filed = await desk.drive(resident())
    path = f"/requests/{filed['request_id']}"
    assert (await desk.get(f"{path}/contact")).status_code == 422
    read = await desk.get(f"{path}/contact", Role.OFFICER, purpose="kunjungan")
    assert read.json()["contact"] == {"name": CONTACT["name"], "phone": "+6281234567891"}
    assert (await desk.get(f"{path}/contact", Role.OFFICER, "17.71", purpose="kunjungan")).status_code == 404
    assert (await desk.get(f"{path}/contact", Role.PROVINCIAL, "17", purpose="kunjungan")).status_code == 403
    assert (await desk.get(f"/requests/{new_id()}/contact", purpose="kunjungan")).status_code == 404
    noted = await desk.rows("select case_id, act, purpose, role, wilayah from person_access order by id")
    assert [(str(row["case_id"]), row["act"], row["purpose"], row["role"]) for row in noted] == [
        (filed["request_id"], "read", "kunjungan", "officer"),
        (filed["request_id"], "refused", "kunjungan", "officer"),
    ]


async def test_whom_to_call_is_corrected_field_by_field(desk: Desk) -> None:
    drive, visit = await desk.drive(), await desk.file(contact=CONTACT, address="Jalan Sintetis 3")

    async def contact(filed: dict[str, Any], **changes: Any) -> tuple[int, dict[str, Any]]:
        path = f"/requests/{filed['request_id']}"
        answer = await desk.patch(path, changes)
        found = (await desk.get(f"{path}/contact", purpose="koreksi")).json()
        return answer.status_code, {**found["contact"], "address": found["address"]}

    kept = {"name": CONTACT["name"], "phone": "+6281234567891"}
    renamed = {**kept, "name": "Ibu Sintetis"}
    assert await contact(drive, contact={"name": "Ibu Sintetis"}) == (200, {**renamed, "address": None})
    assert await contact(drive, contact={"phone": None}) == (422, {**renamed, "address": None})
    assert await contact(drive, address="Aula Sintetis") == (200, {**renamed, "address": "Aula Sintetis"})
    assert await contact(visit, contact={"phone": None}, address=None) == (
        200,
        {"name": CONTACT["name"], "phone": None, "address": None},
    )
