"""Dead letters replayed by their own service: once in effect, in order, never lost."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaConnectionError
from fastapi import APIRouter

from shared.contract.envelope import Message
from shared.contract.events import REQUESTS, RequestFiled
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.database.errors import TRANSIENT_ERRORS
from shared.database.pool import Database
from shared.messaging import dead_letter_actions, dead_letter_queue, dead_letter_redaction
from shared.messaging.consumer import Consumer, NonRetryableError
from shared.messaging.dead_letter_queue import DeadLetter, DeadLetterFilter, DiscardReason
from shared.messaging.dead_letter_replay import record_fetcher, replay_next, replay_task
from shared.service import Service
from shared.settings import Settings
from shared.settings.kafka import Brokers
from tests.reliability.test_consumer import as_sent, filed
from tests.support.kafka import send_raw
from tests.support.polling import until
from tests.support.records import record
from tests.support.serving import serve


class Repairable:
    """A service whose handler refuses everything until it is repaired."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.broken = True
        self.consumer = Consumer("dispatch", REQUESTS)
        self.consumer.bind(db)

        @self.consumer.on(RequestFiled)
        async def note(conn: Connection, message: Message[RequestFiled]) -> None:
            await conn.execute("insert into noted (request_id) values ($1)", message.event.request_id)
            if self.broken:
                raise NonRetryableError("not now")

    async def take(self, *records: ConsumerRecord) -> list[UUID]:
        """Take records as from Kafka; returns the ids of all dead letters, in the order of their topic."""
        await self.consumer.process(list(records))
        async with self.db.connection() as conn:
            return await dead_letter_queue.ids_of(conn, DeadLetterFilter())

    async def ask(self, *ids: UUID) -> None:
        async with self.db.transaction() as conn:
            await dead_letter_actions.request_replay(conn, ids, "penguji")

    async def work(self, fetch: Callable[[DeadLetter], Awaitable[ConsumerRecord | None]] | None = None) -> int:
        """Do all that was asked; returns how many were done."""
        done = 0
        while await replay_next(self.db, [self.consumer], fetch or unreachable):
            done += 1
        return done

    async def noted(self) -> list[UUID]:
        async with self.db.connection() as conn:
            return [row["request_id"] for row in await conn.fetch("select request_id from noted order by n")]

    async def states(self) -> list[str]:
        async with self.db.connection() as conn:
            everything = await dead_letter_queue.ids_of(conn, DeadLetterFilter(resolved=True))
            return [letter.state for letter in await dead_letter_queue.load_all(conn, everything)]


async def unreachable(letter: DeadLetter) -> None:
    raise AssertionError("nothing was cut, so nothing needs fetching")


async def gone(letter: DeadLetter) -> None:
    """The topic does not hold it any more."""


@pytest.fixture
async def service(database: Callable[[str], Awaitable[str]], stack: AsyncExitStack) -> Repairable:
    db = await Database.connect(await database(""), size=4)
    stack.push_async_callback(db.close)
    async with db.connection() as conn:
        await conn.execute("create table noted (n int generated always as identity, request_id uuid)")
    return Repairable(db)


async def test_a_repaired_handler_applies_them_once_in_topic_order(service: Repairable) -> None:
    events = [filed() for _ in range(5)]
    ids = await service.take(*(_at(record(event), 0, n) for n, event in enumerate(events)))
    service.broken = False
    await service.ask(*reversed(ids))
    await service.ask(ids[0])
    assert await service.work() == 5
    assert await service.noted() == [event.request_id for event in events]
    assert await service.states() == ["replayed"] * 5
    await service.ask(*ids)
    assert await service.work() == 0


def _at(made: ConsumerRecord, partition: int, offset: int) -> ConsumerRecord:
    made.partition, made.offset = partition, offset
    return made


async def test_what_fails_again_stays_open_with_its_new_reason(service: Repairable) -> None:
    ids = await service.take(record(filed()))
    await service.ask(*ids)
    assert await service.work() == 1
    async with service.db.connection() as conn:
        (letter,) = await dead_letter_queue.load_all(conn, ids)
    assert (letter.state, letter.attempts, letter.last_error) == ("failed", 1, "refused: not now")
    assert await service.noted() == []
    service.broken = False
    await service.ask(*ids)
    await service.work()
    assert (await service.states(), len(await service.noted())) == (["replayed"], 1)


async def test_an_event_that_came_again_meanwhile_is_known(service: Repairable) -> None:
    event, event_id = filed(), new_id()
    ids = await service.take(record(event, event_id=event_id), record(event, event_id=event_id))
    assert len(ids) == 2
    service.broken = False
    await service.take(record(event, event_id=event_id))  # published again by its own service
    await service.ask(*ids)
    await service.work()
    assert sorted(await service.states()) == ["known", "known"]
    assert await service.noted() == [event.request_id]


async def test_two_processes_do_each_once_and_in_order(service: Repairable) -> None:
    events = [filed() for _ in range(40)]
    ids = await service.take(*(_at(record(event), 0, n) for n, event in enumerate(events)))
    service.broken = False
    await service.ask(*ids)
    loops = [
        asyncio.create_task(replay_task([service.consumer], unreachable, every=0.001)(service.db)) for _ in range(3)
    ]

    async def all_done() -> bool:
        return set(await service.states()) == {"replayed"}

    await until(all_done, what="all replayed")
    for loop in loops:
        loop.cancel()
    assert await service.noted() == [event.request_id for event in events]


async def test_a_lost_connection_leaves_the_replay_requested(service: Repairable) -> None:
    ids = await service.take(record(filed()))
    service.broken = False
    consumer, deaths = Consumer("dispatch", REQUESTS), [1]
    consumer.bind(service.db)

    @consumer.on(RequestFiled)
    async def note(conn: Connection, message: Message[RequestFiled]) -> None:
        await conn.execute("insert into noted (request_id) values ($1)", message.event.request_id)
        if deaths:
            deaths.pop()
            await conn.execute("select pg_terminate_backend(pg_backend_pid())")

    await service.ask(*ids)
    with pytest.raises(TRANSIENT_ERRORS):
        await replay_next(service.db, [consumer], unreachable)
    assert await service.states() == ["asked"]
    assert await replay_next(service.db, [consumer], unreachable)
    assert (await service.states(), len(await service.noted())) == (["replayed"], 1)


@pytest.fixture
def little_kept(monkeypatch: pytest.MonkeyPatch) -> int:
    """Bytes of a value that are kept, as by version 0.1.0."""
    monkeypatch.setattr("shared.messaging.dead_letters.MAX_KEPT_BYTES", 64 * 1024)
    return 64 * 1024


@pytest.mark.usefixtures("little_kept")
async def test_a_value_that_was_cut_and_is_gone_says_so(service: Repairable) -> None:
    ids = await service.take(record(filed(), value=b" " * 70_000 + record(filed()).value))
    service.broken = False
    await service.ask(*ids)
    await service.work(gone)
    async with service.db.connection() as conn:
        (letter,) = await dead_letter_queue.load_all(conn, ids)
    assert letter.cut
    assert letter.state == "failed"
    assert "does not hold the record any more" in (letter.last_error or "")


@pytest.mark.usefixtures("little_kept")
async def test_one_that_cannot_be_fetched_says_why_and_blocks_none(
    service: Repairable, bootstrap_servers: str
) -> None:
    """Its topic is not there any more; those after it were cut too, or not."""
    lost, cut, whole = (filed() for _ in range(3))
    records = [_cut(lost), _cut(cut), record(whole)]
    ids = await service.take(*(_at(made, 0, n) for n, made in enumerate(records)))
    service.broken = False
    real = record_fetcher(Brokers(bootstrap_servers))

    async def fetch(letter: DeadLetter) -> ConsumerRecord | None:
        return await real(replace(letter, topic="no-such-topic")) if letter.offset == 0 else records[letter.offset]

    await service.ask(*ids)
    assert await service.work(fetch) == 3
    assert await service.states() == ["failed", "replayed", "replayed"]
    assert await service.noted() == [cut.request_id, whole.request_id]
    async with service.db.connection() as conn:
        first, *_ = await dead_letter_queue.load_all(conn, ids)
    assert "could not be read from its topic" in (first.last_error or "")


@pytest.mark.usefixtures("little_kept")
async def test_a_client_that_raises_anything_stops_no_replay(service: Repairable) -> None:
    ids = await service.take(*(_at(_cut(filed()), 0, n) for n in range(5)))
    service.broken = False
    troubles = [KafkaConnectionError(), TimeoutError(), OSError(), UnicodeDecodeError("utf-8", b"", 0, 1, "x")]

    async def fetch(letter: DeadLetter) -> ConsumerRecord:
        if letter.offset < len(troubles):
            raise troubles[letter.offset]
        return _cut(filed())

    await service.ask(*ids)
    assert await service.work(fetch) == 5
    assert await service.states() == ["failed"] * 4 + ["replayed"]


def _cut(event: RequestFiled) -> ConsumerRecord:
    """A record with a value of which a part is kept."""
    return record(event, value=b" " * 70_000 + record(event).value)


async def test_one_that_its_database_holds_up_blocks_no_other(service: Repairable) -> None:
    first, second = filed(), filed()
    ids = await service.take(_at(record(first), 0, 0), _at(record(second), 0, 1))
    consumer = Consumer("dispatch", REQUESTS)
    consumer.bind(service.db)

    @consumer.on(RequestFiled)
    async def note(conn: Connection, message: Message[RequestFiled]) -> None:
        if message.event.request_id == first.request_id:
            await conn.execute("set local statement_timeout = 1; select pg_sleep(1)")
        await conn.execute("insert into noted (request_id) values ($1)", message.event.request_id)

    await service.ask(*ids)
    replaying = asyncio.create_task(replay_task([consumer], unreachable, every=0.001)(service.db))

    async def done() -> bool:
        return await service.states() == ["failed", "replayed"]

    await until(done, what="the second replayed")
    replaying.cancel()
    assert await service.noted() == [second.request_id]


async def test_a_record_is_replayed_with_the_bytes_of_its_headers(service: Repairable) -> None:
    made = record(filed())
    made.headers = [*made.headers, ("blob", b"\xff\x00"), ("nothing", None), ("long", b"x" * 5000)] + [
        ("n", b"")
    ] * 60
    ids = await service.take(made)
    seen: list[dict[str, bytes]] = []
    consumer = Consumer("dispatch", REQUESTS)
    consumer.bind(service.db)

    @consumer.on(RequestFiled)
    async def note(conn: Connection, message: Message[RequestFiled]) -> None:
        seen.append(dict(message.headers))

    await service.ask(*ids)
    assert await replay_next(service.db, [consumer], unreachable)
    assert seen == [dict(made.headers)]


async def test_a_discard_can_be_undone_and_both_are_recorded(service: Repairable) -> None:
    one, other = await service.take(record(filed()), record(filed()))
    async with service.db.transaction() as conn:
        assert await dead_letter_actions.discard(conn, [one], DiscardReason.OBSOLETE, "budi") == [one]
        assert await dead_letter_actions.request_replay(conn, [one, other], "budi") == [other]
        assert await dead_letter_queue.open_count(conn) == 1
    async with service.db.transaction() as conn:
        assert await dead_letter_actions.restore(conn, [one, other], "siti") == [one]
        assert await dead_letter_queue.open_count(conn) == 2
        log = await conn.fetch("select by_whom, action, about from mending order by id")
    assert [(row["by_whom"], row["action"]) for row in log] == [
        ("budi", "discard obsolete"),
        ("budi", "replay"),
        ("siti", "restore"),
    ]
    assert log[0]["about"] == f"dead_letter {one}"


async def test_what_may_be_a_person_is_not_shown(service: Repairable) -> None:
    made = record(filed(), value=b"{}")
    made.key = b"Siti Sintetis"
    headers = [(n, v) for n, v in made.headers if n != "ce_subject"]
    made.headers = [*headers, ("ce_subject", b"1702064101500001"), ("nama", b"Siti Sintetis")]
    ids = await service.take(made)
    async with service.db.connection() as conn:
        (letter,) = await dead_letter_queue.load_all(conn, ids)
    shown = dead_letter_redaction.redacted_headers(letter)
    assert dead_letter_redaction.redacted_key(letter) is None
    assert shown["ce_subject"] is None
    assert shown["ce_type"] == "id.jemputbola.RequestFiled.v1"
    assert "nama" not in shown


async def test_a_restarted_service_replays_and_reads_a_cut_value(
    little_kept: int,
    settings: Callable[[str], Awaitable[dict[str, object]]],
    bootstrap_servers: str,
    stack: AsyncExitStack,
    tmp_path: Path,
) -> None:
    """A letter of 200 kB is set aside, its service stops, is asked, and starts again with a better handler."""
    given = await settings("")
    conn = await asyncpg.connect(given["database_url"])
    stack.push_async_callback(conn.close)
    (tmp_path / "migrations").mkdir()
    await conn.execute("create table noted (n int generated always as identity, request_id uuid)")
    db = await Database.connect(str(given["database_url"]), size=4)
    stack.push_async_callback(db.close)
    repairable = Repairable(db)

    async def no_tick(conn: Connection, at: object) -> None: ...

    def built() -> Service:
        consumer = repairable.consumer
        return Service("dispatch", Settings(**given), tmp_path / "migrations", [APIRouter()], [consumer], no_tick)

    event = filed()
    made = as_sent(event)
    made["value"] = b" " * 200_000 + made["value"]  # type: ignore[operator]
    async with serve(built()):
        await send_raw(bootstrap_servers, f"{given['namespace']}requests", [made])

        async def buried() -> list[UUID]:
            return await dead_letter_queue.ids_of(conn, DeadLetterFilter())

        ids = await until(buried, what="set aside")
    async with conn.transaction():
        await dead_letter_actions.request_replay(conn, ids, "penguji")
    assert await conn.fetchval("select max(octet_length(value)) from dead_letter") == little_kept
    repairable.broken = False
    async with serve(built()):

        async def resolved() -> bool:
            return bool(await conn.fetchval("select resolution = 'replayed' from dead_letter"))

        await until(resolved, what="replayed")
    assert await conn.fetchval("select count(*) from noted where request_id = $1", event.request_id) == 1
