"""A NIK stays taken until dispatch has said that no card of it is outstanding; what waits for whom is shown."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from services.requests.domain.rules.policy import Policies
from services.requests.domain.stages import step_of
from services.requests.domain.tracking.codes import read
from services.requests.store import letters, steps
from services.requests.usecases.tracking import look
from shared.contract.events import (
    CardDestroyed,
    CardHandedOver,
    CaseClosed,
    CaseEvent,
    PrintCompleted,
    PrintReady,
    VisitCompleted,
    VisitDeferred,
    VisitScheduled,
    VisitsResumed,
)
from shared.contract.fields import ClosingReason
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.requests.desk import MORNING, Desk, fact, letter, resident
from tests.support.polling import until

NIK = "1702065708500001"
CARD = {"print_id": str(new_id()), "station": "P1", "serial": "BL000001"}
VISIT = {"visit_id": str(new_id())}
LATER = "2026-11-24T15:00:00+07:00"


async def accepted(desk: Desk) -> tuple[str, str]:
    """An accepted case of the NIK: its request and its id."""
    filed = await desk.file(resident(nik=NIK))
    return filed["request_id"], filed["case_ids"][0]


async def withdraw(desk: Desk, request_id: str, case_id: str, status: int = 200) -> Any:
    path = f"/requests/{request_id}/cases/{case_id}/withdraw"
    answer = await desk.post(path, {"at": LATER, "reason": "asked_by_resident"})
    assert answer.status_code == status, answer.text
    return answer.json()


async def refusal(desk: Desk) -> str | None:
    """What somebody is told who files for the NIK; None when it is free. Nothing is filed."""
    answer = await desk.post("/requests/check", letter(resident(nik=NIK)))
    said = [error["rule"] for error in answer.json()["errors"]]
    return said[0] if said else None


def closed(case_id: str, *, card: bool, reason: str = "withdrawn") -> CaseEvent:
    return fact(CaseClosed, case_id, reason=reason, card_outstanding=card)


def destroyed(case_id: str, *, over: bool, cause: str = "case_closed") -> CaseEvent:
    return fact(CardDestroyed, case_id, **CARD, cause=cause, case_over=over)


async def shown(desk: Desk, request_id: str) -> str:
    """The state of the case, which the list and its filter know too."""
    state = (await desk.case(request_id))["stage"]
    listed = (await desk.get("/requests", stage=state)).json()["items"]
    assert [item["request_id"] for item in listed if item["request_id"] == request_id], state
    for other in ("accepted", "visited", "cancelled"):
        if other != state:
            listed = (await desk.get("/requests", stage=other)).json()["items"]
            assert request_id not in [item["request_id"] for item in listed]
    return str(state)


async def test_who_was_never_accepted_is_free_at_once(desk: Desk) -> None:
    filed = await desk.file(resident(nik=NIK, service="lost"), documents_complete=False)
    await withdraw(desk, filed["request_id"], filed["case_ids"][0])
    assert await refusal(desk) is None
    assert await shown(desk, filed["request_id"]) == "cancelled"


@pytest.mark.parametrize("how", ["withdrawn", "cancelled"])
async def test_the_nik_stays_taken_until_dispatch_answers(desk: Desk, how: str) -> None:
    request_id, case_id = await accepted(desk)
    if how == "withdrawn":
        await withdraw(desk, request_id, case_id)
    else:
        body = {"at": LATER, "reason": "asked_by_resident"}
        assert (await desk.post(f"/requests/{request_id}/cancel", body)).status_code == 200
    assert await shown(desk, request_id) == "awaiting_answer"
    assert "menunggu jawaban petugas" in str(await refusal(desk))
    assert (await desk.post("/requests", letter(resident(nik=NIK)))).status_code == 409
    await desk.takes((1, closed(case_id, card=False)))
    assert await shown(desk, request_id) == "cancelled"
    await desk.file(resident(nik=NIK))


@pytest.mark.parametrize("fate", ["handed over", "destroyed"])
async def test_while_its_card_is_left_the_nik_is_taken(desk: Desk, fate: str) -> None:
    request_id, case_id = await accepted(desk)
    await withdraw(desk, request_id, case_id)
    await desk.takes((1, fact(PrintCompleted, case_id, **CARD)))
    assert await shown(desk, request_id) == "awaiting_answer"
    await desk.takes((2, closed(case_id, card=True)))
    assert await shown(desk, request_id) == "card_outstanding"
    assert "menyerahkan atau memusnahkan kartu itu" in str(await refusal(desk))
    last = (
        fact(CardHandedOver, case_id, receiver="family") if fate == "handed over" else destroyed(case_id, over=True)
    )
    await desk.takes((3, last))
    assert await shown(desk, request_id) == ("handed_over" if fate == "handed over" else "cancelled")
    assert await refusal(desk) is None


async def test_an_answer_that_comes_late_takes_nothing_back(desk: Desk) -> None:
    request_id, case_id = await accepted(desk)
    await withdraw(desk, request_id, case_id)
    await desk.takes((3, destroyed(case_id, over=True)))
    await desk.file(resident(nik=NIK))
    await desk.takes((2, closed(case_id, card=True)), (1, fact(PrintCompleted, case_id, **CARD)))
    assert await shown(desk, request_id) == "cancelled"


async def test_a_card_destroyed_on_an_open_case_is_printed_again(desk: Desk) -> None:
    request_id, case_id = await accepted(desk)
    way = [fact(PrintReady, case_id), fact(PrintCompleted, case_id, **CARD)]
    await desk.takes(*enumerate([*way, destroyed(case_id, over=False, cause="misprint")], start=1))
    assert await shown(desk, request_id) == "print_ready"
    assert "sudah punya kasus yang berjalan" in str(await refusal(desk))
    await withdraw(desk, request_id, case_id)
    assert await shown(desk, request_id) == "awaiting_answer"


async def test_an_unclaimed_card_ends_the_case_with_the_reason(desk: Desk) -> None:
    request_id, case_id = await accepted(desk)
    way = [fact(PrintCompleted, case_id, **CARD), destroyed(case_id, over=True, cause="unclaimed")]
    await desk.takes(*enumerate(way, start=1))
    case = await desk.case(request_id)
    assert (case["stage"], case["end_reason"]) == ("cancelled", "unclaimed")
    assert await refusal(desk) is None
    await withdraw(desk, request_id, case_id, status=409)


async def test_a_printed_card_is_not_withdrawn_but_handed_over(desk: Desk) -> None:
    request_id, case_id = await accepted(desk)
    await desk.takes((1, fact(PrintCompleted, case_id, **CARD)))
    assert "memusnahkannya" in (await withdraw(desk, request_id, case_id, status=409))["detail"]
    body = {"at": LATER, "reason": "asked_by_resident"}
    assert "memusnahkannya" in (await desk.post(f"/requests/{request_id}/cancel", body)).json()["detail"]


# --- a print that is told of while the case is withdrawn -----------------------------------------------------------


async def race(desk: Desk, first: Callable[[Any], Awaitable[None]], second: Callable[[], Awaitable[Any]]) -> Any:
    """`second` begins before `first`, whose work is done, commits; that waits until `second` is done or waits."""
    async with desk.db.transaction() as conn:
        await first(conn)
        task = asyncio.ensure_future(second())

        async def done_or_waits() -> bool:
            waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            return task.done() or bool(await desk.rows(waiting))

        await until(done_or_waits, what="the second to end or to wait")
    return await task


@pytest.mark.parametrize("what", ["withdraw", "cancel"])
async def test_a_print_that_is_told_of_first_is_not_withdrawn_over(desk: Desk, what: str) -> None:
    request_id, case_id = await accepted(desk)
    printed: Any = fact(PrintCompleted, case_id, **CARD)

    async def told(conn: Any) -> None:
        await steps.add(conn, [step_of(printed, 1, Policies.load().of("17.02"))])

    path = f"/requests/{request_id}" + (f"/cases/{case_id}/withdraw" if what == "withdraw" else "/cancel")
    answer = await race(desk, told, lambda: desk.post(path, {"at": LATER, "reason": "asked_by_resident"}))
    assert answer.status_code == 409
    assert await shown(desk, request_id) == "printed"
    assert await refusal(desk) is not None
    assert await desk.told("CaseWithdrawn", "RequestCancelled") == []


async def test_a_print_told_during_the_withdrawal_undoes_nothing(desk: Desk) -> None:
    request_id, case_id = await accepted(desk)

    async def withdrawn(conn: Any) -> None:
        at = step_of(fact(PrintReady, case_id), 1, Policies.load().of("17.02")).at
        await letters.lock(conn, UUID(request_id), [UUID(case_id)])
        await letters.withdraw(conn, UUID(case_id), at, ClosingReason.MOVED_AWAY)

    await race(desk, withdrawn, lambda: desk.takes((1, fact(PrintCompleted, case_id, **CARD))))
    assert await shown(desk, request_id) == "awaiting_answer"
    assert await refusal(desk) is not None
    assert [row["due_at"] for row in await desk.rows("select due_at from case_file")] == [None]


# --- after the last visit without a record -------------------------------------------------------------------------


def in_vain(case_id: str) -> list[CaseEvent]:
    slot = {"team": "T1", "starts_at": MORNING, "ends_at": LATER, "kelurahan": "17.02.06.1004"}
    return [
        fact(VisitScheduled, case_id, **VISIT, **slot),
        fact(VisitCompleted, case_id, LATER, **VISIT, outcome="absent"),
        fact(VisitDeferred, case_id, LATER, reason="outcome"),
    ]


async def test_a_case_that_awaits_a_decision_says_so_with_its_limit(desk: Desk) -> None:
    request_id, case_id = await accepted(desk)
    await desk.takes(*enumerate(in_vain(case_id), start=1))
    case = await desk.case(request_id)
    assert (await shown(desk, request_id), case["due_at"]) == ("awaiting_decision", "2026-11-27T08:00:00Z")
    [listed] = (await desk.get("/requests")).json()["items"]
    assert (listed["stage"], listed["states"]) == ("awaiting_decision", {"awaiting_decision": 1})
    await desk.tick("2026-11-27T16:00:00+07:00")
    assert [(told["stage"], told["due_at"]) for told in await desk.told("RequestOverdue")] == [
        ("accepted", "2026-11-25T02:00:00Z"),
        ("visited", "2026-11-27T08:00:00Z"),
    ]
    assert (await desk.get("/requests", overdue="true")).json()["items"][0]["request_id"] == request_id


async def test_a_decision_puts_the_case_back_or_frees_the_nik(desk: Desk) -> None:
    request_id, case_id = await accepted(desk)
    await desk.takes(*enumerate(in_vain(case_id), start=1))
    await desk.takes((4, fact(VisitsResumed, case_id, reason="resident_ready")))
    assert await shown(desk, request_id) == "accepted"
    await desk.takes(*enumerate(in_vain(case_id), start=5))
    assert await refusal(desk) is not None
    await desk.takes((8, closed(case_id, card=False, reason="not_found")))
    case = await desk.case(request_id)
    assert (case["stage"], case["end_reason"], case["stages"][-1]["stage"]) == ("cancelled", "not_found", "cancelled")
    assert await refusal(desk) is None
    await withdraw(desk, request_id, case_id, status=409)


async def test_a_case_that_waits_for_a_decision_may_be_withdrawn(desk: Desk) -> None:
    request_id, case_id = await accepted(desk)
    await desk.takes(*enumerate(in_vain(case_id), start=1))
    await withdraw(desk, request_id, case_id)
    assert await shown(desk, request_id) == "awaiting_answer"


async def test_pages_and_family_read_what_a_case_waits_for(desk: Desk) -> None:
    filed = await desk.file(resident(nik=NIK, phone="081234567891"))
    request_id, case_id = filed["request_id"], filed["case_ids"][0]
    code = read((await desk.case(request_id))["tracking"])
    facts = [*in_vain(case_id), closed(case_id, card=True), destroyed(case_id, over=True)]
    for number, (event, state) in enumerate(
        zip(facts, ("scheduled", "visited", "awaiting_decision", "card_outstanding", "cancelled"), strict=True), 1
    ):
        await desk.takes((number, event))
        async with desk.db.connection() as conn:
            progress = await look(conn, desk.vault, code, "7891")
        assert progress is not None
        assert progress.state == state
    assert (await desk.get("/requests", Role.PROVINCIAL, "17")).status_code == 200
