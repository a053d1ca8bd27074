"""What is applied for and the papers shown are corrected, and the case is judged anew as at its filing."""

from typing import Any

import pytest

from shared.contract.events import CardHandedOver, RecordCaptured, VisitDeferred, VisitScheduled
from shared.contract.fields import DeferralReason, Receiver
from shared.contract.ids import new_id
from tests.services.requests.desk import KELURAHAN, Desk, fact, letter, resident

LATER = "2026-11-25T08:30:00+07:00"
AT_16 = "2010-06-01"
VISIT = {"starts_at": "2026-11-25T09:00:00+07:00", "ends_at": "2026-11-25T09:20:00+07:00"}


def case_of(filed: dict[str, Any], number: int = 0) -> str:
    return f"/requests/{filed['request_id']}/cases/{filed['case_ids'][number]}"


async def waiting(desk: Desk, *residents: dict[str, Any]) -> dict[str, Any]:
    return await desk.file(*residents, documents_complete=False)


async def planned(desk: Desk, case_id: str) -> None:
    visit = fact(VisitScheduled, case_id, visit_id=new_id(), kelurahan=KELURAHAN, team="T1", **VISIT)
    await desk.takes((1, visit))


async def test_a_case_completed_by_a_correction_is_accepted_and_told(desk: Desk) -> None:
    filed = await waiting(desk, resident(service="lost", documents=["kk"]))
    answer = await desk.patch(case_of(filed), {"at": LATER, "service": "first", "recorded_before": False})
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["stage"], said["missing"], said["told"]) == ("accepted", [], True)
    assert said["fields"] == ["recorded_before", "service"]
    assert (await desk.person(filed["case_ids"][0])).json()["recorded_before"] is False
    told = await desk.told()
    assert [event["event"] for event in told] == ["RequestFiled", "CaseAdded", "RequestAccepted"]
    assert (told[1]["service"], told[1]["minutes"], told[1]["at"]) == ("first", 20, "2026-11-25T01:30:00Z")
    case = await desk.case(filed["request_id"])
    assert (case["service"], case["stage"], case["due_at"]) == ("first", "accepted", "2026-11-26T01:30:00Z")


async def test_of_several_the_letter_is_accepted_once(desk: Desk) -> None:
    filed = await waiting(desk, resident(), resident(documents=[]))
    for number in (0, 1):
        answer = await desk.patch(case_of(filed, number), {"at": LATER, "documents": ["kk"]})
        assert answer.json()["stage"] == "accepted"
    names = [event["event"] for event in await desk.told()]
    assert names == ["RequestFiled", "CaseAdded", "RequestAccepted", "CaseAdded"]


async def test_the_missing_papers_are_judged_anew(desk: Desk) -> None:
    filed = await waiting(desk, resident(service="lost", birth_date=AT_16, documents=["surat_kehilangan"]))
    case = case_of(filed)
    assert (await desk.case(filed["request_id"]))["print_on_hold"]
    assert (await desk.patch(case, {"service": "first"})).json()["missing"] == ["kk"]
    wed = await desk.patch(case, {"marital_status": "kawin"})
    assert (wed.json()["stage"], wed.json()["missing"]) == ("needs_documents", ["kk", "bukti_kawin"])
    assert not (await desk.case(filed["request_id"]))["print_on_hold"]
    assert (await desk.patch(case, {"birth_date": "1990-06-01"})).json()["missing"] == ["kk"]
    named = await desk.patch(case, {"name": "Siti Baru Sintetis", "reason": "sakit"})
    assert (named.json()["missing"], named.json()["told"]) == (["kk"], False)
    assert await desk.told("CaseAdded", "RequestAccepted") == []
    assert (await desk.patch(case, {"documents": ["kk"]})).json()["stage"] == "accepted"
    [event] = await desk.told("CaseAdded")
    assert (event["print_on_hold"], event["urgency"]) == (False, "high")


async def test_a_change_that_lacks_papers_is_refused_with_its_source(desk: Desk) -> None:
    filed = await desk.file(resident(birth_date=AT_16))
    wed = await desk.patch(case_of(filed), {"marital_status": "kawin"})
    [error] = wed.json()["errors"]
    assert (wed.status_code, error["field"], error["code"]) == (422, "documents", "first.bukti_kawin")
    assert "UU 24/2013" in error["source"]
    assert "marriage certificate" in error["en"]
    taken = await desk.patch(case_of(filed), {"documents": []})
    assert (taken.status_code, taken.json()["errors"][0]["code"]) == (422, "first.kk")
    shown = {"marital_status": "kawin", "documents": ["kk", "bukti_kawin"]}
    answer = await desk.patch(case_of(filed), shown)
    assert (answer.status_code, answer.json()["stage"], answer.json()["told"]) == (200, "accepted", True)
    assert [event["event"] for event in await desk.told()][3:] == ["PrintEligible"]


@pytest.mark.parametrize(
    ("changes", "field", "code", "source"),
    [
        ({"service": "photo", "documents": ["kk", "ktp_lama"]}, "photo_reason", "photo.reason", "Ps 13"),
        ({"service": "photo", "photo_reason": "estetika"}, "photo_reason", "photo_reason.estetika", "Ps 13"),
        ({"recorded_before": True}, "recorded_before", "first.recorded", "UU 24/2013"),
        ({"service": "move_in", "recorded_before": False}, "recorded_before", "move_in.recorded", "Perpres"),
    ],
)
async def test_what_may_not_be_applied_for_is_refused_as_at_filing(
    desk: Desk, changes: dict[str, Any], field: str, code: str, source: str
) -> None:
    filed = await waiting(desk, resident())
    answer = await desk.patch(case_of(filed), changes)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["code"]) == (422, field, code)
    assert source in error["source"]
    assert error["en"]
    assert (await desk.case(filed["request_id"]))["service"] == "first"


async def test_another_service_of_a_known_case_is_told_to_dispatch(desk: Desk) -> None:
    filed = await desk.file(resident(documents=["kk"]))
    changes = {"service": "photo", "photo_reason": "mulai_berhijab", "documents": ["kk", "ktp_lama"]}
    assert (await desk.patch(case_of(filed), changes)).json()["told"] is True
    assert (await desk.patch(case_of(filed), {"documents": ["kk", "ktp_lama", "f102"]})).json()["told"] is False
    [event] = await desk.told("RequestAmended")
    assert (event["service"], event["minutes"], event["family_card"]) == ("photo", 20, False)
    assert (await desk.case(filed["request_id"]))["documents"] == ["kk", "f102", "ktp_lama"]


async def test_a_visit_that_is_promised_fixes_service_and_papers(desk: Desk) -> None:
    filed = await desk.file(resident(documents=["kk"]))
    [case_id] = filed["case_ids"]
    await planned(desk, case_id)
    late = await desk.patch(case_of(filed), {"service": "lost", "documents": ["kk", "surat_kehilangan"]})
    assert late.status_code == 409
    assert [error["field"] for error in late.json()["errors"]] == ["documents", "service"]
    assert {(error["code"], bool(error["source"]), bool(error["en"])) for error in late.json()["errors"]} == {
        ("case.promised", True, True)
    }
    deferred = fact(VisitDeferred, case_id, kelurahan=KELURAHAN, reason=DeferralReason.WEATHER)
    await desk.takes((2, deferred))
    assert (await desk.patch(case_of(filed), {"documents": ["kk", "f102"]})).status_code == 200


async def test_a_family_card_is_told_until_the_record(desk: Desk) -> None:
    filed = await desk.file()
    [case_id] = filed["case_ids"]
    await planned(desk, case_id)
    assert (await desk.patch(case_of(filed), {"family_card": True})).json()["told"] is True
    assert (await desk.patch(case_of(filed), {"family_card": True})).json()["told"] is False
    assert [event["family_card"] for event in await desk.told("RequestAmended")] == [True]
    await desk.takes((2, fact(RecordCaptured, case_id, visit_id=new_id())))
    late = await desk.patch(case_of(filed), {"family_card": False})
    assert (late.status_code, late.json()["errors"][0]["field"]) == (409, "family_card")


async def test_a_correction_after_the_card_asks_for_no_papers(desk: Desk) -> None:
    filed = await desk.file(resident(documents=["kk"]))
    [case_id] = filed["case_ids"]
    await desk.takes((1, fact(CardHandedOver, case_id, receiver=Receiver.RESIDENT)))
    answer = await desk.patch(case_of(filed), {"birth_date": "1951-08-17"})
    assert (answer.status_code, answer.json()["stage"]) == (200, "handed_over")


async def test_needs_of_the_letter_are_shown_without_the_reasons(desk: Desk) -> None:
    filed = await desk.file(resident(reason="odgj", needs=["female_officer"]))
    person = (await desk.person(filed["case_ids"][0])).json()
    assert person["needs"] == ["female_officer"]
    assert (await desk.patch(case_of(filed), {"needs": []})).status_code == 200
    assert (await desk.person(filed["case_ids"][0])).json()["needs"] == []
    [event] = await desk.told("RequestAmended")
    assert event["skills"] == ["large_team"]


async def test_a_corrected_case_is_found_again_under_its_service(desk: Desk) -> None:
    """The residents' list, from which a letter can be filed again, has what is applied for now."""
    filed = await desk.file(resident(documents=["kk"]))
    await desk.patch(case_of(filed), {"service": "damaged", "documents": ["kk", "ktp_rusak"], "family_card": True})
    sheet = await desk.get(f"/requests/{filed['request_id']}/residents/export", purpose="permohonan")
    assert "damaged" in sheet.text
    assert "ktp_rusak" in sheet.text


# --- versions -------------------------------------------------------------------------------------------------------


async def read(desk: Desk, path: str) -> dict[str, Any]:
    answer = await desk.get(path, purpose="koreksi")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_change_of_an_older_version_is_refused(desk: Desk) -> None:
    filed = await waiting(desk, resident(service="lost", documents=["kk"]), resident())
    path = f"/cases/{filed['case_ids'][0]}/person"
    first = await read(desk, path)
    assert (first["version"], first["service"], first["documents"], first["family_card"]) == (
        0,
        "lost",
        ["kk"],
        False,
    )
    mine = await desk.patch(case_of(filed), {"name": "Siti Satu Sintetis", "version": first["version"]})
    assert mine.status_code == 200
    # Of the second resident nothing changed.
    assert (await desk.patch(case_of(filed, 1), {"name": "Lain Sintetis", "version": 0})).status_code == 200
    late = await desk.patch(case_of(filed), {"phone": "0812-3456-7890", "version": first["version"]})
    assert late.status_code == 409
    assert [(error["field"], error["code"]) for error in late.json()["errors"]] == [("name", "version.stale")]
    assert "Sintetis" not in late.text
    now = await read(desk, path)
    assert (now["name"], now["phone"], now["version"]) == ("Siti Satu Sintetis", None, mine.json()["version"])
    again = await desk.patch(case_of(filed), {"phone": "0812-3456-7890", "version": now["version"]})
    assert again.json()["version"] > now["version"]
    # A client that says no version is taken as before.
    assert (await desk.patch(case_of(filed), {"name": "Siti Dua Sintetis"})).status_code == 200


async def test_papers_that_were_shown_meanwhile_are_a_newer_version(desk: Desk) -> None:
    filed = await waiting(desk, resident(service="move_in", documents=[]))
    shown = await desk.post(f"{case_of(filed)}/documents", {"at": LATER, "documents": ["kk"]})
    assert shown.json()["missing"]
    late = await desk.patch(case_of(filed), {"documents": ["surat_pindah"], "version": 0})
    assert (late.status_code, late.json()["errors"][0]["field"]) == (409, "documents")
    assert (await desk.case(filed["request_id"]))["documents"] == ["kk"]


async def test_a_change_of_an_older_version_of_a_letter_is_refused(desk: Desk) -> None:
    filed = await desk.drive()
    path = f"/requests/{filed['request_id']}"
    first = await read(desk, f"{path}/contact")
    assert (first["version"], first["number"], first["headcount"], first["preferred_days"]) == (
        *(0, "470/001/11/2026", 1000, [2]),
    )
    assert (await desk.patch(path, {"number": "470/9", "version": 0})).status_code == 200
    late = await desk.patch(path, {"contact": {"phone": "0812-0000-1111"}, "version": 0})
    assert (late.status_code, late.json()["errors"][0]["field"]) == (409, "number")
    now = await read(desk, f"{path}/contact")
    assert (now["number"], now["contact"]["phone"]) == ("470/9", first["contact"]["phone"])
    assert (await desk.patch(path, {"address": "Aula", "version": now["version"]})).status_code == 200


async def test_a_birth_date_is_one_field_of_a_change(desk: Desk) -> None:
    filed = await desk.file()
    assert (await desk.patch(case_of(filed), {"birth_date": "1951"})).status_code == 200
    [change] = (await desk.get(f"/requests/{filed['request_id']}")).json()["amendments"]
    assert change["fields"] == ["birth_date"]


async def test_a_filing_says_who_consents(desk: Desk) -> None:
    body = {name: value for name, value in letter().items() if name != "consent"}
    refused = await desk.post("/requests", body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "consent")
