"""Offices' stock and the accounts behind it."""
# ruff: noqa: S608  what is put into a statement are names of columns

from collections.abc import Sequence
from datetime import date

import asyncpg

from services.inventory.domain.accounts import Account
from services.inventory.domain.levels import Stock, Thresholds
from shared.contract.fields import StockLevel
from shared.database.connection import Connection

_COLUMNS = (
    "office, on_hand, level, crossing, low_at, critical_at, recovered_at, usage, rationing, state_version, closed"
)


def stock_of(row: asyncpg.Record) -> Stock:
    """An office's stock as it is kept."""
    return Stock(
        office=row["office"],
        on_hand=row["on_hand"],
        level=StockLevel(row["level"]),
        crossing=row["crossing"],
        thresholds=Thresholds(row["low_at"], row["critical_at"], row["recovered_at"]),
        usage=row["usage"],
        rationing=row["rationing"],
        state_version=row["state_version"],
        closed=row["closed"],
    )


async def lock_order(conn: Connection) -> None:
    """Before the first lock of whoever locks more than one office: they take their turns, until the transaction ends.

    A statement locks its offices in order, but a transaction has several statements, of parts of a batch or of single
    events: two of them could wait for each other. Batches of any size meet at some office anyway. Whoever locks one
    office alone, as most commands do, cannot be part of a deadlock and waits for nobody here.
    """
    await conn.execute("select pg_advisory_xact_lock(hashtext('offices in turn'))")


async def lock(conn: Connection, office: str) -> Stock | None:
    """The office's stock, locked; None before its first movement."""
    row = await conn.fetchrow(f"select {_COLUMNS} from office_stock where office = $1 for update", office)
    return stock_of(row) if row else None


async def lock_all(conn: Connection) -> list[Stock]:
    """All offices' stock, locked."""
    await lock_order(conn)
    rows = await conn.fetch(f"select {_COLUMNS} from office_stock order by office for update")
    return [stock_of(row) for row in rows]


async def closed(conn: Connection, offices: Sequence[str]) -> dict[str, date | None]:
    """The last day that each of these offices reported; no office before its first movement."""
    rows = await conn.fetch("select office, closed from office_stock where office = any($1)", offices)
    return {row["office"]: row["closed"] for row in rows}


async def save(conn: Connection, stock: Stock) -> None:
    """Keep what was decided of an office; never its cards, which only a movement changes."""
    thresholds = stock.thresholds
    await conn.execute(
        "update office_stock set level = $2, crossing = $3, low_at = $4, critical_at = $5, recovered_at = $6,"
        " usage = $7, rationing = $8, state_version = $9, closed = $10 where office = $1",
        *(stock.office, stock.level, stock.crossing),
        *(thresholds.low_at, thresholds.critical_at, thresholds.recovered_at),
        *(stock.usage, stock.rationing, stock.state_version, stock.closed),
    )


async def balance(conn: Connection, account: Account) -> int:
    """Cards in an account. Stable only under the lock of its office, or of `lock_store`."""
    return await conn.fetchval("select balance from account where name = $1", account) or 0


async def lock_store(conn: Connection, account: Account) -> int:
    """Cards in a provincial store, locked against everybody who ships from it."""
    await conn.execute("insert into account (name, balance) values ($1, 0) on conflict do nothing", account)
    return int(await conn.fetchval("select balance from account where name = $1 for update", account))


async def find(conn: Connection, office: str) -> Stock | None:
    """The office's stock; None before its first movement."""
    row = await conn.fetchrow(f"select {_COLUMNS} from office_stock where office = $1", office)
    return stock_of(row) if row else None


async def accounts(conn: Connection, place: str) -> dict[tuple[str, str], int]:
    """Balances of a place by (kind, station)."""
    rows = await conn.fetch("select kind, station, balance from account where place = $1 order by name", place)
    return {(row["kind"], row["station"]): row["balance"] for row in rows}


async def visible_stores(conn: Connection, wilayah: str, province: str) -> dict[str, int]:
    """Cards in the provincial stores in a wilayah and province; "" is all."""
    rows = await conn.fetch(
        "select place, balance from account where kind = 'provincial_store' and ($1 = '' or place = $1)"
        " and ($2 = '' or place = $2) order by place",
        *(wilayah, province),
    )
    return {row["place"]: row["balance"] for row in rows}


async def visible(conn: Connection, wilayah: str, province: str) -> list[Stock]:
    """Stock of the offices in a wilayah and province; "" is all."""
    rows = await conn.fetch(
        f"select {_COLUMNS} from office_stock where ($1 = '' or office = $1 or starts_with(office, $1 || '.'))"
        " and ($2 = '' or left(office, 2) = $2) order by office",
        *(wilayah, province),
    )
    return [stock_of(row) for row in rows]
