"""Records and readers for tests, independent of the code under test."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord


async def read_all(servers: str, topic: str, count: int, timeout: float = 30) -> list[ConsumerRecord]:
    """The first `count` records of a topic, and any that follow within a moment. Raises TimeoutError."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest", fetch_max_wait_ms=20)
    await consumer.start()
    records: list[ConsumerRecord] = []
    try:
        async with asyncio.timeout(timeout):
            while len(records) < count:
                for batch in (await consumer.getmany(timeout_ms=100)).values():
                    records += batch
        for batch in (await consumer.getmany(timeout_ms=300)).values():
            records += batch
    finally:
        await consumer.stop()
    return records


async def send_raw(servers: str, topic: str, messages: Sequence[dict[str, object]]) -> None:
    """Send records as a stranger would: {value, key, headers, partition}."""
    producer = AIOKafkaProducer(bootstrap_servers=servers, max_request_size=20_000_000, compression_type="gzip")
    await producer.start()
    try:
        for message in messages:
            await producer.send_and_wait(topic, **message)
    finally:
        await producer.stop()
