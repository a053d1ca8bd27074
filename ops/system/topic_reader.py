"""Reads all topics from their first record to the ends that they have now."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.contract.events import PARTITIONS, TOPICS
from shared.settings.kafka import Brokers


async def read_all(brokers: Brokers) -> AsyncIterator[ConsumerRecord]:
    """Every record, those of a partition in their order. Raises KafkaError when the brokers are away."""
    partitions = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(PARTITIONS)]
    consumer = AIOKafkaConsumer(**brokers.client(), enable_auto_commit=False, fetch_max_wait_ms=20)
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        left = set(partitions)
        while left := {each for each in left if await consumer.position(each) < ends[each]}:
            for records in (await consumer.getmany(*left, timeout_ms=200)).values():
                for record in records:
                    yield record
    finally:
        await consumer.stop()
