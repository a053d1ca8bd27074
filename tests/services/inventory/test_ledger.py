"""The ledger on a real database: every card once, whatever comes in whatever order, however often."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from services.inventory.store import verify
from services.inventory.usecases import prints
from shared.contract.envelope import Message
from shared.contract.ids import new_id
from shared.database.pool import Database
from tests.services.inventory.store import (
    MONDAY,
    OFFICES,
    all_rows,
    approved,
    balances,
    consumers_on,
    destroyed,
    printed,
    receive,
    spoiled,
    take,
    tick,
    told,
)
from tests.support.records import attributes, record


@pytest.fixture
async def db(database: Callable[[str], Awaitable[str]]) -> AsyncIterator[Database]:
    opened = await Database.connect(await database("inventory"), size=8)
    yield opened
    await opened.close()


async def test_a_print_takes_a_card_of_its_tray_and_a_spoil_is_waste(db: Database) -> None:
    await receive(db, "17.02", 500)
    await take(db, printed(), printed(station="P2"), spoiled())
    async with db.connection() as conn:
        assert await balances(conn) == {
            "17.02:outside": -500,
            "17.02:office_store": 500,
            "17.02:tray:P1": -2,
            "17.02:tray:P2": -1,
            "17.02:printed": 2,
            "17.02:spoiled": 1,
        }
        assert await conn.fetchval("select on_hand from office_stock") == 497
        assert await conn.fetchval("select reference from movement where kind = 'spoil'") == "misprint"
        found = await verify.verify(conn)
    assert (found.sum, found.movements, found.differences) == (0, 4, [])


async def test_a_destroyed_card_is_moved_once_and_takes_no_blank(
    db: Database,
) -> None:
    await receive(db, "17.02", 500)
    card, kept = printed(), printed()
    gone = record(destroyed(card))
    await take(db, destroyed(earlier := printed()))  # heard before its print
    await take(db, card, kept, earlier)
    for _ in range(2):
        await consumers_on(db)[0].process([gone])
    await take(db, destroyed(card, cause="misprint"))  # the same card, told under another event
    async with db.connection() as conn:
        assert await balances(conn) == {
            "17.02:outside": -500,
            "17.02:office_store": 500,
            "17.02:tray:P1": -3,
            "17.02:printed": 1,
            "17.02:destroyed": 2,
        }
        assert await conn.fetchval("select on_hand from office_stock") == 497
        found = await verify.verify(conn)
        days = await conn.fetchrow("select printed, spoiled from office_day where printed > 0")
    assert (found.sum, found.movements, found.differences) == (0, 6, [])
    assert (days["printed"], days["spoiled"]) == (3, 0)


async def test_the_day_of_a_movement_is_that_of_the_offices_clock(db: Database) -> None:
    event = printed("53.71").model_copy(update={"at": printed().at.replace(hour=16, minute=30)})
    await take(db, event)
    async with db.connection() as conn:
        assert str(await conn.fetchval("select day from movement")) == "2026-04-07"
        assert str(await conn.fetchval("select day from office_day")) == "2026-04-07"


KEPT = ("account", "office_day")


@given(st.data())
@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_order_and_repetition_leaves_the_same_balances(db: Database, data: st.DataObject) -> None:
    offices = ["17.02", "17.71", "53.71"]
    made = [make(office, station=f"P{n % 2}") for n, office in enumerate(offices * 3) for make in (printed, spoiled)]
    messages: list[Message[Any]] = [Message(event, new_id(), 1, {}) for event in made]
    repeated = messages + data.draw(st.lists(st.sampled_from(messages), max_size=20))
    shuffled = data.draw(st.permutations(repeated))
    size = data.draw(st.integers(1, len(shuffled)))
    batches = [shuffled[n : n + size] for n in range(0, len(shuffled), size)]
    assert await _left_by(db, batches) == await _left_by(db, [messages])


class RolledBack(Exception):
    """Ends an example."""


async def _left_by(db: Database, batches: list[list[Message[Any]]]) -> list[list[asyncpg.Record]]:
    try:
        async with db.transaction() as conn:
            for batch in batches:
                await prints.record_prints(conn, OFFICES, batch)
            found = await verify.verify(conn)
            assert (found.sum, found.differences) == (0, [])
            left = await all_rows(conn, KEPT)
            raise RolledBack
    except RolledBack:
        return left


async def test_a_card_with_two_fates_is_set_aside_alone(db: Database) -> None:
    cases, _ = consumers_on(db)
    first = printed()
    poison = [printed(serial=first.serial), spoiled(print_id=first.print_id), printed("99.99")]
    batch = [record(event) for event in (printed(), poison[0], first, poison[1], printed(), poison[2])]
    await cases.process([record(first)])
    await cases.process(batch)
    await cases.process(batch)
    async with db.connection() as conn:
        assert (await balances(conn))["17.02:printed"] == 3
        reasons = await conn.fetch("select reason, detail from dead_letter")
    assert [row["reason"] for row in reasons] == ["refused"] * 3
    assert cases.failures == 0


async def test_the_same_print_under_another_event_id_is_a_repeat(db: Database) -> None:
    event = printed()
    await take(db, event)
    await take(db, event, printed())
    async with db.connection() as conn:
        assert (await balances(conn))["17.02:printed"] == 2
        assert await conn.fetchval("select count(*) from dead_letter") == 0


async def test_three_consumers_on_one_office_tell_each_crossing_once(
    db: Database, database: Callable[[str], Awaitable[str]]
) -> None:
    await receive(db, "17.02", 300)
    dsn = db.pool._connect_args[0]
    others = [await Database.connect(dsn, size=2) for _ in range(3)]
    records = [record(printed(station=f"P{n % 3}")) for n in range(320)]

    async def consume(which: int) -> None:
        cases, _ = consumers_on(others[which])
        for start in range(which * 4, len(records), 12):
            # Each batch also brings some that another consumer has in hand.
            await cases.process(records[max(0, start - 2) : start + 4])

    await asyncio.gather(*(consume(which) for which in range(3)))
    levels = await told(db, "StockLow", "StockCritical", "StockOut", "StockRecovered")
    assert [(e["type"], e["crossing"]) for e in levels] == [("StockLow", 1), ("StockCritical", 2), ("StockOut", 3)]
    rationing = await told(db, "RationingChanged")
    assert [(e["active"], e["state_version"], e["allowed"]) for e in rationing] == [(True, 2, ["first"])]
    async with db.connection() as conn:
        found = await verify.verify(conn)
        assert await conn.fetchval("select on_hand from office_stock") == -20
    assert (found.sum, found.movements, found.differences) == (0, 321, [])
    for other in others:
        await other.close()


@pytest.mark.parametrize("poison", [False, True], ids=["in parts", "one by one"])
async def test_consumers_with_opposite_office_orders_never_deadlock(
    db: Database, poison: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch is more than one statement: parts of it, or each of its events. A province ships meanwhile."""
    monkeypatch.setattr("shared.messaging.batch_processor.DECODE_CHUNK", 2)
    offices = [office.code for office in OFFICES]
    for province in {code[:2] for code in offices}:
        await receive(db, province, 10_000)
    before = await _deadlocks(db)

    async def consume(order: list[str]) -> None:
        cases, _ = consumers_on(db)
        for _ in range(3):
            await cases.process([record(printed(code)) for code in order] + [record(printed("99.99"))] * poison)

    async def supply() -> None:
        _, alerts = consumers_on(db)
        for code, other in zip(offices, reversed(offices), strict=True):
            await alerts.process([record(approved(10, code)), record(approved(10, other))])
            await receive(db, offices[0][:2], 10)

    await asyncio.gather(consume(offices * 4), consume(offices[::-1] * 4), supply())
    assert await _deadlocks(db) == before
    async with db.connection() as conn:
        found = await verify.verify(conn)
    assert (found.sum, found.differences) == (0, [])


async def _deadlocks(db: Database) -> int:
    async with db.connection() as conn:
        await conn.execute("select pg_stat_force_next_flush()")
        return int(await conn.fetchval("select deadlocks from pg_stat_database where datname = current_database()"))


async def test_prints_receipts_shipments_and_closings_never_deadlock(db: Database) -> None:
    offices = ["17.02", "17.71", "32.74", "53.71"]
    await receive(db, "17", 10_000)
    records = [record(printed(offices[n % 4])) for n in range(400)]

    async def consume(which: int) -> None:
        cases, _ = consumers_on(db)
        for start in range(which * 20, len(records), 40):
            await cases.process(records[max(0, start - 20) : start + 20][:: 1 - 2 * which])

    async def supply() -> None:
        _, alerts = consumers_on(db)
        for n in range(10):
            await alerts.process([record(approved(200, office)) for office in ("17.71", "17.02")])
            await receive(db, offices[n % 4], 10)

    async def close() -> None:
        for n in range(10):
            await tick(db, MONDAY + timedelta(days=n))

    await asyncio.gather(consume(0), consume(1), supply(), close())
    async with db.connection() as conn:
        found = await verify.verify(conn)
        assert await conn.fetchval("select deadlocks from pg_stat_database where datname = current_database()") == 0
        assert (await balances(conn))["17:provincial_store"] == 6000
    assert (found.sum, found.movements, found.differences) == (0, 400 + 1 + 20 + 10, [])


async def test_the_ledger_refuses_every_change_of_the_past(db: Database) -> None:
    await receive(db, "17.02", 5)
    async with db.connection() as conn:
        for statement in ("update movement set quantity = 1", "delete from movement", "truncate movement cascade"):
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await conn.execute(statement)


async def test_verify_finds_a_balance_that_differs_from_its_movements(db: Database) -> None:
    await receive(db, "17.02", 5)
    async with db.connection() as conn:
        await conn.execute("update account set balance = 7 where name = '17.02:office_store'")
        await conn.execute("update office_stock set on_hand = 8")
        await conn.execute("update office_day set received = 9")
        found = await verify.verify(conn)
    assert found.sum == 2
    assert [(d.what, d.kept, d.counted) for d in found.differences] == [
        ("account 17.02:office_store", 7, 5),
        ("on hand 17.02", 8, 5),
        ("day 17.02 2026-04-06", 9, 5),
    ]


async def test_a_crossing_is_traced_to_the_print_that_caused_it(db: Database) -> None:
    await receive(db, "17.02", 231)
    cases, _ = consumers_on(db)
    last = new_id()
    await cases.process([record(printed("17.71")), record(printed(), event_id=last), record(printed("17.71"))])
    async with db.connection() as conn:
        headers = await conn.fetchval(
            "select headers from outbox where value like '%\"crossing\":1%' and key = '17.02'"
        )
    assert attributes(headers)["ce_causationid"] == str(last)
