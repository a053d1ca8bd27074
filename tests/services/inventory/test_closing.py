"""The close of days on a real database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta

import pytest

from shared.database.pool import Database
from tests.services.inventory.store import MONDAY, OFFICES, printed, receive, spoiled, take, tick, told

DEADLINE = MONDAY.replace(hour=9)
"""16:00 in Rejang Lebong."""


@pytest.fixture
async def db(database: Callable[[str], Awaitable[str]]) -> AsyncIterator[Database]:
    opened = await Database.connect(await database("inventory"), size=4)
    yield opened
    await opened.close()


def figures(event: dict[str, object]) -> tuple[object, ...]:
    return tuple(event[name] for name in ("day", "opening", "received", "printed", "spoiled", "closing"))


async def test_a_day_with_movements_is_reported_once_at_its_deadline(db: Database) -> None:
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


async def test_rationing_is_announced_at_each_close_with_its_version(db: Database) -> None:
    await receive(db, "17.02", 99)
    for day in range(3):
        await tick(db, DEADLINE + timedelta(days=day))
    await receive(db, "17.02", 500)
    await tick(db, DEADLINE + timedelta(days=3))
    states = await told(db, "RationingChanged")
    assert [(e["state_version"], e["active"]) for e in states] == [(2, True)] * 4 + [(3, False)] * 2


async def test_usage_and_thresholds_follow_the_last_20_working_days(db: Database) -> None:
    office = OFFICES["17.02"]
    await receive(db, "17.02", 3000)
    days = [d for d in (date(2026, 4, 6) + timedelta(days=n) for n in range(60)) if office.works_on(d)][:20]
    for day in days:
        at = MONDAY + timedelta(days=(day - date(2026, 4, 6)).days)
        await take(db, *(printed(at=at) for _ in range(100)))
    close = DEADLINE + timedelta(days=(days[-1] - date(2026, 4, 6)).days)
    await tick(db, close - timedelta(days=1))
    async with db.connection() as conn:
        assert await conn.fetchval("select usage from office_stock") == 33
    assert await told(db, "StockLow") == []
    await tick(db, close)
    async with db.connection() as conn:
        row = await conn.fetchrow("select * from office_stock")
    assert (row["usage"], row["low_at"], row["critical_at"], row["recovered_at"]) == (100, 700, 300, 1000)
    assert row["on_hand"] == 1000
    await take(db, *(printed(at=close) for _ in range(301)))
    (low,) = await told(db, "StockLow")
    assert (low["usage"], low["on_hand"], low["cover"]) == (100, 699, 6.99)


def working_days(count: int) -> list[date]:
    """The office's working days from Monday on."""
    office, day, found = OFFICES["17.02"], MONDAY.date(), list[date]()
    while len(found) < count:
        found += [day] if office.works_on(day) else []
        day += timedelta(days=1)
    return found


async def work(db: Database, days: list[date], prints: int) -> None:
    """On each of these days so many cards are printed, and the day is closed."""
    for day in days:
        later = day - MONDAY.date()
        await take(db, *(printed(at=MONDAY + later) for _ in range(prints)))
        await tick(db, DEADLINE + later)


async def stock_of(db: Database) -> dict[str, object]:
    async with db.connection() as conn:
        return dict(await conn.fetchrow("select usage, on_hand, level, rationing from office_stock") or {})


async def test_days_without_blanks_do_not_lower_the_usage(db: Database) -> None:
    days = working_days(21)
    await receive(db, "17.02", 5 * 33)
    await work(db, days[:5], 33)
    await work(db, days[5:20], 0)
    assert await stock_of(db) == {"usage": 33, "on_hand": 0, "level": "out", "rationing": True}
    await receive(db, "17.02", 100, at=MONDAY + (days[20] - MONDAY.date()))
    assert await stock_of(db) == {"usage": 33, "on_hand": 100, "level": "low", "rationing": True}
    assert await told(db, "StockRecovered") == []


async def test_usage_is_what_was_printed_while_there_were_blanks(db: Database) -> None:
    days = working_days(36)
    await receive(db, "17.02", 20 * 50)
    await work(db, days[:20], 50)
    await work(db, days[20:35], 0)
    assert (await stock_of(db))["usage"] == 50
    await receive(db, "17.02", 800, at=MONDAY + (days[35] - MONDAY.date()))
    (recovered,) = await told(db, "StockRecovered")
    assert (recovered["usage"], recovered["cover"]) == (50, 16)


async def test_rationed_days_say_nothing_of_usage(db: Database) -> None:
    days = working_days(40)
    await receive(db, "17.02", 20 * 40 + 100)
    await work(db, days[:20], 40)
    # From here on there are 100 blanks, 2.5 days' worth: only the first cards are printed, five a day.
    await work(db, days[20:39], 5)
    assert (await stock_of(db))["rationing"] is True
    async with db.connection() as conn:
        rationed = [row["day"] for row in await conn.fetch("select day from rationed_day order by day")]
    assert [day for day in rationed if OFFICES["17.02"].works_on(day)] == days[19:39]
    assert (await stock_of(db))["usage"] == 40
