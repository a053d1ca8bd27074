"""What /metrics says is what happened, counted once a batch."""

import re
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import asyncpg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.contract.envelope import Message, MessageContext
from shared.contract.events import REQUESTS, Event, RequestCancelled, RequestFiled
from shared.contract.ids import new_id
from shared.database.pool import Database
from shared.messaging import outbox
from shared.messaging.consumer import Consumer
from shared.messaging.relay_status import depth
from shared.observability.metrics import Metrics, Tally
from tests.observability.conftest import Seen, cancelled, filed
from tests.support.polling import until
from tests.support.records import record

Start = Callable[..., Awaitable[Seen]]


def values(text: str, name: str) -> dict[tuple[str, ...], float]:
    """Samples of a metric by the values of their labels, in the order of the labels' names."""
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


async def test_events_repeats_dead_letters_and_lag_are_told(started: Start) -> None:
    seen = await started(check_every=0.1)
    events = [filed() for _ in range(20)]
    await seen.send(*events, cancelled())

    async def all_told() -> bool:
        text = await seen.metrics()
        done = values(text, "dead_letters_open") and await seen.noted() == 20
        lag = values(text, "consumer_lag_events")
        return bool(done) and len(lag) == 12 and sum(lag.values()) == 0

    await until(all_told, what="all taken and told")
    once = record(filed())
    await seen.consumer.process([once])
    await seen.consumer.process([once, once])
    text = await seen.metrics()
    assert values(text, "consumer_events_total") == {("RequestFiled", "dispatch.requests"): 21}
    assert values(text, "inbox_repeats_total") == {("dispatch.requests",): 2}
    dead = {("dispatch.requests.RequestCancelled", "refused"): 1.0}
    assert values(text, "dead_letters_total") == dead
    assert values(text, "dead_letters_open") == dead
    assert values(text, "consumer_partitions") == {("dispatch.requests",): 12}
    assert values(text, "relay_leading") == {(): 1}
    assert values(text, "database_pool_max") == {(): 8}
    assert abs(values(text, "relay_last_success_timestamp_seconds")[()] - time.time()) < 10
    assert not re.search(r"(?<![\d.])\d{16}(?!\d)", text), "a number as long as a NIK"


async def test_requests_are_counted_by_template_never_by_path(started: Start) -> None:
    seen = await started()
    await seen.client.get("/clock?at=secret")
    await seen.client.post("/clock", json={})
    await seen.client.get(f"/nowhere/{new_id()}")
    await seen.client.request("BREW", "/clock")
    counted = values(await seen.metrics(), "http_requests_total")
    assert counted["GET", "/clock", "405"] == counted["POST", "/clock", "401"] == 1
    assert counted["GET", "none", "404"] == counted["other", "/clock", "405"] == 1
    assert "secret" not in await seen.metrics()


@pytest.mark.long
async def test_the_depth_costs_the_same_with_a_million_rows(
    database: Callable[[str], Awaitable[str]], stack: AsyncExitStack
) -> None:
    dsn = await database("")
    conn = await asyncpg.connect(dsn)
    stack.push_async_callback(conn.close)
    db = await Database.connect(dsn)
    stack.push_async_callback(db.close)
    assert await depth(conn) == (0, 0)
    async with db.transaction() as writing:
        await outbox.add(writing, "requests", MessageContext.new(), [filed() for _ in range(3)])
    unsent, age = await depth(conn)
    assert unsent == 3
    assert 0 < age < 60
    await conn.execute(
        "insert into outbox (recorded_at, event_id, topic, partition, key, sequence, headers, value)"
        " select now() - interval '1 hour', gen_random_uuid(), 'requests', 0, '', n, '', ''"
        " from generate_series(1, 1000000) n"
    )
    await conn.execute("analyze outbox")
    began = time.perf_counter()
    unsent, age = await depth(conn)
    took = time.perf_counter() - began
    assert unsent == 10_000
    assert 3600 <= age < 3700
    # Marked as published, as a relay does it: nothing below the mark is looked at.
    last = await conn.fetchval("select max(id) from outbox")
    await conn.execute("update relay_mark set published = pg_current_snapshot()::text, floor = $1", last)
    began = time.perf_counter()
    assert await depth(conn) == (0, 0)
    idle = time.perf_counter() - began
    print(f"depth of 1,000,003 rows: {took * 1000:.1f} ms; all published: {idle * 1000:.1f} ms")
    assert took < 0.5  # 6 ms; counting them all takes a second
    assert idle < 0.1  # 1 ms


@pytest.mark.parametrize("types", [(RequestFiled,), (RequestFiled, RequestCancelled)])
def test_counting_a_batch_is_next_to_nothing(types: tuple[type[Event], ...]) -> None:
    """5,000 events in one handler: the instruments are touched once each, whatever the size."""
    metrics, rounds = Metrics(), 200
    messages = [Message(event, new_id(), 1, {}) for event in (filed(), cancelled())] * 2500
    began = time.perf_counter()
    for _ in range(rounds):
        tally = Tally()
        tally.handled("note", time.perf_counter(), types, messages)
        metrics.batch_committed("a.group", tally, 0.1)
    each = (time.perf_counter() - began) / rounds
    print(f"a batch of 5,000 of {len(types)} types: {each * 1e6:.0f} us, {each / 5000 * 1e9:.0f} ns an event")
    assert each < 0.005  # at 50,000 events a second such a batch takes 0.1 s


async def test_a_rolled_back_batch_counts_only_its_failure(
    database: Callable[[str], Awaitable[str]], stack: AsyncExitStack
) -> None:
    consumer = Consumer("dispatch", REQUESTS)
    metrics = Metrics()

    @consumer.on(RequestFiled)
    async def lose_the_connection(conn: asyncpg.Connection, message: Message[RequestFiled]) -> None:
        raise ConnectionResetError

    db = await Database.connect(await database(""))
    stack.push_async_callback(db.close)
    consumer.bind(db, metrics=metrics)
    try:
        await consumer.process([record(filed())])
    except ConnectionResetError:
        pass
    else:
        raise AssertionError("what passes is raised")
    count = metrics.registry.get_sample_value
    assert count("consumer_batch_failures_total", {"group": consumer.group, "error": "ConnectionResetError"}) == 1
    assert count("consumer_events_total", {"group": consumer.group, "event": "RequestFiled"}) is None
