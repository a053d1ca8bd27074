"""The books are held against themselves: whatever a superuser bends is found, and named."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta

import pytest

from ops.admin import ledger, print_comparison
from ops.system.discovery import RunningSystem
from services.inventory.store import audit
from services.inventory.usecases import receipts
from shared.contract.envelope import MessageContext
from shared.contract.events import PrintCompleted, PrintSpoiled
from shared.database.connection import Connection
from shared.database.pool import Database
from tests.services.inventory.store import MONDAY, OFFICES, printed, receive, spoiled, take, tick


class Books:
    """Inventory's database and dispatch's, with three days of work in both."""

    def __init__(self, inventory: Database, where: RunningSystem) -> None:
        self.inventory, self.where = inventory, where

    async def bend(self, statement: str, service: str = "inventory") -> None:
        """As a superuser who turns off triggers and checks."""
        db = await Database.connect(self.where.dsn(service), size=1)
        async with db.transaction() as conn:
            await conn.execute("set local session_replication_role = replica")
            await conn.execute(statement)
        await db.close()

    async def found(self) -> list[tuple[str, str, int | None, int | None]]:
        """What `ledger verify` finds."""
        verdict = await ledger._verify(self.where)
        return [(each.kind, each.where, each.kept, each.counted) for each in verdict.findings]


@pytest.fixture
async def books(database: Callable[[str], Awaitable[str]], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Books]:
    monkeypatch.setattr(print_comparison, "PATIENCE", 0.0)
    dsns = {name: await database(name) for name in ("inventory", "dispatch")}
    inventory, dispatch = [await Database.connect(dsns[name], size=2) for name in ("inventory", "dispatch")]
    for office in ("17.02", "17.71"):
        await receive(inventory, office, 500)
        async with inventory.transaction() as conn:
            await receipts.fill_tray(conn, OFFICES, MessageContext.new(), MONDAY, office, "P1", 50)
    for day in range(3):
        at = MONDAY + timedelta(days=day)
        made = [printed(at=at), printed(at=at, office="17.71"), spoiled(at=at)]
        await take(inventory, *made)
        async with dispatch.transaction() as conn:
            for event in made:
                await _print(conn, event)
        await tick(inventory, at + timedelta(hours=12))
    yield Books(inventory, RunningSystem("", dsns, {}))
    await inventory.close()
    await dispatch.close()


async def _print(conn: Connection, event: PrintCompleted | PrintSpoiled) -> None:
    await conn.execute("set local session_replication_role = replica")
    cause = event.cause if isinstance(event, PrintSpoiled) else None
    await conn.execute(
        "insert into print_attempt (print_id, case_id, kind, station, serial, cause, at)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        *(event.print_id, event.case_id, "spoiled" if cause else "printed", event.station, event.serial, cause),
        event.at,
    )


async def test_honest_books_balance(books: Books) -> None:
    verdict = await ledger._verify(books.where)
    assert (verdict.findings, verdict.movements, verdict.prints, verdict.sum) == ([], 13, 9, 0)


async def test_a_movement_taken_out_is_missed_everywhere(books: Books) -> None:
    async with books.inventory.connection() as conn:
        row = await conn.fetchrow(
            "select print_id, day from movement where kind = 'print' and place = '17.71' order by day desc limit 1"
        )
    assert row is not None
    await books.bend(f"delete from movement where print_id = '{row['print_id']}'")  # noqa: S608
    assert set(await books.found()) == {
        ("account", "17.71:printed", 3, 2),
        ("account", "17.71:tray:P1", 47, 48),
        ("on hand", "17.71", 497, 498),
        ("day", f"17.71 {row['day']}", -1, 0),
        ("no movement", f"{row['print_id']} ({row['day']})", None, None),
    }


async def test_what_was_found_is_said_in_words(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    await books.bend("delete from movement where kind = 'print' and place = '17.71' and day = '2026-04-08'")
    ledger._show(await ledger._verify(books.where))
    said = capsys.readouterr().out
    print(said)
    assert "✕ Buku besar: 5 temuan (12 mutasi dan 9 cetakan" in said
    assert "17.71 2026-04-08: tercatat -1, seharusnya 0" in said
    assert "cetakan tanpa mutasi di buku besar:" in said


async def test_a_changed_balance_is_found(books: Books) -> None:
    await books.bend("update account set balance = balance - 7 where name = '17.02:office_store'")
    assert await books.found() == [("sum", "semua akun", -7, 0), ("account", "17.02:office_store", 443, 450)]


async def test_a_print_that_dispatch_does_not_know_is_found(books: Books) -> None:
    async with books.inventory.connection() as conn:
        print_id = await conn.fetchval("select print_id from movement where kind = 'spoil' limit 1")
    bent = f"update print_attempt set kind = 'printed', cause = null where print_id = '{print_id}'"  # noqa: S608
    await books.bend(bent, "dispatch")
    found = {(kind, where.split()[0]) for kind, where, _, _ in await books.found()}
    assert found == {("no movement", str(print_id)), ("no print", str(print_id))}


async def test_a_report_that_does_not_follow_the_day_before_is_found(books: Books) -> None:
    await books.bend("alter table report drop constraint report_check")
    await books.bend("update report set closing = closing + 1 where office = '17.02' and day = '2026-04-07'")
    async with books.inventory.connection() as conn:
        found = await audit.misreported(conn)
    assert [(each.day, each.what, each.told - each.counted) for each in found] == [
        (date(2026, 4, 7), "closing", 1),
        (date(2026, 4, 7), "closing of the days", 1),
        (date(2026, 4, 8), "opening", -1),
    ]


async def test_a_day_that_changed_and_was_not_told_yet_is_no_find(books: Books) -> None:
    late = printed(at=MONDAY)
    await take(books.inventory, late)
    async with books.inventory.connection() as conn:
        assert await audit.misreported(conn) == []
    await tick(books.inventory, MONDAY + timedelta(days=4))
    async with books.inventory.connection() as conn:
        assert await audit.misreported(conn) == []


async def test_cards_below_zero_are_found(books: Books) -> None:
    await take(books.inventory, *(printed(station="P9") for _ in range(2)))
    async with books.inventory.connection() as conn:
        assert await audit.negative(conn) == {"17.02:tray:P9": -2}
