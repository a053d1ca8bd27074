"""Blank cards while devices say what they like of time."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from services.inventory.api.views.ledger import ReportView
from services.inventory.store import reports, shipments, verify
from services.inventory.usecases import closing
from services.inventory.usecases import shipments as shipment_usecases
from shared.clock import advance
from shared.contract.envelope import MessageContext
from shared.database.pool import Database
from shared.reference.device_time import WrongClock
from shared.security.auth import Identity, Role
from tests.services.inventory.store import MONDAY, OFFICES, approved, consumers_on, printed, receive, take, told
from tests.support.records import record

DAY = timedelta(days=1)
DEADLINE = MONDAY.replace(hour=9)
STORE = Identity.of("gudang", Role.STOREKEEPER, "17.02")


@pytest.fixture
async def db(database: Callable[[str], Awaitable[str]]) -> AsyncIterator[Database]:
    opened = await Database.connect(await database("inventory"), size=4)
    await tick(opened, MONDAY - timedelta(hours=2))
    yield opened
    await opened.close()


async def tick(db: Database, at: datetime) -> None:
    async with db.transaction() as conn:
        await advance(conn, at)
        await closing.close_days(conn, OFFICES, at)


async def closings(db: Database) -> dict[str, int]:
    """The latest told closing of each day."""
    async with db.connection() as conn:
        found = await reports.latest(conn, "17.02", date.max, 1000)
        assert (await verify.verify(conn)).differences == []
    return {f"{report.figures.day}": report.closing for report in found}


async def test_a_backdated_print_takes_no_cards_from_days_without_any(db: Database) -> None:
    await tick(db, DEADLINE - DAY)
    await receive(db, "17.02", 100)
    for day in range(3):
        await tick(db, DEADLINE + day * DAY)
    before = await closings(db)
    wrong = [printed(at=MONDAY - 3 * DAY), printed(at=datetime(2011, 6, 1, tzinfo=UTC))]
    right = printed(at=MONDAY + DAY)
    await take(db, *wrong, right, *wrong)
    await tick(db, DEADLINE + 3 * DAY)
    after = await closings(db)
    assert min(after.values()) >= 0
    assert min(after) >= min(before)  # nothing of 2011 is told
    assert [after[f"2026-04-0{day}"] for day in (6, 7, 8, 9)] == [100, 99, 99, 97]
    corrected = await told(db, "StockReportCorrected")
    assert {(event["day"], event["printed"]) for event in corrected} == {("2026-04-07", 1), ("2026-04-08", 0)}


async def test_a_future_print_counts_today_and_is_told_of_today(db: Database) -> None:
    """As an older version may have stated it."""
    await receive(db, "17.02", 100)
    await tick(db, MONDAY)
    await take(db, *(printed(at=datetime(2099, 1, 1, tzinfo=UTC)) for _ in range(5)))
    assert {event["at"] for event in await told(db, "StockCritical")} == {"2026-04-06T02:00:00Z"}
    await tick(db, DEADLINE)
    assert await closings(db) == {"2026-04-06": 95}


async def test_a_day_that_closes_below_zero_asks_for_a_count(db: Database) -> None:
    await take(db, printed())
    await tick(db, DEADLINE)
    async with db.connection() as conn:
        (report,) = await reports.latest(conn, "17.02", date.max, 9)
    assert (ReportView.model_validate(report).closing, ReportView.model_validate(report).needs_opname) == (-1, True)


async def test_cards_arrive_after_they_left_and_leave_after_the_grant(db: Database) -> None:
    first, second = approved(40), approved(40)
    back = approved(40).model_copy(update={"at": datetime(2011, 1, 1, tzinfo=UTC)})
    await consumers_on(db)[1].process([record(event) for event in (first, second, back)])
    await receive(db, "17", 80, at=MONDAY - 5 * DAY)
    async with db.transaction() as conn:
        # Whoever was granted cards first has them first, whatever a device says of the day.
        states = {each.shipment_id: each for each in await shipments.visible(conn, "17", "", None, 9)}
        assert [states[each.shipment_id].dispatched for each in (first, second, back)] == [40, 40, None]
        assert states[first.shipment_id].dispatched_at == MONDAY
        with pytest.raises(WrongClock, match="keberangkatan kiriman"):
            await shipment_usecases.receive_shipment(
                conn, OFFICES, MessageContext.new(), STORE, MONDAY - 2 * DAY, first.shipment_id, 40
            )
        counted = await shipment_usecases.receive_shipment(
            conn, OFFICES, MessageContext.new(), STORE, MONDAY - timedelta(hours=3), first.shipment_id, 40
        )
    assert counted.received_at == MONDAY
