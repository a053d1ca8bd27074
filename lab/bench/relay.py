"""Outbox to Kafka: a backlog drained, and a relay that keeps up with a writer; the ceiling is send() a record."""

import asyncio
import time
from collections.abc import Sequence

import asyncpg

from lab.bench.sample import Sample, prints
from shared.database.connection import Session
from shared.messaging.publisher import idempotent_producer
from shared.messaging.relay import Relay
from shared.settings.kafka import Brokers

_FILL = """
insert into outbox (topic, partition, key, event_id, sequence, headers, value)
select 'cases', p, k, e, 1, h, v
from unnest($1::smallint[], $2::text[], $3::uuid[], $4::text[], $5::text[]) as t(p, k, e, h, v)
"""


async def fill(conn: Session, samples: Sequence[Sample]) -> None:
    """Write samples to the outbox, 1,000 a transaction."""
    for first in range(0, len(samples), 1000):
        part = samples[first : first + 1000]
        await conn.execute(
            _FILL,
            [s.partition for s in part],
            [s.key for s in part],
            [s.event_id for s in part],
            [s.stored for s in part],
            [s.value for s in part],
        )


async def ceiling(servers: str, topic: str, samples: Sequence[Sample]) -> float:
    """Records a second by send(), a record at a time, awaited together."""
    producer = idempotent_producer(Brokers(servers), "bench")
    await producer.start()
    ready = [(s.value.encode(), s.key.encode(), s.partition, s.headers) for s in samples]
    began = time.perf_counter()
    for first in range(0, len(ready), 2000):
        sent = [
            await producer.send(topic, value=value, key=key, partition=partition, headers=headers)
            for value, key, partition, headers in ready[first : first + 2000]
        ]
        await asyncio.gather(*sent)
    took = time.perf_counter() - began
    await producer.stop()
    return len(ready) / took


async def drained(dsn: str, servers: str, namespace: str, count: int) -> float:
    """Rows a second of a backlog, marked and kept for replay."""
    relay = Relay(dsn, Brokers(servers), namespace=namespace, page=5000)
    running = asyncio.create_task(relay.run())
    while not relay.leading:
        await asyncio.sleep(0.001)
    began = time.perf_counter()
    while relay.published < count:
        await asyncio.sleep(0.005)
    took = time.perf_counter() - began
    relay.stop()
    await running
    return relay.published / took


async def live(dsn: str, servers: str, namespace: str, samples: Sequence[Sample]) -> float:
    """Rows a second from the first commit to the last delivery, with a writer beside the relay."""
    relay = Relay(dsn, Brokers(servers), namespace=namespace, page=5000)
    running = asyncio.create_task(relay.run())
    while not relay.leading:
        await asyncio.sleep(0.001)
    conn = await asyncpg.connect(dsn)
    began = time.perf_counter()
    for first in range(0, len(samples), 100):
        await fill(conn, samples[first : first + 100])
        relay._wake.set()
    while relay.published < len(samples):
        await asyncio.sleep(0.005)
    took = time.perf_counter() - began
    relay.stop()
    await running
    await conn.close()
    return len(samples) / took


async def measure(dsn: str, servers: str, namespace: str, count: int = 100_000) -> dict[str, float]:
    """The figures of `relay`."""
    samples = list(prints(count))
    conn = await asyncpg.connect(dsn)
    figures = {"ceiling_per_s": await ceiling(servers, namespace + "requests", samples)}
    await fill(conn, samples)
    figures["drained_per_s"] = await drained(dsn, servers, namespace, count)
    figures["live_per_s"] = await live(dsn, servers, namespace, list(prints(count // 4)))
    await conn.close()
    return figures
