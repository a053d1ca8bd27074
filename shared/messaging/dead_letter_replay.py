"""Dead letters that an operator asked for are applied again by their own service, each once in effect.

One at a time in a service, however many processes it has, in the order of topic, partition and offset. The
handler runs in a savepoint; what it did, the inbox and what became of the letter are one transaction. What fails
again stays open with its new reason, and so does what cannot be read from its topic any more; a database that is
away is waited for.
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
from shared.database.pool import Database
from shared.messaging import dead_letter_queue
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letter_queue import DeadLetter
from shared.settings.kafka import Brokers

log = structlog.get_logger()

Fetch = Callable[[DeadLetter], Awaitable[ConsumerRecord[bytes, bytes] | None]]
POLL_SECONDS = 1.0
"""Seconds between two looks. Looking costs one index lookup; a notification could be lost."""
MAX_TRIES = 5
"""How often one letter may be held up by what passes before those after it go on."""

_NEXT = """
select id from dead_letter where replay_requested_at is not null order by topic, partition, "offset" limit 1
"""
# The advisory lock keeps the order among processes; the row's lock keeps a discard away meanwhile.
_TAKE = """
select true from dead_letter where id = $1 and replay_requested_at is not null
  and pg_try_advisory_xact_lock(hashtext('dead letters')) for update skip locked
"""
_DONE = """
update dead_letter set replay_requested_at = null, attempts = attempts + 1, last_error = null,
    resolved_at = clock_timestamp(), resolution = $2 where id = $1
"""
_FAILED = """
update dead_letter set replay_requested_at = null, attempts = attempts + 1, last_error = $2 where id = $1
"""


async def run_replays(db: Database, consumers: Sequence[Consumer], fetch: Fetch, every: float = POLL_SECONDS) -> None:
    """Do what was asked, and look again each second, until cancelled."""
    tries: Counter[UUID] = Counter()
    while True:
        try:
            while await replay_next(db, consumers, fetch, tries):
                pass
        except TRANSIENT_ERRORS as error:
            log.warning("dead letters wait", error=type(error).__name__)
        await asyncio.sleep(every)


async def replay_next(
    db: Database, consumers: Sequence[Consumer], fetch: Fetch, tries: Counter[UUID] | None = None
) -> bool:
    """Apply the first that was asked for; False when there is none, or another process is at it.

    One that cannot be applied fails with its reason and is out of the way of the others: an operator sees it and may
    ask again. `tries` counts how often each was held up by what passes, which raises one of TRANSIENT; whatever holds
    one letter up TRIES times while the database answers is not waited for any longer.
    """
    async with db.reading() as conn:
        letter_id = await conn.fetchval(_NEXT)
        letters = await dead_letter_queue.load_all(conn, [letter_id]) if letter_id else []
        if not letters:
            return False
        letter, record = letters[0], await _kept(conn, letters[0])
    # Before the transaction: nobody waits for the network while he holds a lock.
    found = await _fetched(fetch, letter) if letter.cut else record
    try:
        return await _settle(db, letter, _outcome(consumers, letter, found))
    except TRANSIENT_ERRORS as error:
        tries = Counter() if tries is None else tries
        tries[letter.id] += 1
        if tries[letter.id] < MAX_TRIES:
            raise
        detail = f"held up {tries.pop(letter.id)} times, the last time by {type(error).__name__}"
        return await _settle(db, letter, _refuse(DeadLetterReason.FAILED, detail))


async def _settle(db: Database, letter: DeadLetter, apply: Callable[..., Awaitable[InvalidRecord | int]]) -> bool:
    """Apply it and write down what came of it, in one transaction; False when another process is at it."""
    async with db.transaction() as conn:
        if not await conn.fetchval(_TAKE, letter.id):
            return False
        outcome = await apply(conn)
        if isinstance(outcome, InvalidRecord):
            await conn.execute(_FAILED, letter.id, f"{outcome.reason}: {outcome.detail}")
        else:
            await conn.execute(_DONE, letter.id, "replayed" if outcome else "known")
    log.info("dead letter applied again", id=str(letter.id), failed=isinstance(outcome, InvalidRecord))
    return True


async def _fetched(fetch: Fetch, letter: DeadLetter) -> ConsumerRecord[bytes, bytes] | InvalidRecord:
    """The record as its topic holds it, or why it could not be had."""
    kept = f"only {letter.kept} of {letter.size} bytes are kept"
    try:
        record = await fetch(letter)
    except Exception as error:
        # Whatever a client raises concerns this record: the topic is gone, its partition has no leader, the record
        # cannot be read. Even when all brokers are away the letters that were not cut need not wait for them.
        log.warning("dead letter not fetched", id=str(letter.id), error=type(error).__name__)
        reason = f"{kept}, and the record could not be read from its topic: {type(error).__name__}; ask again later"
        return InvalidRecord(DeadLetterReason.FAILED, reason)
    if record is None:
        return InvalidRecord(DeadLetterReason.FAILED, f"{kept}, and the topic does not hold the record any more")
    return record


def _outcome(
    consumers: Sequence[Consumer], letter: DeadLetter, record: ConsumerRecord[bytes, bytes] | InvalidRecord
) -> Callable[..., Awaitable[InvalidRecord | int]]:
    consumer = next((c for c in consumers if f"{letter.handler}.".startswith(f"{c.group}.")), None)
    if consumer is None:
        return _refuse(DeadLetterReason.FAILED, f"no consumer group of this service is {letter.handler}")
    if isinstance(record, InvalidRecord):
        return _refuse(record.reason, record.detail)
    return lambda conn: consumer.apply_again(conn, record)


def _refuse(reason: DeadLetterReason, detail: str) -> Callable[..., Awaitable[InvalidRecord]]:
    async def refused(conn: object) -> InvalidRecord:
        return InvalidRecord(reason, detail)

    return refused


async def _kept(conn: Connection, letter: DeadLetter) -> ConsumerRecord[bytes, bytes]:
    """The record, as far as it is kept."""
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
    """Reads a record from its topic again; None when the topic does not hold it any more."""

    async def fetch(letter: DeadLetter) -> ConsumerRecord[bytes, bytes] | None:
        place = TopicPartition(letter.topic, letter.partition)
        client = AIOKafkaConsumer(**brokers.client(), enable_auto_commit=False, request_timeout_ms=5000)
        await client.start()
        try:
            client.assign([place])
            first, end = (await client.beginning_offsets([place]))[place], (await client.end_offsets([place]))[place]
            if not first <= letter.offset < end:
                return None
            client.seek(place, letter.offset)
            async with asyncio.timeout(20):
                record: ConsumerRecord[bytes, bytes] = await client.getone(place)
        finally:
            await client.stop()
        # A topic that was made anew counts from zero again.
        same = (record.offset, record.key, len(record.value or b"")) == (letter.offset, letter.key, letter.size)
        return record if same else None

    return fetch
