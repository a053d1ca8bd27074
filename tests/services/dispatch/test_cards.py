"""Every printed card comes into a hand or is destroyed, also when its case was closed meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from ops.system import Issuer
from services.dispatch.usecases import case_updates
from shared.contract.envelope import Message
from shared.contract.events import CaseAdded, CaseWithdrawn, Event, PrintEligible, RequestCancelled
from shared.contract.fields import ClosingReason, Stage
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.dispatch.room import FRIDAY, MONDAY, OFFICE, Room, accepted, added, open_room
from tests.support.polling import until

ASKED = ClosingReason.ASKED_BY_RESIDENT
LATER = "2026-04-13T18:00:00+07:00"
CARD_RULE = "hanya kartu yang sudah dicetak dan belum diserahkan dapat dimusnahkan"


@pytest.fixture
async def room(
    database: Callable[[str], Awaitable[str]], issuer: Issuer, token: Callable[..., dict[str, str]]
) -> AsyncIterator[Room]:
    async with open_room(await database("dispatch"), issuer, token) as opened:
        yield opened


async def printed(room: Room, serial: str = "B000001") -> tuple[UUID, UUID, str]:
    """A case with a card: its request, its id, and the print."""
    request_id, case_id = await room.print_ready()
    return request_id, case_id, (await room.prints(case_id, serial))["print_id"]


async def withdrawn(room: Room, request_id: UUID, case_id: UUID) -> None:
    await room.hears(CaseWithdrawn(at=MONDAY, request_id=request_id, case_id=case_id, reason=ASKED))


async def destroy(room: Room, case_id: UUID, print_id: object, cause: str, **more: Any) -> Any:
    return await room.post(f"/cases/{case_id}/destroy", print_id=print_id, cause=cause, **more)


async def last(room: Room, number: int = 1) -> list[tuple[str, dict[str, Any]]]:
    """The last events, without what all have."""
    common = {"at", "case_id", "request_id", "office"}
    return [
        (name, {k: v for k, v in told.items() if k not in common}) for name, told in (await room.told())[-number:]
    ]


async def test_a_printed_card_of_a_withdrawn_case_is_handed_over(room: Room) -> None:
    request_id, case_id, _ = await printed(room)
    await withdrawn(room, request_id, case_id)
    assert await last(room) == [("CaseClosed", {"reason": "withdrawn", "card_outstanding": True})]
    case = await room.case(case_id)
    assert (case["stage"], case["card_outstanding"]) == ("cancelled", True)
    assert (await room.post(f"/cases/{case_id}/handover", Role.OFFICER, receiver="family"))["stage"] == "handed_over"
    assert (await last(room))[0][0] == "CardHandedOver"


async def test_a_printed_card_of_a_cancelled_case_is_to_be_destroyed(room: Room) -> None:
    request_id, case_id, print_id = await printed(room)
    await room.hears(RequestCancelled(at=MONDAY, request_id=request_id, reason=ASKED))
    problem = await room.prints(case_id, "B000002", status=409)
    assert problem["errors"][0]["rule"] == "kartunya sudah dicetak: serahkan atau musnahkan kartu itu"
    problem = await room.prints(case_id, "B000002", what="spoils", cause="status_change", status=409)
    assert "dimusnahkan" in problem["detail"]
    assert (await destroy(room, case_id, print_id, "case_closed"))["stage"] == "cancelled"
    case = await room.case(case_id)
    assert (case["card_outstanding"], case["prints"][0]["destroyed"]) == (False, "case_closed")
    named = {"print_id": print_id, "station": "P1", "serial": "B000001"}
    assert await last(room, 2) == [
        ("CaseClosed", {"reason": "withdrawn", "card_outstanding": True}),
        ("CardDestroyed", {**named, "cause": "case_closed", "case_over": True}),
    ]
    await room.post(f"/cases/{case_id}/handover", Role.OFFICER, status=409, receiver="family")


async def test_a_withdrawal_without_a_card_says_that_there_is_none(room: Room) -> None:
    request_id, case_id = await room.print_ready()
    for _ in range(2):
        await withdrawn(room, request_id, case_id)
    assert [told for told in await last(room, 9) if told[0] == "CaseClosed"] == [
        ("CaseClosed", {"reason": "withdrawn", "card_outstanding": False})
    ]


async def test_a_late_misprint_is_destroyed_once_and_printed_again(room: Room) -> None:
    _, case_id, print_id = await printed(room)
    for _ in range(2):
        assert (await destroy(room, case_id, print_id, "misprint"))["stage"] == "print_ready"
    assert (await last(room))[0][1]["case_over"] is False
    problem = await destroy(room, case_id, print_id, "damaged", status=409)
    assert problem["errors"][0]["field"] == "cause"
    assert [item["case_id"] for item in (await room.get("/print-queue", office=OFFICE))["items"]] == [str(case_id)]
    again = await room.prints(case_id, "B000002")
    assert (await destroy(room, case_id, print_id, "misprint"))["stage"] == "printed"  # of the first card, long done
    await room.post(f"/cases/{case_id}/handover", Role.OFFICER, receiver="family")
    problem = await destroy(room, case_id, again["print_id"], "misprint", status=409)
    assert problem["errors"][0]["rule"] == CARD_RULE
    names = await room.names()
    assert [names.count(name) for name in ("PrintCompleted", "CardDestroyed", "CardHandedOver")] == [2, 1, 1]


@pytest.mark.parametrize("cause", ["deceased", "unclaimed"])
async def test_a_card_that_nobody_will_have_ends_its_case(room: Room, cause: str) -> None:
    request_id, case_id, print_id = await printed(room)
    assert (await destroy(room, case_id, print_id, cause))["stage"] == "cancelled"
    assert (await last(room))[0][1]["case_over"] is True
    await withdrawn(room, request_id, case_id)
    await room.tick(LATER)
    assert (await room.names()).count("CaseClosed") == 0


async def test_only_a_card_of_the_case_is_destroyed_and_by_its_keeper(room: Room) -> None:
    _, case_id, print_id = await printed(room)
    _, other = await room.print_ready()
    spoiled = await room.prints(other, "B000002", what="spoils", cause="misprint")
    for case, of in ((other, print_id), (other, spoiled["print_id"]), (case_id, new_id())):
        problem = await destroy(room, case, of, "misprint", status=409)
        assert problem["errors"][0]["field"] == "print_id"
    problem = await destroy(room, case_id, print_id, "case_closed", status=409)
    assert "masih berjalan" in problem["detail"]
    await destroy(room, case_id, print_id, "misprint", role=Role.DISPATCHER, status=403)
    await destroy(room, case_id, print_id, "misprint", wilayah="17.71", status=404)
    assert "CardDestroyed" not in await room.names()


async def test_a_tick_tells_of_cases_an_older_version_closed_silently(room: Room) -> None:
    _, case_id, _ = await printed(room)
    _, without = await room.print_ready()
    async with room.db.transaction() as conn:
        await conn.execute("update cases set stage = 'cancelled' where case_id = any($1)", [case_id, without])
    for _ in range(2):
        await room.tick(LATER)
    closed = [
        (event["case_id"], event["card_outstanding"]) for name, event in await room.told() if name == "CaseClosed"
    ]
    assert sorted(closed) == sorted([(str(case_id), True), (str(without), False)])
    await room.post(f"/cases/{case_id}/handover", Role.OFFICER, receiver="family")


# --- what is told of a case while its own event is replayed --------------------------------------------------------


def message(event: Event) -> Message[Any]:
    return Message(event, new_id(), 7, {})


async def while_another_transaction_is_open(
    room: Room, first: Callable[[Any], Awaitable[None]], second: Callable[[Any], Awaitable[None]]
) -> None:
    """`second` begins before `first`, whose work is done, commits; that waits until `second` is done or waits."""

    async def do(work: Callable[[Any], Awaitable[None]]) -> None:
        async with room.db.transaction() as conn:
            await work(conn)

    async with room.db.transaction() as conn:
        await first(conn)
        task = asyncio.create_task(do(second))

        async def done_or_waits() -> bool:
            waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            async with room.db.connection() as looking:
                return task.done() or bool(await looking.fetchval(waiting))

        await until(done_or_waits, what="the second transaction to end or to wait")
    await task


def case_added(event: CaseAdded) -> Callable[[Any], Awaitable[None]]:
    return lambda conn: case_updates.add_case(conn, message(event))


@pytest.mark.parametrize("replay_first", [True, False])
@pytest.mark.parametrize("what", ["withdrawn", "cancelled"])
async def test_a_replayed_case_that_races_its_end_ends(room: Room, what: str, replay_first: bool) -> None:
    event = added(new_id(), new_id())
    await room.hears(accepted(event.request_id))
    one = CaseWithdrawn(at=FRIDAY, request_id=event.request_id, case_id=event.case_id, reason=ASKED)
    letter = RequestCancelled(at=FRIDAY, request_id=event.request_id, reason=ASKED)

    async def ends(conn: Any) -> None:
        if what == "withdrawn":
            await case_updates.withdraw_case(conn, message(one))
        else:
            await case_updates.close_request(conn, letter, message(letter).context, Stage.CANCELLED)

    both = (case_added(event), ends)
    await while_another_transaction_is_open(room, *(both if replay_first else both[::-1]))
    assert (await room.case(event.case_id))["stage"] == "cancelled"
    assert [told for told in await last(room, 9) if told[0] == "CaseClosed"] == [
        ("CaseClosed", {"reason": "withdrawn", "card_outstanding": False})
    ]


@pytest.mark.parametrize("replay_first", [True, False])
async def test_a_replayed_case_that_races_is_accepted_and_printable(room: Room, replay_first: bool) -> None:
    event = added(new_id(), new_id(), print_on_hold=True)
    eligible = PrintEligible(at=FRIDAY, request_id=event.request_id, case_id=event.case_id, office=OFFICE)

    async def told(conn: Any) -> None:
        await case_updates.accept_request(conn, accepted(event.request_id))
        await case_updates.lift_hold(conn, eligible)

    both = (case_added(event), told)
    await while_another_transaction_is_open(room, *(both if replay_first else both[::-1]))
    case = await room.case(event.case_id)
    assert (case["stage"], case["on_hold"]) == ("accepted", False)


async def test_a_card_cannot_be_destroyed_and_handed_over_at_once(room: Room) -> None:
    _, case_id, print_id = await printed(room)
    headers = room.token(Role.OFFICER, OFFICE)
    at = {"at": MONDAY}
    await room.tick(MONDAY)
    answers = await asyncio.gather(
        room.http.post(f"/cases/{case_id}/handover", json={**at, "receiver": "family"}, headers=headers),
        room.http.post(
            f"/cases/{case_id}/destroy", json={**at, "print_id": print_id, "cause": "misprint"}, headers=headers
        ),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    fates = {"CardHandedOver", "CardDestroyed"}
    assert len([name for name in await room.names() if name in fates]) == 1
