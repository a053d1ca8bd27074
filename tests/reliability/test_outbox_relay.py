"""The outbox and its relay on a real database and broker."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast
from uuid import UUID

import asyncpg
import pytest

from shared.contract.envelope import MessageContext
from shared.contract.events import RequestFiled
from shared.contract.fields import RequestKind
from shared.contract.ids import new_id
from shared.database.connection import Session
from shared.database.pool import Database
from shared.messaging import outbox
from shared.messaging.outbox_replay import request_replay
from shared.messaging.relay import Relay
from shared.messaging.relay_cursor import load
from shared.messaging.relay_status import status
from shared.settings.kafka import Brokers
from shared.system_clock import utc_now
from tests.support.kafka import read_all
from tests.support.polling import until


def filed(request_id: UUID) -> RequestFiled:
    return RequestFiled(
        at=utc_now(), request_id=request_id, office="17.02", kelurahan="17.02.06.1004", kind=RequestKind.DRIVE
    )


async def test_commits_are_published_in_order_per_key_as_cloudevents(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    dsn = await database("")
    db = await Database.connect(dsn)
    relay = Relay(dsn, Brokers(bootstrap_servers), namespace=namespace, page=7)
    running = asyncio.create_task(relay.run())
    keys = [new_id() for _ in range(5)]
    for _ in range(10):
        async with db.transaction() as conn:
            await outbox.add(conn, "requests", MessageContext.new(), [filed(key) for key in keys])
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with db.transaction() as conn:
            await outbox.add(conn, "requests", MessageContext.new(), [filed(keys[0])])
            raise ZeroDivisionError
    records = await read_all(bootstrap_servers, namespace + "requests", 50)
    relay.stop()
    await running
    await db.close()
    assert len(records) == 50
    seen: dict[bytes, list[int]] = {}
    for record in records:
        headers = dict(record.headers)
        assert headers["ce_specversion"] == b"1.0"
        assert headers["ce_type"] == b"id.jemputbola.RequestFiled.v1"
        assert headers["content-type"] == b"application/json"
        seen.setdefault(record.key, []).append(int(headers["ce_sequence"]))
    assert set(seen) == {str(key).encode() for key in keys}
    assert all(numbers == list(range(1, 11)) for numbers in seen.values())


async def test_an_open_transaction_blocks_nothing_and_is_not_missed(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    dsn = await database("")
    db = await Database.connect(dsn)
    relay = Relay(dsn, Brokers(bootstrap_servers), namespace=namespace, page=3)
    running = asyncio.create_task(relay.run())
    late = new_id()
    async with db.transaction() as held:
        await outbox.add(held, "requests", MessageContext.new(), [filed(late)])  # the smallest id, committed last
        for _ in range(20):
            async with db.transaction() as conn:
                await outbox.add(conn, "requests", MessageContext.new(), [filed(new_id())])

        async def others_out() -> bool:
            return relay.published >= 20

        await until(others_out, what="the others published while one is open")
    records = await read_all(bootstrap_servers, namespace + "requests", 21)
    relay.stop()
    await running
    async with db.connection() as conn:
        mark = dict(await conn.fetchrow("select * from relay_mark"))
    await db.close()
    assert [r.key for r in records].count(str(late).encode()) == 1
    assert len(records) == 21
    assert mark["window_"] is None


async def test_a_commit_during_a_clusters_first_look_belongs_to_it(
    database: Callable[[str], Awaitable[str]],
) -> None:
    dsn = await database("")
    db = await Database.connect(dsn)
    looking = await asyncpg.connect(dsn)

    class Busy:
        """A connection after whose first query somebody commits."""

        execute, fetchval = looking.execute, looking.fetchval

        async def fetchrow(self, query: str, *values: object) -> asyncpg.Record | None:
            row = await looking.fetchrow(query, *values)
            async with db.transaction() as conn:
                await outbox.add(conn, "requests", MessageContext.new(), [filed(new_id())])
            return row

    mark = await load(cast(Session, Busy()))
    replay = await looking.fetchval("select replay_to from relay_mark")
    await looking.close()
    await db.close()
    assert (replay, mark.window) == (None, None)


async def test_an_open_transaction_newer_than_all_ended_is_not_missed(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    """A snapshot's xmax tells which transactions have ended; one that is open may have drawn its ids before it."""
    dsn = await database("")
    db = await Database.connect(dsn)
    relay = Relay(dsn, Brokers(bootstrap_servers), namespace=namespace)
    running = asyncio.create_task(relay.run())

    async def published() -> bool:
        return relay.published >= 1

    async with db.transaction() as conn:
        await outbox.add(conn, "requests", MessageContext.new(), [filed(new_id())])
    await until(published, what="the first is out")
    async with db.transaction() as held:
        await outbox.add(held, "requests", MessageContext.new(), [filed(new_id())])
        for _ in range(6):
            relay.wake(db)

            async def looked() -> bool:
                return not relay._wake.is_set()

            await until(looked, what="the relay looked")
    assert len(await read_all(bootstrap_servers, namespace + "requests", 2, timeout=5)) == 2
    relay.stop()
    await running
    await db.close()


async def test_the_relay_does_not_read_again_what_is_published(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    dsn = await database("")
    db = await Database.connect(dsn)
    for round_number in (1, 2, 3):
        async with db.transaction() as conn:
            await outbox.add(conn, "requests", MessageContext.new(), [filed(new_id()) for _ in range(10)])
        relay = Relay(dsn, Brokers(bootstrap_servers), namespace=namespace)
        running = asyncio.create_task(relay.run())
        await read_all(bootstrap_servers, namespace + "requests", 10 * round_number)
        relay.stop()
        await running
        assert relay.published == 10
    await db.close()


async def test_a_relay_of_an_empty_outbox_sees_its_first_row(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    dsn = await database("")
    db = await Database.connect(dsn)
    relay = Relay(dsn, Brokers(bootstrap_servers), namespace=namespace)
    db.after_outbox = lambda: relay.wake(db)
    running = asyncio.create_task(relay.run())

    async def leads() -> bool:
        return relay.leading

    await until(leads, what="the relay leads")
    for _ in range(5):
        relay.wake(db)

        async def looked() -> bool:
            return not relay._wake.is_set()

        await until(looked, what="the relay looked")
    async with db.transaction() as conn:
        await outbox.add(conn, "requests", MessageContext.new(), [filed(new_id())])
    assert len(await read_all(bootstrap_servers, namespace + "requests", 1)) == 1
    relay.stop()
    await running
    await db.close()


async def test_one_relay_leads_until_its_session_ends(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    dsn = await database("")
    db = await Database.connect(dsn)
    relays = [Relay(dsn, Brokers(bootstrap_servers), namespace=namespace) for _ in range(2)]
    running = [asyncio.create_task(relay.run()) for relay in relays]

    async def one_leads() -> list[Relay]:
        return [relay for relay in relays if relay.leading]

    (first,) = await until(one_leads, what="one leads")
    conn = await asyncpg.connect(dsn)
    await conn.execute("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted")
    async with db.transaction() as writing:
        await outbox.add(writing, "requests", MessageContext.new(), [filed(new_id())])
    assert len(await read_all(bootstrap_servers, namespace + "requests", 1)) == 1
    assert sum(relay.published for relay in relays) == 1
    del first
    for relay in relays:
        relay.stop()
    await asyncio.gather(*running)
    await conn.close()
    await db.close()


async def test_what_was_published_can_be_published_again(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    dsn = await database("")
    db = await Database.connect(dsn)
    async with db.transaction() as conn:
        await outbox.add(conn, "requests", MessageContext.new(), [filed(new_id()) for _ in range(10)])
    relay = Relay(dsn, Brokers(bootstrap_servers), namespace=namespace, page=4)
    running = asyncio.create_task(relay.run())
    await read_all(bootstrap_servers, namespace + "requests", 10)
    conn = await asyncpg.connect(dsn)
    assert await request_replay(conn, await conn.fetchval("select min(recorded_at) from outbox")) == 10
    records = await read_all(bootstrap_servers, namespace + "requests", 20)
    assert len({dict(r.headers)["ce_id"] for r in records}) == 10
    relay.stop()
    await running
    await conn.close()
    await db.close()


async def test_a_replay_during_another_loses_nothing_of_either(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    dsn = await database("")
    db = await Database.connect(dsn)
    for _ in range(2):
        async with db.transaction() as conn:
            await outbox.add(conn, "requests", MessageContext.new(), [filed(new_id()) for _ in range(10)])
    conn = await asyncpg.connect(dsn)
    times = await conn.fetch("select min(recorded_at) as at from outbox group by xid order by 1")
    assert await request_replay(conn, times[1]["at"]) == 10
    assert await request_replay(conn, times[0]["at"]) == 20
    assert await request_replay(conn, times[1]["at"]) == 10
    assert (await status(conn)).to_replay == 20
    relay = Relay(dsn, Brokers(bootstrap_servers), namespace=namespace, page=4)
    running = asyncio.create_task(relay.run())
    assert len(await read_all(bootstrap_servers, namespace + "requests", 40)) == 40
    relay.stop()
    await running
    await conn.close()
    await db.close()


async def test_status_says_who_publishes_and_how_old_the_backlog_is(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    dsn = await database("")
    db = await Database.connect(dsn)
    conn = await asyncpg.connect(dsn)
    before = await status(conn)
    assert (before.unsent, before.oldest, before.leader) == (0, None, None)
    async with db.transaction() as writing:
        await outbox.add(writing, "requests", MessageContext.new(), [filed(new_id()) for _ in range(3)])
    await conn.execute("update outbox set recorded_at = now() - interval '1 minute' where id = 2")
    waiting = await status(conn)
    assert (waiting.unsent, waiting.last_id, waiting.kept) == (3, 3, 3)
    assert waiting.oldest is not None
    assert waiting.oldest >= 60
    relay = Relay(dsn, Brokers(bootstrap_servers), namespace=namespace)
    running = asyncio.create_task(relay.run())

    async def all_sent() -> bool:
        return (await status(conn)).unsent == 0

    await until(all_sent, what="all sent")
    after = await status(conn)
    assert after.leader is not None
    assert after.leading_since is not None
    relay.stop()
    await running
    await conn.close()
    await db.close()


async def test_outbox_refuses_what_would_be_lost_or_forged(database: Callable[[str], Awaitable[str]]) -> None:
    db = await Database.connect(await database(""))
    async with db.connection() as conn:
        with pytest.raises(RuntimeError, match="transaction"):
            await outbox.add(conn, "requests", MessageContext.new(), [filed(new_id())])
    async with db.transaction() as conn:
        with pytest.raises(RuntimeError, match="may not state"):
            await outbox.add(conn, "inventory", MessageContext.new(), [filed(new_id())])
    await db.close()
