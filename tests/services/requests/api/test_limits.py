"""Ticks of business time: limits that pass are told once a stage, and 17th birthdays once."""

from services.requests.store import limits
from services.requests.store.lists import worklist
from shared.contract.events import CaseEvent, PrintCompleted, PrintReady, VisitScheduled
from shared.contract.ids import new_id
from tests.services.requests.desk import OFFICE, Desk, fact, letter, resident

SOON = "2026-11-25T08:59:00+07:00"
AFTER_A_DAY = "2026-11-25T09:00:00+07:00"


def scheduled(case_id: str, ends_at: str) -> CaseEvent:
    slot = {"starts_at": ends_at, "ends_at": ends_at, "team": "T1", "visit_id": new_id()}
    return fact(VisitScheduled, case_id, kelurahan="17.02.06.1004", **slot)


def printed(case_id: str) -> CaseEvent:
    return fact(PrintCompleted, case_id, print_id=new_id(), station="P1", serial="BL000001")


async def overdue(desk: Desk) -> list[tuple[str, str]]:
    return [(event["stage"], event["due_at"]) for event in await desk.told("RequestOverdue")]


async def late(desk: Desk) -> tuple[list[str], int, dict[tuple[str], float]]:
    """What the list shows as late, how many the work list counts, and what the gauge tells."""
    items = (await desk.get("/requests", overdue="true")).json()["items"]
    async with desk.db.connection() as conn:
        tally = await worklist.tally(conn, OFFICE)
        return [item["request_id"] for item in items], tally.late, await limits.count_overdue(conn)


async def test_the_legal_limit_is_a_day_after_the_papers_told_once(desk: Desk) -> None:
    filed = await desk.file()
    await desk.takes((1, scheduled(filed["case_ids"][0], "2026-11-26T10:00:00+07:00")))
    await desk.tick(SOON)
    assert await overdue(desk) == []
    for at in (AFTER_A_DAY, AFTER_A_DAY, "2026-11-25T18:00:00+07:00"):
        await desk.tick(at)
    assert await overdue(desk) == [("accepted", "2026-11-25T02:00:00Z")]
    detail = (await desk.get(f"/requests/{filed['request_id']}")).json()
    assert detail["limits_passed"] == [{"stage": "accepted", "due_at": "2026-11-25T02:00:00Z"}]


async def test_the_legal_limit_is_met_when_all_are_printed_or_closed(desk: Desk) -> None:
    filed = await desk.file(resident(), resident())
    await desk.takes((1, printed(filed["case_ids"][0])))
    path = f"/requests/{filed['request_id']}/cases/{filed['case_ids'][1]}/withdraw"
    await desk.post(path, {"at": SOON, "reason": "deceased"})
    await desk.tick(AFTER_A_DAY)
    assert await overdue(desk) == []


async def test_a_passed_limit_is_told_once_for_all_cases_of_a_request(desk: Desk) -> None:
    filed = await desk.file(resident(), resident())
    one, two = filed["case_ids"]
    await desk.takes((1, scheduled(one, SOON)), (1, scheduled(two, AFTER_A_DAY)))
    await desk.tick("2026-11-27T09:00:00+07:00")
    await desk.takes((2, scheduled(one, "2026-11-28T09:00:00+07:00")))
    await desk.tick("2026-11-30T09:00:00+07:00")
    assert await overdue(desk) == [("accepted", "2026-11-25T02:00:00Z"), ("scheduled", "2026-11-26T01:59:00Z")]


async def test_documents_that_stay_incomplete_are_told(desk: Desk) -> None:
    filed = await desk.file(documents_complete=False)
    closed = await desk.file(documents_complete=False)
    await desk.post(f"/requests/{closed['request_id']}/reject", {"at": SOON, "reason": "documents_missing"})
    await desk.tick("2026-11-30T09:00:00+07:00")
    assert await overdue(desk) == []
    await desk.tick("2026-12-01T09:00:00+07:00")
    assert [event["request_id"] for event in await desk.told("RequestOverdue")] == [filed["request_id"]]


async def test_a_closed_request_is_never_late(desk: Desk) -> None:
    filed = await desk.file()
    await desk.takes((1, scheduled(filed["case_ids"][0], SOON)))
    await desk.post(f"/requests/{filed['request_id']}/cancel", {"at": SOON, "reason": "moved_away"})
    await desk.takes((2, scheduled(filed["case_ids"][0], AFTER_A_DAY)))
    await desk.tick("2026-12-24T09:00:00+07:00")
    assert await overdue(desk) == []


async def test_a_drive_whose_list_never_comes_is_late_until_it_ends(desk: Desk) -> None:
    drive = (await desk.drive())["request_id"]
    await desk.tick("2026-12-24T09:00:00+07:00")
    await desk.tick("2026-12-25T09:00:00+07:00")
    [event] = await desk.told("RequestOverdue")
    assert (event["request_id"], event["stage"]) == (drive, "filed")
    assert await late(desk) == ([drive], 1, {("filed",): 1})
    await desk.post(f"/requests/{drive}/cancel", {"at": AFTER_A_DAY, "reason": "filed_by_mistake"})
    assert await late(desk) == ([], 0, {})


async def test_a_card_waits_for_the_17th_birthday_in_the_offices_zone(desk: Desk) -> None:
    filed = await desk.file(resident(birth_date="2009-12-01"), resident(birth_date="2009-12-02"))
    assert [event["print_on_hold"] for event in await desk.told("CaseAdded")] == [True, True]
    await desk.tick("2026-11-30T23:59:59+07:00")
    assert await desk.told("PrintEligible") == []
    await desk.tick("2026-12-01T00:00:00+07:00")
    await desk.tick("2026-12-01T09:00:00+07:00")
    assert [event["case_id"] for event in await desk.told("PrintEligible")] == filed["case_ids"][:1]
    await desk.tick("2027-02-01T09:00:00+07:00")
    assert [event["case_id"] for event in await desk.told("PrintEligible")] == filed["case_ids"]
    assert (await desk.case(filed["request_id"]))["print_on_hold"] is False


async def test_the_east_turns_17_an_hour_earlier(desk: Desk) -> None:
    body = letter(resident(birth_date="2009-12-01"), kelurahan="53.71.01.1001")
    assert (await desk.post("/requests", body, wilayah="53.71")).status_code == 201
    await desk.file(resident(birth_date="2009-12-01"))
    await desk.tick("2026-12-01T00:30:00+08:00")
    assert [event["office"] for event in await desk.told("PrintEligible")] == ["53.71"]


async def test_a_withdrawn_16_year_old_is_not_told(desk: Desk) -> None:
    filed = await desk.file(resident(birth_date="2009-12-01"))
    await desk.post(f"/requests/{filed['request_id']}/cancel", {"at": SOON, "reason": "moved_away"})
    await desk.tick("2026-12-01T09:00:00+07:00")
    assert await desk.told("PrintEligible") == []


async def test_a_print_on_hold_is_late_only_after_the_birthday(desk: Desk) -> None:
    filed = await desk.file(resident(birth_date="2009-12-20"))
    await desk.takes((1, fact(PrintReady, filed["case_ids"][0])))
    await desk.tick("2026-12-19T09:00:00+07:00")
    assert await overdue(desk) == []
    await desk.tick("2026-12-20T09:00:00+07:00")
    assert await overdue(desk) == []
    await desk.tick("2026-12-23T09:00:00+07:00")
    assert await overdue(desk) == [("print_ready", "2026-12-23T02:00:00Z")]


async def test_a_card_on_hold_until_17_does_not_keep_its_letter_late(desk: Desk) -> None:
    filed = await desk.file(resident(), resident(birth_date="2009-12-20"))
    old, young = filed["case_ids"]
    await desk.takes((1, fact(PrintReady, old)), (1, fact(PrintReady, young)))
    await desk.tick("2026-12-01T09:00:00+07:00")
    assert [stage for stage, _ in await overdue(desk)] == ["accepted", "print_ready"]
    assert await late(desk) == ([filed["request_id"]], 1, {("accepted",): 1, ("print_ready",): 1})
    await desk.takes((2, printed(old)))
    assert await late(desk) == ([], 0, {})
