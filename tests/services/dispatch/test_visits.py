"""Visits: planned once, called off with their case, made, and made again."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from ops.system import Issuer
from shared.contract.envelope import MessageContext
from shared.contract.events import CaseWithdrawn, RequestCancelled, RequestRejected
from shared.contract.fields import ClosingReason, Skill
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.dispatch.room import (
    EVENING,
    FRIDAY,
    KELURAHAN,
    MONDAY,
    OFFICE,
    Room,
    accepted,
    added,
    amended,
    open_room,
)

LATER = "2026-04-13T18:00:00+07:00"
OTHER = "17.02.06.1015"
ASKED = ClosingReason.ASKED_BY_RESIDENT


@pytest.fixture
async def room(
    database: Callable[[str], Awaitable[str]], issuer: Issuer, token: Callable[..., dict[str, str]]
) -> AsyncIterator[Room]:
    async with open_room(await database("dispatch"), issuer, token) as opened:
        yield opened


async def test_an_accepted_case_gets_a_visit_at_the_next_tick(room: Room) -> None:
    request_id, case_id = new_id(), new_id()
    await room.hears(added(request_id, case_id))
    await room.tick("2026-04-10T08:00:00+07:00")
    assert await room.names() == []
    await room.hears(accepted(request_id))
    await room.tick()
    await room.tick(LATER)
    [(name, event)] = await room.told()
    assert (name, event["case_id"], event["request_id"]) == ("VisitScheduled", str(case_id), str(request_id))
    assert (event["team"], event["kelurahan"], event["office"]) == ("T3", KELURAHAN, OFFICE)
    assert datetime.fromisoformat(event["starts_at"]) == datetime.fromisoformat("2026-04-13T08:00:00+07:00")
    answer = await room.get("/visits", office=OFFICE, day="2026-04-13")
    assert answer == {
        "items": [
            {
                "visit_id": event["visit_id"],
                "case_id": str(case_id),
                "kelurahan": KELURAHAN,
                "team": "T3",
                "starts_at": event["starts_at"],
                "ends_at": event["ends_at"],
                "outcome": None,
            }
        ]
    }


async def test_a_drive_is_planned_on_the_days_it_prefers(room: Room) -> None:
    request_id, case_id = new_id(), new_id()
    event = added(request_id, case_id, preferred_days=(2, 6), on_holidays=True, family_card=True)
    await room.hears(event, accepted(request_id))
    await room.tick()
    assert (await room.visit_of(case_id))["starts_at"] == "2026-04-15T01:00:00Z"
    await room.outcome(case_id, "absent", at="2026-04-15T08:20:00+07:00")
    await room.hears(amended(event, minutes=30))
    await room.tick("2026-04-15T18:00:00+07:00")
    assert (await room.visit_of(case_id))["starts_at"] == "2026-04-19T01:00:00Z"
    case = await room.case(case_id)
    assert (case["preferred_days"], case["on_holidays"], case["family_card"]) == ([2, 6], True, True)


async def test_the_clock_of_a_resident_starts_when_their_papers_came(room: Room) -> None:
    request_id, first, later = new_id(), new_id(), new_id()
    await room.hears(added(request_id, first), accepted(request_id))
    await room.tick()
    await room.hears(added(request_id, later, at=MONDAY))
    assert [(await room.case(each))["accepted_at"] for each in (first, later)] == [
        "2026-04-10T02:00:00Z",
        "2026-04-13T01:20:00Z",
    ]
    await room.tick("2026-04-13T08:30:00+07:00")
    assert (await room.visit_of(first))["starts_at"] == "2026-04-13T01:00:00Z"
    assert (await room.visit_of(later))["starts_at"] == "2026-04-14T01:00:00Z"


async def test_a_day_of_visits_by_start_and_by_team(room: Room) -> None:
    for n in range(12):
        request_id = new_id()
        await room.hears(added(request_id, new_id(), kelurahan=(KELURAHAN, OTHER)[n % 2]), accepted(request_id))
    await room.tick()
    day = (await room.get("/visits", office=OFFICE, day="2026-04-13"))["items"]
    assert len(day) == 12
    assert [v["starts_at"] for v in day] == sorted(v["starts_at"] for v in day)
    team = await room.get("/visits", office=OFFICE, day="2026-04-13", team="T3")
    assert team["items"] == [visit for visit in day if visit["team"] == "T3"]
    part = await room.get("/visits", Role.OPERATOR, OTHER, office=OFFICE, day="2026-04-13")
    assert part["items"] == [visit for visit in day if visit["kelurahan"] == OTHER]
    assert (await room.get("/visits", office=OFFICE, day="2026-04-14"))["items"] == []


async def test_a_second_plan_moves_nothing_and_no_times_overlap(room: Room) -> None:
    first = [await room.scheduled(team_size=8) for _ in range(2)]
    before = [await room.visit_of(case_id) for _, case_id in first]
    request_id, case_id = new_id(), new_id()
    await room.hears(added(request_id, case_id, team_size=8, kelurahan=OTHER), accepted(request_id))
    await room.tick("2026-04-10T18:50:00+07:00")
    assert [await room.visit_of(known) for _, known in first] == before
    assert (await room.visit_of(case_id))["starts_at"] >= before[1]["ends_at"]


async def test_a_record_is_told_and_the_same_outcome_again_is_silent(room: Room) -> None:
    _, case_id = await room.scheduled()
    first = await room.outcome(case_id, "recorded")
    assert (first["stage"], first["attempts"]) == ("recorded", 1)
    assert await room.outcome(case_id, "recorded", at="2026-04-13T09:00:00+07:00") == first
    problem = await room.outcome(case_id, "absent", status=409)
    assert problem["errors"] == [{"field": "outcome", "rule": "satu kunjungan satu hasil"}]
    assert await room.names() == ["VisitScheduled", "VisitCompleted", "RecordCaptured"]
    case = await room.case(case_id)
    assert datetime.fromisoformat(case["recorded_at"]) == datetime.fromisoformat(MONDAY)


async def visited_in_vain(room: Room, *outcomes: str) -> UUID:
    """A case whose visits on the days from Monday on brought no record."""
    _, case_id = await room.scheduled()
    for day, outcome in enumerate(outcomes, start=13):
        visit = await room.visit_of(case_id)
        assert visit["starts_at"] == f"2026-04-{day}T01:00:00Z"
        await room.outcome(case_id, outcome, at=f"2026-04-{day}T08:20:00+07:00")
        await room.tick(f"2026-04-{day}T18:00:00+07:00")
    return case_id


async def test_after_three_visits_without_a_record_a_person_decides(room: Room) -> None:
    case_id = await visited_in_vain(room, "absent", "not_found", "refused")
    assert await room.names() == ["VisitScheduled", "VisitCompleted"] * 3 + ["VisitDeferred"]
    assert (await room.told())[-1][1]["reason"] == "outcome"
    [waiting] = (await room.get("/waiting", office=OFFICE))["items"]
    assert (waiting["case_id"], waiting["reason"], waiting["attempts"]) == (str(case_id), "outcome", 3)
    visits = (await room.case(case_id))["visits"]
    assert [visit["outcome"] for visit in visits] == ["absent", "not_found", "refused"]


async def test_a_visit_that_failed_by_our_fault_is_no_attempt(room: Room) -> None:
    case_id = await visited_in_vain(room, "absent", "no_signal", "device_fault", "absent")
    case = await room.case(case_id)
    assert (case["stage"], case["attempts"], len(case["visits"])) == ("scheduled", 2, 5)


async def test_the_fifth_fault_of_ours_is_told_to_a_person(room: Room) -> None:
    case_id = await visited_in_vain(room, *["no_signal"] * 5)
    case = await room.case(case_id)
    assert (case["stage"], case["attempts"], case["deferred"]) == ("visited", 0, "outcome")


async def test_a_decision_lets_the_visits_go_on(room: Room) -> None:
    case_id = await visited_in_vain(room, "absent", "absent", "absent")
    again = {"decision": "again", "reason": "address_corrected", "at": "2026-04-15T19:00:00+07:00"}
    decided = await room.post(f"/cases/{case_id}/decide", Role.DISPATCHER, **again)
    assert decided["stage"] == "accepted"
    assert (await room.told())[-1][1]["reason"] == "address_corrected"
    problem = await room.post(f"/cases/{case_id}/decide", Role.DISPATCHER, status=409, **again)
    assert problem["errors"][0]["field"] == "case_id"
    await room.tick("2026-04-15T20:00:00+07:00")
    case = await room.case(case_id)
    assert (case["stage"], case["attempts"], case["deferred"]) == ("scheduled", 0, None)
    assert (await room.names())[-2:] == ["VisitsResumed", "VisitScheduled"]


async def test_a_decision_closes_the_case_and_is_told_only_once(room: Room) -> None:
    case_id = await visited_in_vain(room, "absent", "absent", "absent")
    close = {"decision": "close", "reason": "moved_away"}
    for _ in range(2):
        assert (await room.post(f"/cases/{case_id}/decide", Role.DISPATCHER, **close))["stage"] == "cancelled"
    closed = [event for name, event in await room.told() if name == "CaseClosed"]
    assert [(event["reason"], event["card_outstanding"]) for event in closed] == [("moved_away", False)]
    await room.post(f"/cases/{case_id}/decide", Role.DISPATCHER, status=409, decision="close", reason="refused")
    assert (await room.get("/waiting", office=OFFICE))["items"] == []


async def test_only_a_dispatcher_decides_for_a_reason_that_fits(room: Room) -> None:
    case_id = await visited_in_vain(room, "absent", "absent", "absent")
    path = f"/cases/{case_id}/decide"
    close = {"decision": "close", "reason": "moved_away"}
    await room.post(path, Role.OFFICER, status=403, **close)
    await room.post(path, Role.DISPATCHER, "17.71", status=404, **close)
    for wrong in ({"decision": "close", "reason": "withdrawn"}, {"decision": "again", "reason": "moved_away"}):
        problem = await room.post(path, Role.DISPATCHER, status=422, **wrong)
        assert "reason" in problem["errors"][0]["field"]
    assert (await room.case(case_id))["stage"] == "visited"


async def test_who_is_under_age_is_not_visited_again(room: Room) -> None:
    _, case_id = await room.scheduled()
    assert (await room.outcome(case_id, "under_age"))["stage"] == "rejected"
    await room.tick(LATER)
    assert await room.names() == ["VisitScheduled", "VisitCompleted"]
    assert (await room.get("/waiting", office=OFFICE))["items"] == []


async def test_a_case_that_no_team_can_serve_is_deferred_once(room: Room) -> None:
    _, case_id = await room.scheduled(team_size=9, skills=(Skill.ESCORT,))
    await room.tick(LATER)
    [(name, event)] = await room.told()
    assert (name, event["reason"]) == ("VisitDeferred", "no_team_with_skill")
    [waiting] = (await room.get("/waiting", office=OFFICE))["items"]
    assert (waiting["case_id"], waiting["reason"]) == (str(case_id), "no_team_with_skill")


async def test_an_office_that_is_not_known_serves_nobody(room: Room) -> None:
    await room.scheduled(office="11.71", kelurahan="11.71.01.2001")
    assert [(name, event["reason"]) for name, event in await room.told()] == [("VisitDeferred", "no_team_with_skill")]


async def test_a_withdrawn_case_alone_loses_its_visit(room: Room) -> None:
    request_id, case_id, other = new_id(), new_id(), new_id()
    await room.hears(added(request_id, case_id), added(request_id, other), accepted(request_id))
    await room.tick()
    visit = await room.visit_of(case_id)
    withdrawn = CaseWithdrawn(at=EVENING, request_id=request_id, case_id=case_id, reason=ASKED)
    await room.hears(withdrawn, withdrawn)
    assert (await room.told())[2:] == [
        (
            "VisitCancelled",
            {
                "at": "2026-04-10T11:00:00Z",
                "case_id": str(case_id),
                "request_id": str(request_id),
                "office": OFFICE,
                "visit_id": visit["visit_id"],
            },
        ),
        (
            "CaseClosed",
            {
                "at": "2026-04-10T11:00:00Z",
                "case_id": str(case_id),
                "request_id": str(request_id),
                "office": OFFICE,
                "reason": "withdrawn",
                "card_outstanding": False,
            },
        ),
    ]
    assert (await room.case(case_id))["stage"] == "cancelled"
    assert (await room.case(other))["stage"] == "scheduled"
    await room.outcome(case_id, "recorded", status=409)
    listed = (await room.get("/visits", office=OFFICE, day="2026-04-13"))["items"]
    assert [item["case_id"] for item in listed] == [str(other)]


@pytest.mark.parametrize(("event", "stage"), [(RequestCancelled, "cancelled"), (RequestRejected, "rejected")])
async def test_a_closed_request_closes_its_cases(
    room: Room, event: type[RequestCancelled | RequestRejected], stage: str
) -> None:
    request_id, case_id = await room.scheduled()
    await room.hears(event(at=EVENING, request_id=request_id, reason=ASKED), accepted(request_id))
    await room.tick(LATER)
    assert await room.names() == ["VisitScheduled", "VisitCancelled", "CaseClosed"]
    assert (await room.case(case_id))["stage"] == stage


async def test_the_freed_slot_is_given_to_the_next(room: Room) -> None:
    request_id, case_id = await room.scheduled(team_size=8)
    freed = await room.visit_of(case_id)
    await room.hears(RequestCancelled(at=EVENING, request_id=request_id, reason=ASKED))
    following = new_id()
    await room.hears(added(following, case_id := new_id(), team_size=8), accepted(following))
    await room.tick("2026-04-10T18:50:00+07:00")
    assert (await room.visit_of(case_id))["starts_at"] == freed["starts_at"]


async def test_a_visit_that_no_longer_fits_is_moved_and_keeps_its_id(room: Room) -> None:
    event = added(new_id(), new_id())
    await room.hears(event, accepted(event.request_id))
    await room.tick()
    before = await room.visit_of(event.case_id)
    await room.hears(amended(event, minutes=15))
    assert await room.visit_of(event.case_id) == before
    await room.hears(amended(event, kelurahan=OTHER, team_size=8))
    assert (await room.get("/visits", office=OFFICE, day="2026-04-13"))["items"] == []
    await room.tick("2026-04-10T18:50:00+07:00")
    assert await room.names() == ["VisitScheduled", "VisitRescheduled"]
    after = await room.visit_of(event.case_id)
    assert (after["visit_id"], after["team"], after["state"]) == (before["visit_id"], "T4", "planned")
    [listed] = (await room.get("/visits", office=OFFICE, day="2026-04-13"))["items"]
    assert listed["kelurahan"] == OTHER


async def test_an_older_version_leaves_service_and_family_card_as_set(room: Room) -> None:
    event = added(new_id(), new_id(), preferred_days=(2,))
    plain = added(new_id(), new_id())
    await room.hears(event, plain, accepted(event.request_id), accepted(plain.request_id))
    await room.hears(*(amended(each, service="photo", family_card=True) for each in (event, plain)))
    for each, days in ((event, [2]), (plain, [])):
        case = await room.case(each.case_id)
        assert (case["service"], case["family_card"], case["preferred_days"]) == ("photo", True, days)
    await room.hears(amended(event, minutes=30, service=None, family_card=None))
    case = await room.case(event.case_id)
    assert (case["service"], case["family_card"]) == ("photo", True)
    await room.hears(amended(event, service=None, family_card=False))
    assert (await room.case(event.case_id))["family_card"] is False


async def test_a_case_told_of_late_is_as_its_letter_is(room: Room) -> None:
    """Its event was a dead letter and is replayed after all that followed it."""
    request_id, case_id, gone = new_id(), new_id(), new_id()
    await room.hears(
        accepted(request_id), CaseWithdrawn(at=FRIDAY, request_id=request_id, case_id=gone, reason=ASKED)
    )
    await room.hears(added(request_id, case_id), added(request_id, gone), added(request_id, case_id))
    assert (await room.case(case_id))["stage"] == "accepted"
    assert (await room.case(gone))["stage"] == "cancelled"
    closed = new_id()
    await room.hears(RequestRejected(at=FRIDAY, request_id=closed, reason=ASKED), added(closed, late := new_id()))
    assert (await room.case(late))["stage"] == "rejected"


async def test_changed_needs_of_an_unknown_case_become_a_dead_letter(room: Room) -> None:
    await room.hears(amended(added(new_id(), new_id())))
    async with room.db.connection() as conn:
        assert await conn.fetchval("select reason from dead_letter") == "refused"


async def test_the_whole_story_has_one_correlation_id(room: Room) -> None:
    request_id, case_id, story = new_id(), new_id(), MessageContext.new()
    await room.hears(added(request_id, case_id), accepted(request_id), context=story)
    await room.tick()
    await room.outcome(case_id, "recorded")
    headers = [headers["ce_correlationid"] for _, _, headers in await room.sent()]
    assert headers == [str(story.correlation_id)] * 3


async def test_what_lies_elsewhere_is_not_there(room: Room) -> None:
    _, case_id = await room.scheduled()
    visit_id = (await room.visit_of(case_id))["visit_id"]
    for visit in (visit_id, uuid4()):
        problem = await room.post(f"/visits/{visit}/outcome", Role.OFFICER, "17.71", status=404, outcome="recorded")
        assert KELURAHAN not in str(problem)
    await room.get(f"/cases/{case_id}", wilayah="17.71", status=404)
    await room.get(f"/cases/{case_id}", wilayah="17.02.06.1015", status=404)
    assert (await room.get(f"/cases/{case_id}", wilayah=KELURAHAN))["case_id"] == str(case_id)
    for path in ("/visits", "/waiting", "/print-queue"):
        await room.get(path, wilayah="17.71", status=403, office=OFFICE, day="2026-04-13")
        await room.get(path, Role.SUBSCRIBER, status=403, office=OFFICE, day="2026-04-13")
    await room.post(f"/visits/{visit_id}/outcome", Role.OPERATOR, status=403, outcome="recorded")
