"""A migration adds columns beside a process that runs: what it has prepared goes on, and its rows fit."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from services.inventory.usecases import shipments
from shared.contract.envelope import Message, MessageContext
from shared.contract.events import REQUESTS, RequestFiled
from shared.database.connection import Connection
from shared.database.errors import TRANSIENT_ERRORS
from shared.database.pool import Database
from shared.messaging.consumer import Consumer
from shared.security.auth import Identity, Role
from tests.reliability.test_consumer import filed
from tests.services.inventory.store import MONDAY, OFFICES, approved, consumers_on, printed, receive, tick
from tests.support.records import record

WHO = Identity.of("penguji", Role.OPERATOR, "17.02")
_ADD = """
do $$ declare name text; begin
    for name in select table_name from information_schema.tables where table_schema = 'public' loop
        execute format('alter table %I add column added_later integer default 1', name);
    end loop;
end $$
"""


async def test_a_service_goes_on_while_every_table_gets_a_column(
    database: Callable[[str], Awaitable[str]], stack: AsyncExitStack
) -> None:
    """One connection, so that each statement is prepared already; commands and consumers alike."""
    db = await Database.connect(await database("inventory"), size=1)
    stack.push_async_callback(db.close)
    cases, alerts = consumers_on(db)
    await receive(db, "17", 1000)

    async def everything(day: int) -> None:
        at = MONDAY + timedelta(days=day)
        shipment = approved(100)
        await alerts.process([record(shipment)])
        async with db.transaction() as conn:
            await shipments.receive_shipment(conn, OFFICES, MessageContext.new(), WHO, at, shipment.shipment_id, 100)
        await cases.process([record(printed(at=at)), record(printed(at=at))])
        await tick(db, at)

    await everything(0)
    async with db.connection() as conn:
        await conn.execute(_ADD)
    await everything(1)
    async with db.connection() as conn:
        assert await conn.fetchval("select count(*) from dead_letter") == 0
        assert await conn.fetchval("select on_hand from office_stock") == 196


async def test_an_outdated_prepared_statement_makes_no_dead_letter(
    database: Callable[[str], Awaitable[str]], stack: AsyncExitStack
) -> None:
    """A statement asks for all columns nevertheless: its transaction is taken back, and taken again."""
    db = await Database.connect(await database(""), size=1)
    stack.push_async_callback(db.close)
    async with db.connection() as conn:
        await conn.execute("create table noted (request_id uuid)")
    taken: list[UUID] = []
    consumer = Consumer("dispatch", REQUESTS)
    consumer.bind(db)

    @consumer.on(RequestFiled)
    async def note(conn: Connection, message: Message[RequestFiled]) -> None:
        row = await conn.fetchrow("insert into noted values ($1) returning *", message.event.request_id)
        taken.append(row["request_id"])

    first, second, third = filed(), filed(), filed()
    await consumer.process([record(first)])
    async with db.connection() as conn:
        await conn.execute("alter table noted add column added_later integer")
    batch = [record(second), record(third)]
    with pytest.raises(asyncpg.InvalidCachedStatementError) as passing:
        await consumer.process(batch)
    assert isinstance(passing.value, TRANSIENT_ERRORS)
    await consumer.process(batch)
    assert taken == [first.request_id, second.request_id, third.request_id]
    async with db.connection() as conn:
        assert await conn.fetchval("select count(*) from dead_letter") == 0
