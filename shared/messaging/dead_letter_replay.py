"""Replays dead letters on an operator's request: the service applies them again, each once in effect.

A service replays one dead letter at a time, in the order of topic, partition and offset, however many processes it
has. The handler runs in a savepoint; its changes, the inbox row and the result are one transaction. A dead letter
that fails again stays open with its new reason. While the database is away the replays wait.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.contract.envelope import InvalidRecord
from shared.contract.fields import DeadLetterReason
from shared.database.connection import Connection
from shared.database.errors import TRANSIENT_ERRORS
from shared.database.periodic import PeriodicTask
from shared.database.pool import Database
from shared.messaging import dead_letter_queue
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letter_queue import DeadLetter
from shared.settings.kafka import Brokers

log = structlog.get_logger()

Fetch = Callable[[DeadLetter], Awaitable[ConsumerRecord[bytes, bytes] | None]]
POLL_SECONDS = 1.0
"""Seconds between two polls. A poll costs one index lookup; a NOTIFY could be lost."""
MAX_TRIES = 5
"""Transient errors of one dead letter after which it counts as failed, so that the others can be replayed."""

_NEXT = """
select id from dead_letter where replay_requested_at is not null order by topic, partition, "offset" limit 1
"""
# The advisory lock keeps the order among processes. The row lock keeps a discard out during the replay.
_LOCK = """
select true from dead_letter where id = $1 and replay_requested_at is not null
  and pg_try_advisory_xact_lock(hashtext('dead letters')) for update skip locked
"""
_RESOLVE = """
update dead_letter set replay_requested_at = null, attempts = attempts + 1, last_error = null,
    resolved_at = clock_timestamp(), resolution = $2 where id = $1
"""
_FAIL = """
update dead_letter set replay_requested_at = null, attempts = attempts + 1, last_error = $2 where id = $1
"""


def replay_task(consumers: Sequence[Consumer], fetch: Fetch, every: float = POLL_SECONDS) -> PeriodicTask:
    """A task that replays the requested dead letters of these consumer groups."""
    failures: Counter[UUID] = Counter()

    async def run(db: Database) -> None:
        while await replay_next(db, consumers, fetch, failures):
            pass

    return PeriodicTask("dead letter replay", every, run)


async def replay_next(
    db: Database, consumers: Sequence[Consumer], fetch: Fetch, failures: Counter[UUID] | None = None
) -> bool:
    """Replay the first requested dead letter. Returns False when there is none, or another process replays it.

    A dead letter that cannot be applied fails with its reason, and an operator may request it again. Raises one of
    TRANSIENT_ERRORS; `failures` counts them for each dead letter. After MAX_TRIES of them the dead letter fails too.
    """
    async with db.connection() as conn:
        letter_id = await conn.fetchval(_NEXT)
        letters = await dead_letter_queue.load_all(conn, [letter_id]) if letter_id else []
        if not letters:
            return False
        letter, record = letters[0], await _stored_record(conn, letters[0])
    # Before the transaction: no lock is held while waiting for the network.
    found = await _fetch_original(fetch, letter) if letter.cut else record
    try:
        return await _settle(db, letter, _applier(consumers, letter, found))
    except TRANSIENT_ERRORS as error:
        failures = Counter() if failures is None else failures
        failures[letter.id] += 1
        if failures[letter.id] < MAX_TRIES:
            raise
        detail = f"held up {failures.pop(letter.id)} times, the last time by {type(error).__name__}"
        return await _settle(db, letter, _reject(DeadLetterReason.FAILED, detail))


async def _settle(db: Database, letter: DeadLetter, apply: Callable[..., Awaitable[InvalidRecord | int]]) -> bool:
    """Apply a dead letter and store the result, in one transaction. Returns False when another process replays it."""
    async with db.transaction() as conn:
        if not await conn.fetchval(_LOCK, letter.id):
            return False
        result = await apply(conn)
        if isinstance(result, InvalidRecord):
            await conn.execute(_FAIL, letter.id, f"{result.reason}: {result.detail}")
        else:
            await conn.execute(_RESOLVE, letter.id, "replayed" if result else "known")
    log.info("dead letter applied again", id=str(letter.id), failed=isinstance(result, InvalidRecord))
    return True


async def _fetch_original(fetch: Fetch, letter: DeadLetter) -> ConsumerRecord[bytes, bytes] | InvalidRecord:
    """The complete record from its topic, or why it could not be read."""
    kept = f"only {letter.kept} of {letter.size} bytes are kept"
    try:
        record = await fetch(letter)
    except Exception as error:
        # Any error of the client concerns this record alone: its topic is deleted, or its partition has no leader.
        # Even while all brokers are away, the dead letters that are stored completely need not wait for them.
        log.warning("dead letter not fetched", id=str(letter.id), error=type(error).__name__)
        reason = f"{kept}, and the record could not be read from its topic: {type(error).__name__}; ask again later"
        return InvalidRecord(DeadLetterReason.FAILED, reason)
    if record is None:
        return InvalidRecord(DeadLetterReason.FAILED, f"{kept}, and the topic does not hold the record any more")
    return record


def _applier(
    consumers: Sequence[Consumer], letter: DeadLetter, record: ConsumerRecord[bytes, bytes] | InvalidRecord
) -> Callable[..., Awaitable[InvalidRecord | int]]:
    """A function that applies the record on a connection, or returns why that is impossible."""
    consumer = next((c for c in consumers if f"{letter.handler}.".startswith(f"{c.group}.")), None)
    if consumer is None:
        return _reject(DeadLetterReason.FAILED, f"no consumer group of this service is {letter.handler}")
    if isinstance(record, InvalidRecord):
        return _reject(record.reason, record.detail)
    return lambda conn: consumer.reapply(conn, record)


def _reject(reason: DeadLetterReason, detail: str) -> Callable[..., Awaitable[InvalidRecord]]:
    async def reject(conn: object) -> InvalidRecord:
        return InvalidRecord(reason, detail)

    return reject


async def _stored_record(conn: Connection, letter: DeadLetter) -> ConsumerRecord[bytes, bytes]:
    """The record with the stored part of its value."""
    value = await dead_letter_queue.value_of(conn, letter.id)
    return ConsumerRecord(
        topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        timestamp=0,
        timestamp_type=0,
        key=letter.key,
        value=value,
        checksum=None,
        serialized_key_size=len(letter.key or b""),
        serialized_value_size=len(value),
        headers=await dead_letter_queue.headers_of(conn, letter),
    )


def record_fetcher(brokers: Brokers) -> Fetch:
    """A function that reads a dead letter's record from its topic; it returns None when the topic has deleted it."""

    async def fetch(letter: DeadLetter) -> ConsumerRecord[bytes, bytes] | None:
        partition = TopicPartition(letter.topic, letter.partition)
        client = AIOKafkaConsumer(**brokers.client(), enable_auto_commit=False, request_timeout_ms=5000)
        await client.start()
        try:
            client.assign([partition])
            first = (await client.beginning_offsets([partition]))[partition]
            end = (await client.end_offsets([partition]))[partition]
            if not first <= letter.offset < end:
                return None
            client.seek(partition, letter.offset)
            async with asyncio.timeout(20):
                record: ConsumerRecord[bytes, bytes] = await client.getone(partition)
        finally:
            await client.stop()
        # In a topic that was deleted and created again the offset belongs to another record.
        same = (record.offset, record.key, len(record.value or b"")) == (letter.offset, letter.key, letter.size)
        return record if same else None

    return fetch
