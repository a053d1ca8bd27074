"""An office's own policy in a running service: refusals name it, and its limits pass when it says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from ops.system import Issuer
from services.requests.app import build
from services.requests.settings import Settings
from shared.contract.events import PrintCompleted
from shared.contract.ids import new_id
from shared.http.problem_responses import MOST_ERRORS
from tests.services.requests.desk import CONTACT, DRIVE, OFFICE, Desk, desk_on, fact, key_file, letter, resident

OWN = f"""
[office."{OFFICE}".limit.accepted]
hours = 8
source = "Maklumat pelayanan (contoh)"
id = "kartu selesai paling lambat 8 jam setelah berkas lengkap"
en = "the card is done within 8 hours of complete papers"

[office."{OFFICE}".limit.printed]
days = 2
source = "Maklumat pelayanan (contoh)"
id = "kartu diserahkan paling lambat 2 hari setelah dicetak"
en = "a card is handed over within 2 days of its print"

[office."{OFFICE}".first.f102]
required = true
source = "Maklumat pelayanan (contoh)"
id = "perekaman pertama memerlukan formulir F-1.02"
en = "a first recording needs form F-1.02"
"""
ELSEWHERE = "17.71.01.1004"
"""A kelurahan of an office without rules of its own."""


@pytest.fixture
async def own_desk(
    database: Callable[[str], Awaitable[str]], issuer: Issuer, tmp_path: Path, token: Callable[..., dict[str, str]]
) -> AsyncIterator[Desk]:
    file = tmp_path / "policy.toml"
    file.write_text(OWN)
    keys = key_file(tmp_path)
    async with desk_on(await database("requests"), issuer.jwks_file, keys, token, policy_file=file) as desk:
        yield desk


async def test_an_offices_own_limits_pass_when_it_says(own_desk: Desk) -> None:
    filed = await own_desk.file()
    [accepted] = await own_desk.told("RequestAccepted")
    assert accepted["due_at"] == "2026-11-24T10:00:00Z"
    card = {"print_id": new_id(), "station": "P1", "serial": "BL000001"}
    await own_desk.takes((1, fact(PrintCompleted, filed["case_ids"][0], **card)))
    await own_desk.tick("2026-11-26T08:59:00+07:00")
    assert await own_desk.told("RequestOverdue") == []
    await own_desk.tick("2026-11-26T09:00:00+07:00")
    [overdue] = await own_desk.told("RequestOverdue")
    assert (overdue["stage"], overdue["due_at"]) == ("printed", "2026-11-26T02:00:00Z")


async def test_a_paper_that_one_office_wants_is_missing_there_alone(own_desk: Desk) -> None:
    body = letter(resident(documents=["kk"]), documents_complete=False)
    here = await own_desk.post("/requests", body)
    assert here.json()["cases"][0]["missing"] == ["f102"]
    there = await own_desk.post("/requests", body | {"kelurahan": ELSEWHERE}, wilayah="17.71")
    assert (there.json()["stage"], there.json()["cases"][0]["missing"]) == ("accepted", [])


async def test_a_refusal_has_field_rule_code_source_and_two_languages(desk: Desk) -> None:
    body = letter(
        resident(service="photo", photo_reason="estetika"),
        resident(birth_date="2015-01-01"),
        resident(service="move_in", recorded_before=False),
    )
    refused = await desk.post("/requests", body)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"] == "3 isian perlu diperbaiki"
    assert [(each["field"], each["code"], each["source"]) for each in refused.json()["errors"]] == [
        ("residents.0.photo_reason", "photo_reason.estetika", "Permendagri 74/2015 Ps 13"),
        ("residents.1.birth_date", "age.recording", "UU 24/2013 Ps 63(1); kebijakan Ditjen Dukcapil"),
        ("residents.2.recorded_before", "move_in.recorded", "Perpres 96/2018 (pindah datang)"),
    ]
    assert all(each["rule"] != each["en"] for each in refused.json()["errors"])
    assert await desk.rows("select from request") == []


async def test_a_drive_of_errors_is_told_in_part_and_counted_whole(desk: Desk) -> None:
    children = [resident(birth_date="2015-01-01") for _ in range(MOST_ERRORS + 10)]
    refused = await desk.post("/requests", letter(*children, kind="drive", drive=DRIVE, contact=CONTACT))
    assert len(refused.json()["errors"]) == MOST_ERRORS
    assert refused.json()["detail"] == f"{MOST_ERRORS + 10} isian perlu diperbaiki"


async def test_a_service_does_not_start_with_a_wrong_policy(issuer: Issuer, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(OWN.replace("hours = 8", "hours = 80"))
    told = Settings(
        database_url="postgresql://requests@127.0.0.1:1/requests",
        kafka_bootstrap_servers="127.0.0.1:1",
        jwks_file=issuer.jwks_file,
        person_key_file=key_file(tmp_path),
        policy_file=file,
    )
    with pytest.raises(ValueError, match=r'office\."17\.02"\.limit\.accepted: weaker than Permendagri 19/2018'):
        build(told)
