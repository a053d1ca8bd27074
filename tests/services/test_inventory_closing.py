"""The close of days on a real database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta

import pytest

from shared.db import Database
from tests.services.inventory_help import MONDAY, OFFICES, printed, receive, spoiled, take, tick, told

DEADLINE = MONDAY.replace(hour=9)
"""16:00 in Rejang Lebong."""


@pytest.fixture
async def db(database: Callable[[str], Awaitable[str]]) -> AsyncIterator[Database]:
    opened = await Database.connect(await database("inventory"), size=4)
    yield opened
    await opened.close()


def figures(event: dict[str, object]) -> tuple[object, ...]:
    return tuple(event[name] for name in ("day", "opening", "received", "printed", "spoiled", "closing"))


async def test_a_day_is_reported_once_at_its_deadline_and_only_by_offices_with_movements(db: Database) -> None:
    await receive(db, "17.02", 773)
    await receive(db, "17", 5000)
    await take(db, printed(), printed(), spoiled())
    await tick(db, DEADLINE - timedelta(seconds=1))
    assert await told(db, "StockReported") == []
    await tick(db, DEADLINE)
    await tick(db, DEADLINE)
    await tick(db, DEADLINE + timedelta(hours=5))
    reported = await told(db, "StockReported", "StockReportCorrected")
    assert [(e["office"], *figures(e)) for e in reported] == [("17.02", "2026-04-06", 0, 773, 2, 1, 770)]


async def test_a_late_fact_corrects_its_day_and_the_days_after_it(db: Database) -> None:
    await receive(db, "17.02", 773)
    await tick(db, DEADLINE + timedelta(days=1))
    await take(db, printed(at=MONDAY))
    await tick(db, DEADLINE + timedelta(days=1, minutes=1))
    await tick(db, DEADLINE + timedelta(days=1, minutes=2))
    reported = await told(db, "StockReported")
    corrected = await told(db, "StockReportCorrected")
    assert [figures(e) for e in reported] == [
        ("2026-04-06", 0, 773, 0, 0, 773),
        ("2026-04-07", 773, 0, 0, 0, 773),
    ]
    assert [(*figures(e), e["revision"]) for e in corrected] == [
        ("2026-04-06", 0, 773, 1, 0, 772, 2),
        ("2026-04-07", 772, 0, 0, 0, 772, 2),
    ]


async def test_a_fact_of_tomorrow_waits_for_tomorrows_report(db: Database) -> None:
    await receive(db, "17.02", 773)
    await take(db, printed(at=MONDAY + timedelta(days=1)))
    await tick(db, DEADLINE)
    await tick(db, DEADLINE + timedelta(days=1))
    reported = await told(db, "StockReported", "StockReportCorrected")
    assert [figures(e) for e in reported] == [
        ("2026-04-06", 0, 773, 0, 0, 773),
        ("2026-04-07", 773, 0, 1, 0, 772),
    ]


async def test_rationing_is_announced_again_at_each_close_with_its_version(db: Database) -> None:
    await receive(db, "17.02", 99)
    for day in range(3):
        await tick(db, DEADLINE + timedelta(days=day))
    await receive(db, "17.02", 500)
    await tick(db, DEADLINE + timedelta(days=3))
    states = await told(db, "RationingChanged")
    assert [(e["state_version"], e["active"]) for e in states] == [(2, True)] * 4 + [(3, False)] * 2


async def test_usage_and_thresholds_follow_the_last_twenty_working_days(db: Database) -> None:
    office = OFFICES["17.02"]
    await receive(db, "17.02", 3000)
    days = [d for d in (date(2026, 4, 6) + timedelta(days=n) for n in range(60)) if office.works_on(d)][:20]
    for day in days:
        at = MONDAY + timedelta(days=(day - date(2026, 4, 6)).days)
        await take(db, *(printed(at=at) for _ in range(100)))
    close = DEADLINE + timedelta(days=(days[-1] - date(2026, 4, 6)).days)
    await tick(db, close - timedelta(days=1))
    async with db.reading() as conn:
        assert await conn.fetchval("select usage from office_stock") == 33
    assert await told(db, "StockLow") == []
    await tick(db, close)
    async with db.reading() as conn:
        row = await conn.fetchrow("select * from office_stock")
    assert (row["usage"], row["low_at"], row["critical_at"], row["recovered_at"]) == (100, 700, 300, 1000)
    assert row["on_hand"] == 1000
    await take(db, *(printed(at=close) for _ in range(301)))
    (low,) = await told(db, "StockLow")
    assert (low["usage"], low["on_hand"], low["cover"]) == (100, 699, 6.99)
