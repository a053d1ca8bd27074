"""What may have been filed before is asked about, not refused; and a request is copied for another (12.B4)."""

import asyncio
from typing import Any

from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.requests.desk import CONTACT, DRIVE, KELURAHAN, MORNING, Desk, letter, resident

NUMBER = "470/12/KP/2026"
OTHER = {"name": "Lain Sintetis", "birth_date": "1951-09-18"}


def numbered(
    number: str = NUMBER, *residents: dict[str, Any], date: str = "2026-11-23", **fields: Any
) -> dict[str, Any]:
    """A letter of this number."""
    return letter(*residents, letter={"number": number, "date": date}, **fields)


def codes(answer: Any) -> list[str]:
    """The codes of an answer's warnings."""
    return [each["code"] for each in answer.json()["warnings"]]


async def test_a_letter_number_used_before_is_only_warned_of(desk: Desk) -> None:
    """12.B4: of this kelurahan and year alone, in whatever spelling; the code of the first case is named."""
    first = await desk.post("/requests", numbered())
    assert first.json()["warnings"] == []
    for spelled in (NUMBER, "470/12/kp/2026", "470 / 12 / KP / 2026"):
        again = await desk.post("/requests", numbered(spelled, resident(**OTHER, nik=None)))
        warning = again.json()["warnings"][0]
        assert (again.status_code, warning["field"], warning["code"]) == (201, "letter.number", "letter.repeated")
        assert first.json()["cases"][0]["tracking"] in warning["warning"]
        assert first.json()["cases"][0]["tracking"] in warning["en"]
    free = (
        numbered("470/13/KP/2026", resident(name="Tiga Sintetis")),
        numbered(NUMBER, resident(name="Empat Sintetis"), date="2025-12-23"),
        numbered(NUMBER, resident(name="Lima Sintetis"), kelurahan="17.02.06.1015"),
    )
    for body in free:
        assert codes(await desk.post("/requests", body)) == []


async def test_two_letters_of_one_number_at_once_are_warned_of(desk: Desk) -> None:
    """12.B4: letters filed at the same time are answered as if one came after the other."""
    bodies = [numbered(NUMBER, resident(name=f"Orang Sintetis {n}", birth_date=f"195{n}-08-17")) for n in range(4)]
    answers = await asyncio.gather(*(desk.post("/requests", body) for body in bodies))
    assert sorted(map(codes, answers)) == [[], *[["letter.repeated"]] * 3]


async def test_the_number_of_a_letter_that_was_refused_is_free(desk: Desk) -> None:
    """12.B4: the same letter is filed again, with the paper that was missing."""
    filed = await desk.file(resident(documents=[]), **_open(numbered()))
    answer = await desk.post(
        f"/requests/{filed['request_id']}/reject", {"at": MORNING, "reason": "documents_missing"}
    )
    assert answer.status_code == 200, answer.text
    assert codes(await desk.post("/requests", numbered())) == []


def _open(body: dict[str, Any]) -> dict[str, Any]:
    return {"letter": body["letter"], "documents_complete": False}


async def test_a_likely_duplicate_is_refused_if_one_wants_to_be_asked(desk: Desk) -> None:
    """12.B4: a device's queue files nothing silently that looks like something before; NIK and all else as ever."""
    first = await desk.file(letter=numbered()["letter"])
    alike = numbered("470/14/KP/2026", ask_first=True)
    asked = await desk.post("/requests", alike)
    assert asked.status_code == 409
    problem = asked.json()
    assert problem["asks"] == "file_anyway"
    assert [(each["field"], each["code"]) for each in problem["errors"]] == [("residents.0.name", "twin")]
    assert all(each["en"] for each in problem["errors"])
    both = await desk.post("/requests", numbered(ask_first=True))
    assert [each["code"] for each in both.json()["errors"]] == ["letter.repeated", "twin"]
    assert len(await desk.told("RequestFiled")) == 1  # nothing was filed
    anyway = await desk.post("/requests", {**alike, "ask_first": False})
    assert (anyway.status_code, codes(anyway)) == (201, ["twin"])
    assert first["cases"][0]["tracking"] in anyway.json()["warnings"][0]["warning"]
    nobody = await desk.post("/requests", numbered("470/15/KP/2026", resident(**OTHER), ask_first=True))
    assert (nobody.status_code, nobody.json()["warnings"]) == (201, [])


async def test_an_answer_that_was_lost_is_given_again_and_is_no_doubt(desk: Desk) -> None:
    """12.B4: the same command again is not the twin of itself."""
    key, body = new_id(), numbered(ask_first=True)
    first, again = await desk.post("/requests", body, key=key), await desk.post("/requests", body, key=key)
    assert (again.status_code, again.text) == (201, first.text)


async def test_a_form_hears_of_a_number_before_the_rest_is_known(desk: Desk) -> None:
    """12.B4: whether it was used this year, and which number came last."""

    async def heard(**asked: Any) -> dict[str, Any]:
        answer = await desk.post("/requests/check/number", {"at": MORNING, "kelurahan": KELURAHAN, **asked})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return {"codes": [each["code"] for each in found["warnings"]], "last": found["last"]}

    assert await heard() == {"codes": [], "last": None}
    await desk.file(letter=numbered()["letter"])
    last = {"number": NUMBER, "date": "2026-11-23"}
    assert await heard() == {"codes": [], "last": last}
    assert await heard(number=NUMBER) == {"codes": ["letter.repeated"], "last": last}
    assert await heard(number=NUMBER, date="2025-11-23") == {"codes": [], "last": last}
    assert (await desk.post("/requests/check", numbered())).json()["warnings"][0]["field"] == "letter.number"
    body = {"at": MORNING, "kelurahan": KELURAHAN}
    assert (await desk.post("/requests/check/number", body, wilayah="17.71")).status_code == 403
    assert (await desk.post("/requests/check/number", body, Role.OFFICER)).status_code == 403


async def copied(desk: Desk, request_id: str, wilayah: str = "17.02", **query: Any) -> Any:
    """What a form is given to begin with."""
    path = f"/requests/{request_id}/copy"
    return await desk.get(path, Role.OPERATOR, wilayah, **{"purpose": "permohonan", **query})


async def test_a_copy_has_the_letter_and_its_residents_and_is_audited(desk: Desk) -> None:
    """12.B4: all that a new request may begin with; no consent, no code of the old one; noted as read."""
    person = resident(nik="1702065708500001", phone="0812-3456-7892", documents=["kk"], needs=["escort"])
    filed = await desk.file(person, contact=CONTACT, address="Jalan Kunjungan 7", **_open(numbered()))
    answer = await copied(desk, filed["request_id"])
    assert answer.status_code == 200, answer.text
    copy = answer.json()
    assert (copy["number"], copy["date"], copy["kelurahan"]) == (NUMBER, "2026-11-23", KELURAHAN)
    assert (copy["contact"]["name"], copy["address"], copy["left_out"]) == (CONTACT["name"], "Jalan Kunjungan 7", 0)
    [one] = copy["residents"]
    assert (one["name"], one["nik"], one["documents"], one["needs"]) == (
        *("Siti Sintetis", "1702065708500001", ["kk"], ["escort"]),
    )
    assert "consent" not in answer.text
    assert filed["cases"][0]["tracking"] not in answer.text
    noted = await desk.rows("select case_id, act, purpose from person_access order by id")
    assert [tuple(map(str, row)) for row in noted] == [
        (filed["request_id"], "read", "permohonan"),
        (filed["case_ids"][0], "read", "permohonan"),
    ]


async def test_a_copy_is_its_wilayahs_and_a_refusal_is_in_the_audit(desk: Desk) -> None:
    """12.B4: nobody copies what they may not read."""
    filed = await desk.file()
    assert (await copied(desk, filed["request_id"], wilayah="17.71")).status_code == 404
    officer = await desk.get(f"/requests/{filed['request_id']}/copy", Role.OFFICER, "17.02", purpose="permohonan")
    assert officer.status_code == 403
    assert [row["act"] for row in await desk.rows("select act from person_access")] == ["refused"]


async def test_only_who_ended_without_a_card_is_copied_to_file_again(desk: Desk) -> None:
    """12.B4: who goes on, or whose card may be there, is not filed again."""
    people = [resident(name=name, documents=[]) for name in ("Satu Sintetis", "Dua Sintetis")]
    filed = await desk.drive(*people, documents_complete=False, drive=DRIVE)
    path = f"/requests/{filed['request_id']}/cases/{filed['case_ids'][1]}/withdraw"
    assert (await desk.post(path, {"at": MORNING, "reason": "asked_by_resident"})).status_code == 200
    copy = (await copied(desk, filed["request_id"], ended=True)).json()
    assert [each["name"] for each in copy["residents"]] == ["Dua Sintetis"]
    assert copy["drive"]["name"] == DRIVE["name"]
    told = await desk.file()
    assert (
        await desk.post(f"/requests/{told['request_id']}/cancel", {"at": MORNING, "reason": "moved_away"})
    ).is_success
    assert (await copied(desk, told["request_id"], ended=True)).json()["residents"] == []
    await desk.answered(*told["case_ids"])
    assert len((await copied(desk, told["request_id"], ended=True)).json()["residents"]) == 1


async def test_a_list_too_long_for_a_form_is_left_out_and_counted(desk: Desk) -> None:
    """12.B4: a drive's list comes by CSV; nobody of it is read."""
    filed = await desk.drive(*(resident(name=f"Murid Sintetis {n}") for n in range(21)))
    copy = (await copied(desk, filed["request_id"])).json()
    assert (copy["residents"], copy["left_out"]) == ([], 21)
    assert len(await desk.rows("select from person_access")) == 1
