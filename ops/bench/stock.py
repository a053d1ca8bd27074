"""Print to stock: Kafka to committed ledger in one process; the ceiling consumes and decodes, without a database."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from faststream.kafka import KafkaBroker

from ops.bench.sample import Sample
from services.inventory.consumers import consumers
from shared.consuming import Consumer
from shared.db import Database
from shared.envelope import Message, decode
from shared.events import PrintCompleted
from shared.offices import Offices


async def publish(servers: str, topic: str, samples: Sequence[Sample]) -> None:
    """Put samples on the topic, in batches by partition."""
    producer = AIOKafkaProducer(bootstrap_servers=servers, enable_idempotence=True, acks="all", linger_ms=5)
    await producer.start()
    for first in range(0, len(samples), 5000):
        sent = [
            await producer.send(topic, s.value.encode(), s.key.encode(), partition=s.partition, headers=s.headers)
            for s in samples[first : first + 5000]
        ]
        await asyncio.gather(*sent)
    await producer.stop()


async def _consume(servers: str, namespace: str, consumer: Consumer, db: Database, count: int) -> float:
    """Events a second, from the first batch's arrival to the last batch's commit."""
    broker = KafkaBroker(servers, allow_auto_create_topics=False, graceful_timeout=15, apply_types=False, logger=None)
    consumer.attach(broker, db, namespace=namespace)
    finished, began, seen = asyncio.Event(), 0.0, 0
    apply = consumer.process

    async def timed(records: Sequence[Any]) -> None:
        nonlocal began, seen
        began = began or time.perf_counter()
        await apply(records)
        seen += len(records)
        if seen >= count:
            finished.set()

    consumer.process = timed  # type: ignore[method-assign]
    await broker.start()
    await finished.wait()
    took = time.perf_counter() - began
    await broker.stop()
    return seen / took


class _Decoding(Consumer):
    """Takes the same batches and decodes them, and does nothing else."""

    async def process(self, records: Sequence[Any]) -> None:
        for record in records:
            if not isinstance(decode(record.value, record.headers, self._known), Message):
                raise TypeError("a sample that does not decode")


async def measure(dsn: str, servers: str, namespace: str, count: int) -> tuple[float, float]:
    """(events a second, ceiling) of what is on the topic already."""
    db = await Database.connect(dsn)
    cases, alerts = consumers(Offices.load())
    del alerts
    decoding = _Decoding("ceiling", cases.topic, max_records=5000)

    @decoding.on(PrintCompleted)
    async def nothing(conn: object, message: object) -> None: ...

    ceiling = await _consume(servers, namespace, decoding, db, count)
    subject = await _consume(servers, namespace, cases, db, count)
    async with db.reading() as conn:
        posted = await conn.fetchval("select count(*) from movement where kind = 'print'")
    if posted != count:
        raise RuntimeError(f"{posted} prints in the ledger, {count} on the topic")
    await db.close()
    return subject, ceiling
