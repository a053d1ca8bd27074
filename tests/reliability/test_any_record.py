"""Whatever a record holds, it is applied or set aside in full, and the record after it is applied."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from aiokafka import ConsumerRecord
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.database.connection import Connection
from shared.database.pool import Database
from shared.messaging import dead_letter_queue
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letter_queue import DeadLetterFilter
from tests.reliability.test_consumer import filed, noting_consumer
from tests.support.records import record

LONG_ID = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(1000))
"""Text that compresses badly: 3,000 bytes, more than an index entry may have."""

# Lone surrogates too: what calls itself text may hold anything.
_text = st.text(st.characters(codec=None), max_size=40)
_bytes = st.binary(max_size=40) | _text.map(lambda text: text.encode(errors="surrogatepass"))
_long = st.builds(lambda unit, times: unit * times, st.binary(min_size=1, max_size=8), st.integers(200, 20_000))
_content = st.none() | _bytes | _long | st.integers(-(2**80), 2**80).map(lambda number: str(number).encode())
_our_names = st.sampled_from(["ce_specversion", "ce_id", "ce_type", "ce_sequence", "ce_correlationid", "traceparent"])
_types = st.sampled_from([b"id.jemputbola.RequestFiled.v" + b"9" * 5000, b"id.jemputbola." + b"x" * 60_000 + b".v1"])


@st.composite
def _records(draw: st.DrawFn) -> ConsumerRecord:
    """One of ours with some of it replaced, or a stranger's."""
    made = record(filed())
    headers = list(made.headers) if draw(st.booleans()) else []
    for _ in range(draw(st.integers(0, 4))):
        name = draw(_our_names | _text)
        headers = [(n, v) for n, v in headers if n != name or draw(st.booleans())]
        headers.append((name, draw(_content | _types)))
    headers += [("more", b"x")] * draw(st.sampled_from([0, 0, 0, 200]))
    made.headers = headers
    if draw(st.booleans()):
        made.key = draw(_content)
    if draw(st.booleans()):
        made.value = draw(_content)
    return made


def _with(name: str, content: bytes | None) -> ConsumerRecord:
    made = record(filed())
    made.headers = [(n, content if n == name else v) for n, v in made.headers]
    return made


async def _held(conn: Connection, sent: ConsumerRecord) -> tuple[object, ...] | None:
    """What the dead letter of this record holds of it."""
    row = await conn.fetchrow(
        "select d.key, d.value, d.size, r.names, r.contents from dead_letter d join dead_letter_headers r using (id)"
        ' where d.topic = $1 and d.partition = $2 and d."offset" = $3',
        *(sent.topic, sent.partition, sent.offset),
    )
    if row is None:
        return None
    names = [name.decode(errors="surrogatepass") for name in row["names"]]
    return row["key"], row["value"], row["size"], list(zip(names, row["contents"], strict=True))


@pytest.fixture
async def taking(database: Callable[[str], Awaitable[str]], stack: AsyncExitStack) -> tuple[Consumer, Database]:
    """The noting consumer on a database, without a broker."""
    db = await Database.connect(await database(""), size=2)
    stack.push_async_callback(db.close)
    async with db.connection() as conn:
        await conn.execute("create table noted (request_id uuid, sequence int)")
    consumer = noting_consumer()
    consumer.bind(db)
    return consumer, db


@given(sent=_records())
@example(sent=_with("ce_id", LONG_ID.encode()))
@example(sent=_with("ce_id", b"\0"))
@example(sent=_with("ce_sequence", None))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_any_record_is_applied_or_dead_lettered_in_full(
    taking: tuple[Consumer, Database], sent: ConsumerRecord
) -> None:
    consumer, db = taking
    following, skipped = filed(), consumer.skipped
    async with db.connection() as conn:
        before = await conn.fetchval("select count(*) from noted")
    await consumer.process([sent, record(following)])
    async with db.connection() as conn:
        assert await conn.fetchval("select true from noted where request_id = $1", following.request_id)
        noted = await conn.fetchval("select count(*) from noted") - before - 1
        held = await _held(conn, sent)
        letter = next(iter(await dead_letter_queue.page(conn, DeadLetterFilter(), 1)), None)
        if held:
            assert held == (sent.key, sent.value, len(sent.value or b""), list(sent.headers))
            assert letter is not None
            assert await dead_letter_queue.headers_of(conn, letter) == held[3]
    assert noted + consumer.skipped - skipped + (held is not None) == 1
