"""Filing and what a letter may become, by HTTP on a real database."""

import asyncio
import json

import pytest

from shared.contract.events import CardHandedOver, PrintCompleted
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.requests.desk import CONTACT, DRIVE, Desk, fact, letter, resident

NIK = "1702065708500001"
REASON = {"at": "2026-11-24T10:00:00+07:00", "reason": "asked_by_resident"}


async def test_a_letter_becomes_a_request_with_a_case_a_resident(desk: Desk) -> None:
    answer = await desk.file(resident(), resident(reason="odgj"))
    assert answer["stage"] == "accepted"
    assert len(answer["case_ids"]) == 2
    told = await desk.told()
    assert [event["event"] for event in told] == ["RequestFiled", "CaseAdded", "CaseAdded", "RequestAccepted"]
    assert [event["case_id"] for event in told[1:3]] == answer["case_ids"]
    assert told[2]["team_size"] == 8
    assert told[3]["due_at"] == "2026-11-25T02:00:00Z"


async def test_a_repeated_filing_gets_the_first_answer(desk: Desk) -> None:
    key, body = new_id(), letter(resident(nik=NIK))
    answers = await asyncio.gather(*(desk.post("/requests", body, key=key) for _ in range(3)))
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].status_code == 201
    assert len(await desk.told("RequestFiled")) == 1
    other = await desk.post("/requests", letter(), key=key)
    assert other.status_code == 422


async def test_an_incomplete_letter_waits_until_it_is_accepted(desk: Desk) -> None:
    filed = await desk.file(documents_complete=False)
    assert filed["stage"] == "needs_documents"
    assert filed["cases"][0]["missing"] == ["kk"]
    assert await desk.told("CaseAdded") == []
    path = f"/requests/{filed['request_id']}"
    accepted = await desk.post(f"{path}/accept", {"at": "2026-11-25T08:30:00+07:00"})
    expected = {"request_id": filed["request_id"], "stage": "accepted", "case_ids": filed["case_ids"]}
    assert accepted.json() == expected
    assert [event["case_id"] for event in await desk.told("CaseAdded")] == filed["case_ids"]
    assert [event["due_at"] for event in await desk.told("RequestAccepted")] == ["2026-11-26T01:30:00Z"]
    assert (await desk.get(path)).json()["stage"] == "accepted"
    assert (await desk.post(f"{path}/accept")).status_code == 409
    assert (await desk.post(f"{path}/reject", REASON)).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (letter(resident(birth_date="2012-01-01")), "residents.0.birth_date"),
        (letter(resident(), resident(nik="123")), "residents.1.nik"),
        (letter(resident(phone="x")), "residents.0.phone"),
        (letter(kelurahan="17.02.99.9999"), "kelurahan"),
        (letter(residents=[]), "residents"),
        (letter(kind="drive", drive=DRIVE), "contact"),
        (letter(kind="drive", contact=CONTACT), "drive"),
        (letter(drive=DRIVE), "drive"),
        (letter(resident(address=None)), "residents.0.address"),
        (letter(resident(birth_date=None)), "residents.0.birth_date"),
        (letter(at="2026-11-24T09:00:00"), "at"),
        (letter(resident(nama="Siti")), "residents.0.nama"),
        (letter(resident(name="a\0b")), "residents.0.name"),
        (letter(letter={"number": "1", "date": "2026-11-25"}), "letter.date"),
    ],
)
async def test_a_bad_letter_is_told_field_and_rule(desk: Desk, body: dict[str, object], field: str) -> None:
    answer = await desk.post("/requests", body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert error["rule"]
    assert await desk.told() == []


async def test_a_nik_that_differs_from_the_letter_is_a_warning(desk: Desk) -> None:
    answer = await desk.file(resident(nik=NIK), resident(nik="1702061708500002", birth_date="1951-08-17"))
    assert [warning["field"] for warning in answer["warnings"]] == ["residents.1.nik"] * 2


async def test_one_open_case_a_nik(desk: Desk) -> None:
    first = await desk.file(resident(nik=NIK))
    again = await desk.post("/requests", letter(resident(), resident(nik=NIK)))
    assert again.status_code == 409
    assert again.json()["errors"][0]["field"] == "residents.1.nik"
    assert first["cases"][0]["tracking"] in again.json()["errors"][0]["rule"]
    assert "(accepted)" in again.json()["errors"][0]["rule"]
    assert NIK not in again.text
    assert len(await desk.told("RequestFiled")) == 1


async def test_a_case_elsewhere_is_told_without_detail(desk: Desk) -> None:
    first = await desk.file(resident(nik=NIK))
    body = letter(resident(nik=NIK), kelurahan="32.74.01.1001")
    again = await desk.post("/requests", body, wilayah="32.74")
    assert again.status_code == 409
    for detail in (first["request_id"], first["case_ids"][0], first["cases"][0]["tracking"], "17.02", NIK):
        assert detail not in again.text
    [noted] = await desk.rows("select case_id, act, purpose, wilayah from person_access")
    assert [str(value) for value in noted] == [first["case_ids"][0], "matched", "permohonan", "32.74"]


async def test_of_two_filings_at_once_one_wins(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.post("/requests", letter(resident(nik=NIK))) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


@pytest.mark.parametrize("way", ["reject", "cancel", "withdraw"])
async def test_a_nik_is_free_again_once_its_case_is_closed(desk: Desk, way: str) -> None:
    filed = await desk.file(resident(nik=NIK), documents_complete=way != "reject")
    path = f"/requests/{filed['request_id']}"
    path += f"/cases/{filed['case_ids'][0]}/withdraw" if way == "withdraw" else f"/{way}"
    answer = await desk.post(path, REASON)
    assert answer.status_code == 200, answer.text
    if way != "reject":
        await desk.answered(filed["case_ids"][0])
    assert (await desk.case(filed["request_id"]))["stage"] == ("rejected" if way == "reject" else "cancelled")
    assert len(await desk.told("RequestRejected", "RequestCancelled", "CaseWithdrawn")) == 1
    await desk.file(resident(nik=NIK))
    assert (await desk.post(path, REASON)).status_code == 409


async def test_a_withdrawn_case_leaves_the_others_and_stays_withdrawn(desk: Desk) -> None:
    filed = await desk.file(resident(), resident(), documents_complete=False)
    path = f"/requests/{filed['request_id']}"
    await desk.post(f"{path}/cases/{filed['case_ids'][0]}/withdraw", REASON)
    await desk.post(f"{path}/accept", {"at": "2026-11-25T08:30:00+07:00"})
    detail = (await desk.get(path)).json()
    assert [case["stage"] for case in detail["cases"]] == ["cancelled", "accepted"]
    assert [step["stage"] for step in detail["cases"][0]["stages"]] == ["filed", "cancelled"]
    assert detail["stage"] == "accepted"


async def test_a_printed_card_is_handed_over_not_cancelled(desk: Desk) -> None:
    filed = await desk.file()
    case_id = filed["case_ids"][0]
    await desk.takes((1, fact(PrintCompleted, case_id, print_id=new_id(), station="P1", serial="BL000001")))
    path = f"/requests/{filed['request_id']}"
    for command in (f"{path}/cancel", f"{path}/cases/{case_id}/withdraw"):
        answer = await desk.post(command, REASON)
        assert answer.status_code == 409
        assert "sudah dicetak" in answer.json()["detail"]


async def test_cancelling_leaves_the_card_that_is_in_a_hand(desk: Desk) -> None:
    filed = await desk.file(resident(), resident())
    await desk.takes((1, fact(CardHandedOver, filed["case_ids"][0], receiver="resident")))
    path = f"/requests/{filed['request_id']}"
    assert (await desk.post(f"{path}/cancel", REASON)).status_code == 200
    assert (await desk.get(path)).json()["stage"] == "awaiting_answer"
    await desk.answered(filed["case_ids"][1])
    detail = (await desk.get(path)).json()
    assert detail["stage"] == "handed_over"
    assert [[step["stage"] for step in case["stages"]] for case in detail["cases"]] == [
        ["filed", "accepted", "handed_over"],
        ["filed", "accepted", "cancelled"],
    ]
    assert (await desk.post(f"{path}/cancel", REASON)).status_code == 409


async def test_only_an_operator_of_the_wilayah_writes(desk: Desk) -> None:
    assert (await desk.http.post("/requests", json=letter())).status_code == 401
    assert (await desk.post("/requests", letter(), role=Role.OFFICER)).status_code == 403
    assert (await desk.post("/requests", letter(), wilayah="17.71")).status_code == 403
    assert (await desk.post("/requests", letter(), wilayah="17.0")).status_code == 401
    filed = await desk.file()
    path = f"/requests/{filed['request_id']}"
    for command in (f"{path}/cancel", f"{path}/reject", f"{path}/cases/{filed['case_ids'][0]}/withdraw"):
        answer = await desk.post(command, REASON, wilayah="17.71")
        assert answer.status_code == 404
        assert "17.02" not in answer.text


async def test_a_drive_of_a_thousand_is_one_command(desk: Desk) -> None:
    filed = await desk.file(*(resident() for _ in range(1000)), kind="drive", drive=DRIVE, contact=CONTACT)
    assert len(filed["case_ids"]) == 1000
    assert [event["case_id"] for event in await desk.told("CaseAdded")] == filed["case_ids"]


async def test_no_word_of_a_person_leaves_the_sealed_table(desk: Desk) -> None:
    await desk.file(resident(nik=NIK, phone="081234567890", name="Aminah Rahasia", reason="odgj"))
    stored = ""
    for row in await desk.rows("select tablename from pg_tables where schemaname = 'public'"):
        content = await desk.rows(f'select row_to_json(t)::text as r from "{row["tablename"]}" t')  # noqa: S608
        stored += json.dumps([line["r"] for line in content])
    for secret in (NIK, "Aminah", "81234567890", "Jalan", "1950-08-17", "odgj"):
        assert secret not in stored
