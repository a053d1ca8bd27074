"""A consumer on real Kafka and PostgreSQL: whatever a stranger sends, the service goes on and loses nothing."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import APIRouter

from shared.contract.envelope import Message, MessageContext
from shared.contract.events import REQUESTS, RequestCancelled, RequestFiled
from shared.contract.fields import ClosingReason, RequestKind
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.messaging.consumer import Consumer, NonRetryableError
from shared.messaging.group_member import GroupMember
from shared.service import Service
from shared.settings import Settings
from shared.system_clock import utc_now
from tests.support.kafka import read_all, send_raw
from tests.support.polling import until
from tests.support.records import attributes, record
from tests.support.serving import serve


def filed(request_id: UUID | None = None) -> RequestFiled:
    return RequestFiled(
        at=utc_now(),
        request_id=request_id or new_id(),
        office="17.02",
        kelurahan="17.02.06.1004",
        kind=RequestKind.DRIVE,
    )


def noting_consumer() -> Consumer:
    """Writes each RequestFiled down; refuses every RequestCancelled."""
    consumer = Consumer("dispatch", REQUESTS)

    @consumer.on(RequestFiled)
    async def note(conn: Connection, message: Message[RequestFiled]) -> None:
        await conn.execute("insert into noted (request_id, sequence) values ($1, $2)", message.event.request_id, 1)

    @consumer.on(RequestCancelled)
    async def refuse(conn: Connection, message: Message[RequestCancelled]) -> None:
        await conn.execute("insert into noted values ($1, 99)", message.event.request_id)
        raise NonRetryableError("nothing to cancel")

    return consumer


@pytest.fixture
async def noting(
    settings: Callable[[str], Awaitable[dict[str, object]]], tmp_path: object, stack: AsyncExitStack
) -> tuple[Consumer, asyncpg.Connection, str]:
    """A running service with the noting consumer; its consumer, a connection to its database, its topic."""
    given = await settings("")
    conn = await asyncpg.connect(given["database_url"])
    stack.push_async_callback(conn.close)
    await conn.execute("create table noted (request_id uuid, sequence int)")

    async def no_tick(conn: Connection, at: object) -> None: ...

    consumer = noting_consumer()
    empty = tmp_path / "migrations"  # type: ignore[operator]
    empty.mkdir()
    service = Service("dispatch", Settings(**given), empty, [APIRouter()], [consumer], no_tick)
    await stack.enter_async_context(serve(service))
    return consumer, conn, str(given["namespace"])


def as_sent(event: RequestFiled | RequestCancelled, **changes: object) -> dict[str, object]:
    made = record(event, **changes)  # type: ignore[arg-type]
    return {"value": made.value, "key": made.key, "headers": made.headers, "partition": made.partition}


def with_header(sent: dict[str, object], name: str, value: bytes | None) -> dict[str, object]:
    kept = [(n, v) for n, v in sent["headers"] if n != name]  # type: ignore[attr-defined]
    return {**sent, "headers": [*kept, (name, value)]}


async def test_bad_input_becomes_dead_letters_and_stops_nothing(
    noting: tuple[Consumer, asyncpg.Connection, str], bootstrap_servers: str
) -> None:
    consumer, conn, namespace = noting
    one = as_sent(filed())
    twice = new_id()
    bad = [
        {**one, "value": b"{not json"},
        {**one, "value": b'{"at": "2026-04-06T00:00:00Z", "request_id": "x"}'},
        {**one, "value": json.dumps({**json.loads(one["value"]), "at": "3000-01-01T00:00:00Z"}).encode()},
        with_header(one, "ce_type", b"id.jemputbola.RequestFiled.v2"),
        {**one, "headers": []},
        {**one, "headers": [("blob", b"\xff\xfe\x00")]},
        {**one, "headers": [("ce_specversion", None), ("text", b"\\u0000")]},
        with_header(one, "ce_id", b"\xff\x00"),
        with_header(one, "ce_id", "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(1000)).encode()),
        with_header(one, "ce_sequence", None),
        with_header(one, "ce_sequence", b"9" * 30),
        {**one, "value": None},
        {**one, "value": b" " * 10_000_000},
        as_sent(RequestCancelled(at=utc_now(), request_id=new_id(), reason=ClosingReason.DUPLICATE)),
    ]
    unknown = with_header(one, "ce_type", b"id.jemputbola.SomethingNew.v1")
    after = {"partition": one["partition"]}  # behind the bad ones
    good = [as_sent(filed(), event_id=twice), as_sent(filed()), {**as_sent(filed()), **after}]
    for batch in (bad[:5], [good[0], unknown], bad[5:], good[1:], [good[0]]):
        await send_raw(bootstrap_servers, namespace + "requests", batch)

    async def all_taken() -> bool:
        return await conn.fetchval("select count(*) from noted") == 3 and consumer.skipped >= 1

    await until(all_taken, what="the good events taken")

    async def all_buried() -> bool:
        return bool(await conn.fetchval("select count(*) = $1 from dead_letter", len(bad)))

    await until(all_buried, what="every bad message buried")
    rows = await conn.fetch("select reason, count(*) as n from dead_letter group by reason")
    assert {row["reason"]: row["n"] for row in rows} == {
        "malformed": 8,
        "unknown_version": 1,
        "not_an_event": 3,
        "too_large": 1,
        "refused": 1,
    }
    assert await conn.fetchval("select count(*) from noted where sequence = 99") == 0
    assert await conn.fetchval("select max(octet_length(value)) from dead_letter") == 10_000_000
    announced = await read_all(bootstrap_servers, namespace + "dead-letters", len(bad))
    assert len(announced) == len(bad)


async def test_one_bad_message_takes_nothing_of_its_batch_down(
    noting: tuple[Consumer, asyncpg.Connection, str],
) -> None:
    consumer, conn, _ = noting
    cancelled = RequestCancelled(at=utc_now(), request_id=new_id(), reason=ClosingReason.DUPLICATE)
    batch = [record(filed()) for _ in range(5)] + [record(cancelled)] + [record(filed()) for _ in range(5)]
    await consumer.process(batch)
    await consumer.process(batch)
    assert await conn.fetchval("select count(*) from noted") == 10
    assert await conn.fetchval("select count(*) from dead_letter") == 1


async def test_the_same_event_twice_in_one_batch_counts_once(
    noting: tuple[Consumer, asyncpg.Connection, str],
) -> None:
    consumer, conn, _ = noting
    once = record(filed())
    await consumer.process([once, once, once])
    assert await conn.fetchval("select count(*) from noted") == 1


async def test_a_database_outage_loses_and_repeats_no_event(
    noting: tuple[Consumer, asyncpg.Connection, str], bootstrap_servers: str, admin_dsn: str
) -> None:
    consumer, conn, namespace = noting
    name = await conn.fetchval("select current_database()")
    async with _locked_out(admin_dsn, name):
        await send_raw(bootstrap_servers, namespace + "requests", [as_sent(filed()) for _ in range(50)])

        async def failed() -> bool:
            return consumer.failures > 0

        await until(failed, what="a failed batch")
    again = await asyncpg.connect(admin_dsn.rsplit("/", 1)[0] + f"/{name}")

    async def all_taken() -> bool:
        return bool(await again.fetchval("select count(*) >= 50 from noted"))

    await until(all_taken, what="all taken after the database came back")
    assert await again.fetchval("select count(*) from noted") == 50
    assert await again.fetchval("select count(*) from dead_letter") == 0
    await again.close()


@asynccontextmanager
async def _locked_out(admin_dsn: str, name: str):  # type: ignore[no-untyped-def]
    """Nobody may connect to the database, and whoever was connected no longer is."""
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute(f"alter database {name} allow_connections false")
    await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
    try:
        yield
    finally:
        await admin.execute(f"alter database {name} allow_connections true")
        await admin.close()


async def assigned(member: GroupMember) -> None:
    async def has_some() -> bool:
        return bool(member.consumer.assignment())

    await until(has_some, what="partitions assigned")


async def noted(conn: asyncpg.Connection, number: int = 1, *, what: str) -> None:
    """Wait until so many events are written down."""

    async def there() -> bool:
        return bool(await conn.fetchval("select count(*) >= $1 from noted", number))

    await until(there, what=what)


async def test_a_client_that_stands_still_is_started_anew(
    noting: tuple[Consumer, asyncpg.Connection, str], bootstrap_servers: str
) -> None:
    consumer, conn, namespace = noting
    (member,) = consumer.members

    await assigned(member)
    member.consumer.pause(*member.consumer.assignment())  # it polls on, and fetches nothing
    await send_raw(bootstrap_servers, namespace + "requests", [as_sent(filed())])
    watching = asyncio.create_task(member.watch(every=0.1))
    await noted(conn, what="the event taken by a new client")
    watching.cancel()


async def test_a_stalled_kafka_client_is_restarted(
    noting: tuple[Consumer, asyncpg.Connection, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On uvloop a connection closed at the wrong moment ends the task that follows them, and nothing else."""
    (member,) = noting[0].members
    client = member.consumer._client

    async def written_to_a_closed_connection(*_: Any) -> bool:
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    monkeypatch.setattr(client, "_metadata_update", written_to_a_closed_connection)
    client.force_metadata_update()  # which is waited for without end from now on
    watching = asyncio.create_task(member.watch(every=0.1))

    async def anew() -> bool:
        return member.consumer is not None and member.consumer._client is not client and bool(member.partitions)

    await until(anew, what="another client with partitions")
    watching.cancel()
    assert not any(conn.connected() for conn in client._conns.values()), "nothing of the old one goes on"


async def test_a_client_that_hangs_in_a_rebalance_is_cut_off(
    noting: tuple[Consumer, asyncpg.Connection, str], bootstrap_servers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It leads its group, shares nothing out and does not stop: neither it nor anyone else has a partition."""
    consumer, conn, namespace = noting
    (member,) = consumer.members
    monkeypatch.setattr("shared.messaging.kafka_client.LEAVE_SECONDS", 0.2)

    await assigned(member)
    client = member.consumer
    coordinator = client._coordinator

    async def share_out(_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(coordinator, "_perform_assignment", share_out)
    coordinator.request_rejoin()

    async def without() -> bool:
        return not member.is_assigned

    await until(without, what="its partitions given up")
    await send_raw(bootstrap_servers, namespace + "requests", [as_sent(filed())])
    watching = asyncio.create_task(member.watch(every=0.1))
    await noted(conn, what="the event taken by a new client")
    watching.cancel()
    assert coordinator._coordination_task.done()
    assert coordinator.generation < 0, "it has left the group"


async def test_a_commit_that_does_not_end_holds_nothing_up(
    noting: tuple[Consumer, asyncpg.Connection, str], bootstrap_servers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer, conn, namespace = noting
    (member,) = consumer.members
    monkeypatch.setattr("shared.messaging.group_member.COMMIT_SECONDS", 0.1)

    async def take(number: int) -> None:
        await send_raw(bootstrap_servers, namespace + "requests", [{**as_sent(filed()), "partition": 0}])

        await noted(conn, number, what=f"batch {number} taken")

    await take(1)  # from here on it knows where to fetch
    coordinator = member.consumer._coordinator
    async with coordinator._coordinator_lookup_lock:
        coordinator.coordinator_id = None  # it is looked for, and nobody answers
        for number in (2, 3):
            await take(number)


async def test_events_of_a_consumer_carry_the_story_on(
    noting: tuple[Consumer, asyncpg.Connection, str],
) -> None:
    consumer, conn, _ = noting
    heard: list[MessageContext] = []

    async def listen(conn: Connection, message: Message[RequestFiled]) -> None:
        heard.append(message.context)
        await outbox.add(conn, "requests", message.context, [filed()])

    consumer.on(RequestFiled)(listen)
    started, event_id = MessageContext.new("00-" + "a" * 32 + "-" + "b" * 16 + "-01"), new_id()
    await consumer.process([record(filed(), context=started, event_id=event_id)])
    assert heard[0].correlation_id == started.correlation_id
    assert heard[0].causation_id == event_id
    headers = attributes(await conn.fetchval("select headers from outbox"))
    assert headers["ce_correlationid"] == str(started.correlation_id)
    assert headers["ce_causationid"] == str(event_id)
    assert headers["traceparent"] == started.traceparent
