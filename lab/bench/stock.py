"""Print to stock: Kafka to committed ledger in one process; the ceiling consumes and decodes, without a database."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from faststream.kafka import KafkaBroker

from lab.bench.sample import Sample, prints
from services.inventory.consumers import consumers
from shared.contract.envelope import Message
from shared.contract.events import PARTITIONS, PrintCompleted
from shared.database.pool import Database
from shared.messaging.consumer import Consumer
from shared.messaging.publisher import idempotent_producer
from shared.reference.offices import Offices
from shared.settings.kafka import Brokers


async def publish(servers: str, topic: str, samples: Sequence[Sample]) -> None:
    """Put samples on the topic, in batches by partition."""
    producer = idempotent_producer(Brokers(servers), "bench")
    await producer.start()
    for first in range(0, len(samples), 5000):
        sent = [
            await producer.send(topic, s.value.encode(), s.key.encode(), partition=s.partition, headers=s.headers)
            for s in samples[first : first + 5000]
        ]
        await asyncio.gather(*sent)
    await producer.stop()


async def _consume(
    servers: str, namespace: str, consumer: Consumer, db: Database, samples: Sequence[Sample]
) -> float:
    """Events a second, from the moment that the members of a settled group may fetch to the last commit."""
    broker = KafkaBroker(servers, allow_auto_create_topics=False, graceful_timeout=15, apply_types=False, logger=None)
    consumer.attach(broker, db, namespace=namespace)
    finished, seen = asyncio.Event(), 0
    apply = consumer.process

    async def counted(records: Sequence[Any]) -> None:
        nonlocal seen
        await apply(records)
        seen += len(records)
        if seen >= len(samples):
            finished.set()

    consumer.process = counted  # type: ignore[method-assign]
    await broker.start()
    clients = [member.consumer for member in consumer.members]
    while sorted(len(client.assignment()) for client in clients) != [PARTITIONS // len(clients)] * len(clients):
        await asyncio.sleep(0.01)
    for client in clients:
        client.pause(*client.assignment())
    await publish(servers, namespace + "cases", samples)
    began = time.perf_counter()
    for client in clients:
        client.resume(*client.assignment())
    await finished.wait()
    took = time.perf_counter() - began
    await broker.stop()
    return seen / took


class _Decoding(Consumer):
    """Takes the same batches and decodes them, and does nothing else."""

    async def process(self, records: Sequence[Any]) -> None:
        for record in records:
            item = self.decode(record)
            if item is None or not isinstance(item.content, Message):
                raise TypeError("a sample that does not decode")


async def measure(dsn: str, servers: str, namespaces: tuple[str, str], count: int) -> dict[str, float]:
    """The figures of `print_to_stock`, of the same events on topics of two namespaces."""
    samples = list(prints(count))
    db = await Database.connect(dsn)
    cases, _ = consumers(Offices.load())
    decoding = _Decoding("ceiling", cases.topic, max_records=5000, members=2)

    @decoding.on(PrintCompleted)
    async def nothing(conn: object, message: object) -> None: ...

    ceiling = await _consume(servers, namespaces[0], decoding, db, samples)
    subject = await _consume(servers, namespaces[1], cases, db, samples)
    async with db.connection() as conn:
        posted = await conn.fetchval("select count(*) from movement where kind = 'print'")
    if posted != count:
        raise RuntimeError(f"{posted} prints in the ledger, {count} on the topic")
    await db.close()
    return {"per_s": subject, "ceiling_per_s": ceiling}
