"""A form that is not complete yet: who has an open case is told by the NIK, or by name, birth date and kelurahan."""

from typing import Any

import pytest

from shared.reference.regions import kelurahan_of
from shared.security.auth import Role
from tests.services.requests.desk import KELURAHAN, MORNING, Desk, resident

NIK, OTHER = "1702065708500001", "1702065708500002"
WHO = {"kelurahan": KELURAHAN, "name": "SITI  sintetis", "birth_date": "1950-08-17"}
ELSEWHERE = kelurahan_of("17.71")[0].code


async def said(desk: Desk, wilayah: str = "17.02", **known: Any) -> dict[str, list[str]]:
    """The fields that errors and warnings are at, each with its code."""
    answer = await desk.post("/requests/check/resident", {"at": MORNING, **known}, wilayah=wilayah)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["residents"] == []
    return {kind: [f"{each['field']} {each['code']}" for each in told[kind]] for kind in ("errors", "warnings")}


async def test_a_nik_alone_is_enough_and_points_to_the_open_case(desk: Desk) -> None:
    filed = await desk.file(resident(nik=NIK))
    assert await said(desk, nik=NIK) == {"errors": ["nik nik.taken"], "warnings": []}
    assert await said(desk, nik=OTHER) == {"errors": [], "warnings": []}
    answer = await desk.post(
        "/requests/check/resident", {"at": MORNING, "nik": f" {NIK[:6]}.{NIK[6:12]}-{NIK[12:]} "}
    )
    assert filed["cases"][0]["tracking"] in answer.json()["errors"][0]["rule"]
    assert len(await desk.told("RequestFiled")) == 1


async def test_name_birth_date_and_kelurahan_look_like_somebody(desk: Desk) -> None:
    await desk.file(resident())
    assert await said(desk, **WHO) == {"errors": [], "warnings": ["name twin"]}
    # The birth date may be the one in the NIK, as filing reads it.
    by_nik = {"kelurahan": KELURAHAN, "name": "siti sintetis", "nik": OTHER}
    assert await said(desk, **by_nik) == {"errors": [], "warnings": ["name twin"]}
    for lacks in WHO:
        assert await said(desk, **{name: value for name, value in WHO.items() if name != lacks}) == {
            "errors": [],
            "warnings": [],
        }


async def test_a_check_examines_what_is_given_and_needs_nothing_else(desk: Desk) -> None:
    assert await said(desk) == {"errors": [], "warnings": []}
    assert await said(desk, nik="12") == {"errors": ["nik nik.format"], "warnings": []}
    assert await said(desk, nik="1002005713500000") == {
        "errors": ["nik nik.province", "nik nik.wilayah", "nik nik.birth_date", "nik nik.serial"],
        "warnings": [],
    }


async def test_an_open_case_elsewhere_is_not_named_but_is_audited(desk: Desk) -> None:
    filed = await desk.file(resident(nik=NIK))
    answer = await desk.post("/requests/check/resident", {"at": MORNING, "nik": NIK}, wilayah="17.71")
    assert filed["cases"][0]["tracking"] not in answer.text
    assert "aktif di luar wilayah Anda" in answer.json()["errors"][0]["rule"]
    noted = await desk.rows("select case_id from person_access where act = 'matched'")
    assert [str(row["case_id"]) for row in noted] == filed["case_ids"]
    # Within the wilayah it is no secret, and nothing to note.
    await said(desk, nik=NIK)
    assert len(await desk.rows("select from person_access where act = 'matched'")) == 1


@pytest.mark.parametrize(
    ("fields", "role", "wilayah", "status"),
    [
        (WHO, Role.OFFICER, "17.02", 403),
        (WHO, Role.OPERATOR, "17.71", 403),
        ({**WHO, "kelurahan": ELSEWHERE}, Role.OPERATOR, "17.02", 403),
        ({**WHO, "kelurahan": "17.02.99.9999"}, Role.OPERATOR, "17.02", 422),
        ({"nik": [NIK, OTHER]}, Role.OPERATOR, "17.02", 422),  # one resident a question
        ({"niks": [NIK]}, Role.OPERATOR, "17.02", 422),
    ],
)
async def test_who_may_ask_and_what(
    desk: Desk, fields: dict[str, Any], role: Role, wilayah: str, status: int
) -> None:
    answer = await desk.post("/requests/check/resident", {"at": MORNING, **fields}, role, wilayah)
    assert answer.status_code == status, answer.text
