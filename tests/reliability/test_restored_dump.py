"""A dump in another PostgreSQL cluster: transaction ids of before mean nothing there, and nothing is lost."""

import asyncio
import subprocess
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from ops.platform.postgres.server import PostgresServer
from shared.contract.envelope import MessageContext
from shared.contract.events import PARTITIONS
from shared.contract.ids import new_id
from shared.database.migrate import MESSAGING, migrate
from shared.database.pool import Database
from shared.database.pruning import prune
from shared.messaging import outbox, outbox_replay, relay_cursor
from shared.messaging.relay import Relay
from shared.messaging.relay_status import status
from shared.settings.kafka import Brokers
from tests.reliability.test_outbox_relay import filed
from tests.support.kafka import read_all
from tests.support.polling import until

# As many transactions as this have been in a cluster that is older than another.
_LIVED = "do $$ begin for n in 1..{n} loop perform pg_current_xact_id(); commit; end loop; end $$"
_PLACES = "select id, ctid::text, xid::text from outbox order by id"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Another PostgreSQL cluster."""
    server = PostgresServer(tmp_path_factory.mktemp("other"))
    server.start()
    yield server
    server.stop()
    server.wipe()


@asynccontextmanager
async def relaying(dsn: str, servers: str, namespace: str, page: int = 7):  # type: ignore[no-untyped-def]
    running = Relay(dsn, Brokers(servers), namespace=namespace, page=page)
    task = asyncio.create_task(running.run())
    yield running
    running.stop()
    await task


async def state(db: Database, count: int) -> None:
    for _ in range(count):
        async with db.transaction() as conn:
            await outbox.add(conn, "requests", MessageContext.new(), [filed(new_id())])


async def all_out(conn: asyncpg.Connection) -> None:
    async def none_waits() -> bool:
        now = await status(conn)
        return (now.unsent, now.to_replay, now.replay_to) == (0, 0, None)

    await until(none_waits, what="nothing waits")


def event_ids(records: list[Any]) -> list[str]:
    return [dict(record.headers)["ce_id"].decode() for record in records]


def move(server: PostgresServer, dsn: str, file: Path, name: str) -> str:
    """Dump a database, and restore the dump into a cluster; returns where it is now."""
    subprocess.run([server.tool("pg_dump"), "-Fc", "-f", file, dsn], check=True)
    server.psql(f"drop database if exists {name} with (force)")
    server.psql(f"create database {name}")
    subprocess.run([server.tool("pg_restore"), "-d", server.dsn(name), file], check=True)
    return server.dsn(name)


async def half_published(dsn: str, servers: str, namespace: str, stack: AsyncExitStack) -> None:
    """20 facts are published; of 10 more the relay is in the middle."""
    db = await Database.connect(dsn)
    stack.push_async_callback(db.close)
    await state(db, 20)
    async with db.connection() as conn, relaying(dsn, servers, namespace):
        await all_out(conn)
    await state(db, 10)
    async with db.connection() as conn:
        await conn.execute("update relay_mark set window_ = pg_current_snapshot()::text, upto = 25")


@pytest.mark.parametrize("lived", [(5000, 1), (1, 20_000)], ids=["into a younger cluster", "into an older cluster"])
async def test_in_another_cluster_all_rows_go_out_after_a_failed_page(
    lived: tuple[int, int],
    other: PostgresServer,
    database: Callable[[str], Awaitable[str]],
    bootstrap_servers: str,
    namespace: str,
    stack: AsyncExitStack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = await database("")
    conn = await asyncpg.connect(source)
    await conn.execute(_LIVED.format(n=lived[0]))
    await conn.close()
    await half_published(source, bootstrap_servers, namespace, stack)
    other.psql(_LIVED.format(n=lived[1]))
    moved = move(other, source, tmp_path / "dump", "restored")
    db = await Database.connect(moved)
    stack.push_async_callback(db.close)
    await_acks, failed = outbox_replay.await_acks, []

    async def fail_first(*given: Any) -> None:
        if not failed:
            failed.append(given)
            raise KafkaError("the first page is lost")
        await await_acks(*given)

    monkeypatch.setattr(outbox_replay, "await_acks", fail_first)
    await state(db, 5)  # before its relay leads
    async with db.connection() as conn, db.transaction() as held:
        await outbox.add(held, "requests", MessageContext.new(), [filed(new_id())])
        restored = await conn.fetch(_PLACES)
        async with relaying(moved, bootstrap_servers, namespace):
            await until_replayed(conn)
            await state(db, 5)
    async with db.connection() as conn, relaying(moved, bootstrap_servers, namespace):
        await all_out(conn)
        assert failed
        assert (await conn.fetch(_PLACES))[: len(restored)] == restored, "no row was rewritten"
        kept = {str(row[0]) for row in await conn.fetch("select event_id from outbox")}
    # Whatever its order on the way, each is there; those of before went out a second time.
    assert len(kept) == 41
    sent = Counter(event_ids(await read_all(bootstrap_servers, namespace + "requests", 20 + 41)))
    assert set(sent) == kept
    assert sum(number >= 2 for number in sent.values()) >= 20, "what was published before went out again"
    async with db.connection() as conn, relaying(moved, bootstrap_servers, namespace) as next_one:
        await state(db, 1)
        await all_out(conn)
        assert next_one.published == 1, "what is known to be published stays so"


async def until_replayed(conn: asyncpg.Connection, seconds: float = 60) -> None:
    async def replayed() -> bool:
        return await conn.fetchval("select replay_to is null from relay_mark")

    async def here() -> bool:
        return await conn.fetchval(
            "select exists (select from relay_cluster where system_identifier ="
            " (select system_identifier from pg_control_system()))"
        )

    await until(here, what="the other cluster noticed")
    await until(replayed, what="all of before replayed", timeout=seconds)


async def test_in_the_same_cluster_only_what_waited_goes_out(
    database: Callable[[str], Awaitable[str]],
    other: PostgresServer,
    bootstrap_servers: str,
    namespace: str,
    stack: AsyncExitStack,
    tmp_path: Path,
) -> None:
    del database
    other.psql("create database lost")
    source = other.dsn("lost")
    conn = await asyncpg.connect(source)
    await migrate(conn, MESSAGING)
    await conn.close()
    await half_published(source, bootstrap_servers, namespace, stack)
    again = move(other, source, tmp_path / "dump", "found")
    db = await Database.connect(again)
    stack.push_async_callback(db.close)
    async with db.connection() as conn, relaying(again, bootstrap_servers, namespace) as running:
        await all_out(conn)
        assert running.published == 5, "the page that the relay was in the middle of, from where it was"


async def test_an_old_row_of_a_dump_is_published_before_it_is_pruned(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str, stack: AsyncExitStack
) -> None:
    dsn = await database("")
    db = await Database.connect(dsn)
    stack.push_async_callback(db.close)
    await state(db, 3)
    async with db.transaction() as conn:
        await conn.execute("update outbox set recorded_at = now() - interval '20 days'")
        await conn.execute("insert into relay_cluster (system_identifier) values (4711)")
        await relay_cursor.load(conn)
    assert await prune(db) == 0
    async with db.connection() as conn, relaying(dsn, bootstrap_servers, namespace):
        await all_out(conn)
    assert len(await read_all(bootstrap_servers, namespace + "requests", 3)) == 3
    assert await prune(db) == 3


_MILLION = """
insert into outbox (topic, partition, key, event_id, sequence, headers, value)
select 'requests', n % $1, n::text, gen_random_uuid(), 1, E'ce_specversion\n1.0', '{}'
from generate_series(1, 1000000) as n
"""


@pytest.mark.long
@pytest.mark.parametrize("foreign", [False, True], ids=["its own mark", "another cluster's mark"])
async def test_a_million_rows(
    foreign: bool,
    database: Callable[[str], Awaitable[str]],
    bootstrap_servers: str,
    namespace: str,
    stack: AsyncExitStack,
) -> None:
    """A relay that starts publishes what is new at once; in another cluster it publishes all, and rewrites none."""
    dsn = await database("")
    db = await Database.connect(dsn)
    stack.push_async_callback(db.close)
    conn = await asyncpg.connect(dsn)
    stack.push_async_callback(conn.close)
    await conn.execute(_MILLION, PARTITIONS, timeout=120)
    await conn.execute("update relay_mark set published = pg_current_snapshot()::text")
    if foreign:
        await conn.execute("insert into relay_cluster (system_identifier) values (4711)")
    size = await conn.fetchval("select pg_relation_size('outbox')")
    await state(db, 1)
    began = time.monotonic()
    async with relaying(dsn, bootstrap_servers, namespace, page=2000):
        await until_replayed(conn, 600)
        await all_out(conn)
        took = timedelta(seconds=time.monotonic() - began)
    assert await conn.fetchval("select pg_relation_size('outbox')") <= size + 8192, "no row was rewritten"
    sent = await records_of(bootstrap_servers, namespace + "requests")
    print(f"{sent} records after {took}")
    assert 1_000_001 <= sent <= 1_000_010 if foreign else sent == 1
    assert foreign or took < timedelta(seconds=20)


async def records_of(servers: str, topic: str) -> int:
    """How many records a topic holds."""
    client = AIOKafkaConsumer(bootstrap_servers=servers)
    await client.start()
    try:
        return sum((await client.end_offsets([TopicPartition(topic, n) for n in range(PARTITIONS)])).values())
    finally:
        await client.stop()
