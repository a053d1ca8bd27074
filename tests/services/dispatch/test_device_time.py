"""What hangs on time in dispatch, while devices say what they like: turns, notice of visits, the order of a way."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from uuid import UUID

import pytest

from ops.system import Issuer
from shared.contract.events import RequestAccepted
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.dispatch.room import FRIDAY, MONDAY, Room, accepted, added, open_room

LONG_AGO = "2011-06-01T09:00:00+07:00"


@pytest.fixture
async def room(
    database: Callable[[str], Awaitable[str]], issuer: Issuer, token: Callable[..., dict[str, str]]
) -> AsyncIterator[Room]:
    async with open_room(await database("dispatch"), issuer, token) as opened:
        opened.on_time = False
        yield opened


async def heard(room: Room, at: str, received_at: str | None) -> UUID:
    """A case whose papers were shown at `at`, as was received then."""
    request_id, case_id = new_id(), new_id()
    letter = accepted(request_id, at)
    letter = RequestAccepted.model_validate({**letter.model_dump(), "received_at": received_at})
    await room.hears(added(request_id, case_id, at=at, received_at=received_at), letter)
    return case_id


async def test_a_backdated_request_overtakes_nobody_and_keeps_notice(room: Room) -> None:
    first = await heard(room, FRIDAY, FRIDAY)
    late = await heard(room, LONG_AGO, "2026-04-10T10:00:00+07:00")
    last = await heard(room, "2026-04-10T11:00:00+07:00", "2026-04-10T11:00:00+07:00")
    await room.tick("2026-04-10T12:00:00+07:00")
    starts = [(await room.visit_of(case_id))["starts_at"] for case_id in (first, late, last)]
    assert starts == sorted(starts)
    assert starts[0].startswith("2026-04-13")  # not this afternoon
    waiting = await room.case(late)
    assert datetime.fromisoformat(waiting["accepted_at"]) == datetime.fromisoformat("2026-04-10T10:00:00+07:00")


async def test_a_queue_that_comes_weeks_late_is_planned_in_its_turn(room: Room) -> None:
    late = await heard(room, "2026-03-20T09:00:00+07:00", FRIDAY)
    await room.tick()
    assert (await room.visit_of(late))["starts_at"].startswith("2026-04-13")


async def test_an_acceptance_told_for_a_time_to_come_is_planned_now(room: Room) -> None:
    """As an older version may have stated it."""
    case_id = await heard(room, "2098-01-01T09:00:00+07:00", None)
    await room.tick()
    assert (await room.visit_of(case_id))["starts_at"].startswith("2026-04-13")


async def test_an_outcome_is_not_told_days_before_its_visit(room: Room) -> None:
    _, case_id = await room.scheduled()
    refused = await room.outcome(case_id, "recorded", at="2026-04-10T18:30:00+07:00", status=422)
    assert (refused["errors"][0]["field"], refused["errors"][0]["code"]) == ("at", "at.early")
    assert refused["server_time"] == "2026-04-10T11:01:00+00:00"
    assert (await room.case(case_id))["stage"] == "scheduled"
    await room.tick("2026-04-12T18:00:00+07:00")
    await room.outcome(case_id, "recorded", at="2026-04-12T17:00:00+07:00")  # the team came on the eve


async def test_the_next_visit_keeps_its_notice_after_a_late_outcome(room: Room) -> None:
    _, case_id = await room.scheduled()
    await room.tick("2026-04-17T12:00:00+07:00")
    await room.outcome(case_id, "absent", at=MONDAY)
    await room.tick("2026-04-17T12:01:00+07:00")
    assert (await room.visit_of(case_id))["starts_at"].startswith("2026-04-20")  # not on Friday afternoon


async def test_what_follows_is_never_told_to_be_before_it(room: Room) -> None:
    """Clocks that differ by hours do not turn the order around; one that is wrong by days is named."""
    _, case_id = await room.scheduled()
    await room.tick("2026-04-13T18:00:00+07:00")
    await room.outcome(case_id, "recorded", at=MONDAY)
    prints = {"print_id": new_id(), "station": "P1", "serial": "BL00000001"}
    steps = (
        ("print-ready", Role.PRINT_OPERATOR, {}),
        ("prints", Role.PRINT_OPERATOR, prints),
        ("handover", Role.PRINT_OPERATOR, {"receiver": "family"}),
    )
    for verb, role, body in steps:
        path = f"/cases/{case_id}/{verb}"
        refused = await room.post(path, role, status=422, at="2026-04-12T08:19:00+07:00", **body)
        assert refused["errors"][0]["code"] == "at.early"
        await room.post(path, role, at="2026-04-13T06:00:00+07:00", **body)
    case = await room.case(case_id)
    monday = datetime.fromisoformat(MONDAY)
    times = [case[name] for name in ("recorded_at", "print_ready_at", "printed_at", "handed_over_at")]
    assert [datetime.fromisoformat(at) for at in times] == [monday] * 4
    told = {name: event["at"] for name, event in await room.told()}
    assert told["PrintCompleted"] == told["CardHandedOver"] == "2026-04-13T01:20:00Z"


async def test_the_print_queue_is_ordered_by_when_an_answer_arrived(room: Room) -> None:
    _, first = await room.scheduled()
    _, second = await room.scheduled()
    await room.tick("2026-04-13T15:00:00+07:00")
    for case_id in (first, second):
        await room.outcome(case_id, "recorded", at="2026-04-13T10:00:00+07:00")
    await room.post(f"/cases/{first}/print-ready", at="2026-04-13T15:00:00+07:00")
    await room.tick("2026-04-13T16:00:00+07:00")
    await room.post(f"/cases/{second}/print-ready", at="2026-04-13T10:00:00+07:00")
    queue = await room.get("/print-queue", office="17.02")
    assert [item["case_id"] for item in queue["items"]] == [str(first), str(second)]


async def test_a_card_told_ahead_is_refused_and_nothing_is_kept(room: Room) -> None:
    room.on_time = True
    _, case_id = await room.print_ready()
    room.on_time = False
    ahead = await room.prints(case_id, "BL00000001", at="2026-04-14T18:02:00+07:00", status=422)
    assert ahead["errors"][0]["code"] == "at.ahead"
    assert "PrintCompleted" not in await room.names()
