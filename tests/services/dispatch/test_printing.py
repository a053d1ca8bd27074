"""From PRR to the hand: one card a case, one use of each blank card, whatever is sent again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from ops.system import Issuer
from shared.contract.events import CaseWithdrawn, PrintEligible, RationingChanged
from shared.contract.fields import ClosingReason, ServiceCode
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.dispatch.room import MONDAY, OFFICE, Room, open_room

ON_THE_WAY = ["VisitScheduled", "VisitCompleted", "RecordCaptured", "PrintReady"]


@pytest.fixture
async def room(
    database: Callable[[str], Awaitable[str]], issuer: Issuer, token: Callable[..., dict[str, str]]
) -> AsyncIterator[Room]:
    async with open_room(await database("dispatch"), issuer, token) as opened:
        yield opened


def rationing(version: int, *allowed: ServiceCode, active: bool = True) -> RationingChanged:
    return RationingChanged(
        at=MONDAY, office=OFFICE, province="17", state_version=version, active=active, allowed=allowed
    )


async def queue(room: Room) -> list[str]:
    return [item["case_id"] for item in (await room.get("/print-queue", office=OFFICE))["items"]]


async def test_prr_comes_after_the_record_and_once(room: Room) -> None:
    _, case_id = await room.scheduled()
    problem = await room.post(f"/cases/{case_id}/print-ready", Role.SERVICE, "", status=409)
    assert problem["errors"] == [{"field": "case_id", "rule": "PRR hanya datang sesudah perekaman"}]
    await room.outcome(case_id, "recorded")
    for _ in range(2):
        answer = await room.post(f"/cases/{case_id}/print-ready", Role.SERVICE, "")
        assert answer == {"case_id": str(case_id), "stage": "print_ready"}
    await room.prints(case_id, "B000001")
    assert (await room.post(f"/cases/{case_id}/print-ready"))["stage"] == "printed"
    assert await room.names() == [*ON_THE_WAY, "PrintCompleted"]


async def test_a_card_from_the_queue_to_the_hand(room: Room) -> None:
    request_id, case_id = await room.print_ready()
    [item] = (await room.get("/print-queue", office=OFFICE))["items"]
    assert (item["case_id"], item["service"]) == (str(case_id), "lost")
    await room.post(f"/cases/{case_id}/handover", Role.OFFICER, status=409, receiver="family")
    printed = await room.prints(case_id, "B000001")
    assert await queue(room) == []
    for _ in range(2):
        answer = await room.post(f"/cases/{case_id}/handover", Role.OFFICER, receiver="family")
        assert answer["stage"] == "handed_over"
    await room.post(f"/cases/{case_id}/handover", Role.OFFICER, status=409, receiver="kelurahan")
    (_, completed), (_, handed) = (await room.told())[-2:]
    assert completed == {
        "at": "2026-04-13T01:20:00Z",
        "case_id": str(case_id),
        "request_id": str(request_id),
        "office": OFFICE,
        "print_id": printed["print_id"],
        "station": "P1",
        "serial": "B000001",
    }
    assert handed["receiver"] == "family"
    assert await room.names() == [*ON_THE_WAY, "PrintCompleted", "CardHandedOver"]


async def test_the_same_attempt_again_gets_the_first_answer(room: Room) -> None:
    _, case_id = await room.print_ready()
    attempt = {"print_id": new_id()}
    first = await room.prints(case_id, "B000001", **attempt)
    assert await room.prints(case_id, "B000001", **attempt, at="2026-04-13T10:00:00+07:00") == first
    problem = await room.prints(case_id, "B000002", **attempt, status=409)
    assert problem["errors"] == [{"field": "print_id", "rule": "satu print_id satu cetakan"}]
    problem = await room.prints(case_id, "B000002", status=409)
    assert problem["errors"] == [{"field": "case_id", "rule": "satu kasus satu kartu"}]
    assert (await room.names()).count("PrintCompleted") == 1


async def test_a_blank_card_is_used_once(room: Room) -> None:
    _, one = await room.print_ready()
    _, other = await room.print_ready()
    spoiled = await room.prints(one, "B000001", what="spoils", cause="misprint")
    for case_id, what, more in ((other, "prints", {}), (one, "prints", {}), (other, "spoils", {"cause": "wear"})):
        problem = await room.prints(case_id, "B000001", what=what, status=409, **more)
        assert problem["errors"] == [{"field": "serial", "rule": "satu blangko satu cetakan"}]
    problem = await room.prints(other, "B000009", print_id=spoiled["print_id"], status=409)
    assert problem["errors"][0]["field"] == "print_id"
    assert set(await queue(room)) == {str(one), str(other)}
    await room.prints(one, "B000002")
    assert (await room.names())[-2:] == ["PrintSpoiled", "PrintCompleted"]
    prints = (await room.case(one))["prints"]
    assert {(each["kind"], each["cause"], each["serial"]) for each in prints} == {
        ("spoiled", "misprint", "B000001"),
        ("printed", None, "B000002"),
    }


async def test_two_stations_cannot_share_a_card_or_print_a_case_twice(room: Room) -> None:
    _, one = await room.print_ready()
    _, other = await room.print_ready()
    await room.tick(MONDAY)
    tries = [(one, "B000001"), (other, "B000001"), (one, "B000002"), (other, "B000002")]

    async def attempt(case_id: object, serial: str) -> int:
        content = {"at": MONDAY, "print_id": str(new_id()), "station": "P1", "serial": serial}
        headers = room.token(Role.PRINT_OPERATOR, OFFICE)
        return (await room.http.post(f"/cases/{case_id}/prints", json=content, headers=headers)).status_code

    statuses = await asyncio.gather(*(attempt(*each) for each in tries))
    assert set(statuses) <= {201, 409}
    printed = [event for name, event in await room.told() if name == "PrintCompleted"]
    assert len(printed) == statuses.count(201) >= 1
    assert len({event["serial"] for event in printed}) == len({event["case_id"] for event in printed}) == len(printed)


async def test_the_queue_begins_with_first_timers_then_goes_by_prr(room: Room) -> None:
    _, late = await room.print_ready("2026-04-13T11:00:00+07:00")
    _, early = await room.print_ready("2026-04-13T10:00:00+07:00")
    _, first = await room.print_ready("2026-04-13T12:00:00+07:00", service=ServiceCode.FIRST)
    assert await queue(room) == [str(case_id) for case_id in (first, early, late)]


async def test_a_sixteen_year_olds_card_waits_for_the_birthday(room: Room) -> None:
    request_id, case_id = await room.print_ready(print_on_hold=True)
    answer = await room.get("/print-queue", office=OFFICE)
    assert (answer["items"], answer["ready"], answer["held"]) == ([], 1, 1)
    problem = await room.prints(case_id, "B000001", status=409)
    assert problem["errors"][0]["rule"] == "kartu dicetak sesudah pemegangnya berhak"
    await room.hears(PrintEligible(at=MONDAY, request_id=request_id, case_id=case_id, office=OFFICE))
    assert await queue(room) == [str(case_id)]
    await room.prints(case_id, "B000001")


async def test_during_rationing_the_queue_holds_only_allowed_services(room: Room) -> None:
    _, lost = await room.print_ready()
    _, first = await room.print_ready(service=ServiceCode.FIRST)
    await room.hears(rationing(2, ServiceCode.FIRST))
    await room.hears(rationing(1, *ServiceCode, active=False))
    answer = await room.get("/print-queue", office=OFFICE)
    assert (answer["rationing"], answer["allowed"], answer["ready"]) == (True, ["first"], 2)
    assert [item["case_id"] for item in answer["items"]] == [str(first)]
    problem = await room.prints(lost, "B000001", status=409)
    assert problem["errors"] == [{"field": "case_id", "rule": "penjatahan: hanya first"}]
    await room.prints(lost, "B000001", what="spoils", cause="factory_defect")
    await room.hears(rationing(3, *ServiceCode, active=False))
    assert await queue(room) == [str(first), str(lost)]
    await room.prints(lost, "B000002")


async def test_a_card_in_the_printer_at_a_withdrawal_is_spoiled(room: Room) -> None:
    request_id, case_id = await room.print_ready()
    reason = ClosingReason.DECEASED
    await room.hears(CaseWithdrawn(at=MONDAY, request_id=request_id, case_id=case_id, reason=reason))
    assert await queue(room) == []
    problem = await room.prints(case_id, "B000001", status=409)
    assert "status_change" in problem["detail"]
    await room.prints(case_id, "B000001", what="spoils", cause="status_change")
    assert await room.names() == [*ON_THE_WAY, "CaseClosed", "PrintSpoiled"]


async def test_the_same_key_gets_the_same_answer_and_one_effect(room: Room) -> None:
    _, case_id = await room.print_ready()
    key, body = new_id(), {"print_id": new_id(), "station": "P1", "serial": "B000001"}
    answers = [await room.post(f"/cases/{case_id}/prints", key=key, **body) for _ in range(2)]
    assert answers[0] == answers[1]
    assert (await room.names()).count("PrintCompleted") == 1


async def test_only_the_print_station_of_the_wilayah_prints(room: Room) -> None:
    _, case_id = await room.print_ready()
    body = {"print_id": new_id(), "station": "P1", "serial": "B000001"}
    for what, more in (("prints", {}), ("spoils", {"cause": "wear"})):
        await room.post(f"/cases/{case_id}/{what}", Role.OFFICER, status=403, **body, **more)
        await room.post(f"/cases/{case_id}/{what}", wilayah="17.71", status=404, **body, **more)
    await room.post(f"/cases/{case_id}/print-ready", Role.OPERATOR, status=403)
    await room.post(f"/cases/{case_id}/print-ready", wilayah="17.71", status=404)
    await room.post(f"/cases/{case_id}/handover", wilayah="17.71", status=404, receiver="family")
    problem = await room.post(f"/cases/{case_id}/prints", status=422, **{**body, "serial": "b 1"})
    assert problem["errors"][0]["field"] == "serial"
    assert await room.names() == ON_THE_WAY
