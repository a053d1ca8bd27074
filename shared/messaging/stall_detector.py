"""Detects a Kafka client that makes no progress although its partitions hold more records.

After a broker's restart a client can continue to poll and never fetch again (aiokafka #1154, #847). No error is
raised, so only the committed offsets show it.
"""

import asyncio
import time
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.messaging.kafka_client import CLIENT_ERRORS

UNKNOWN = -1
"""The committed offset of a partition when the group's coordinator does not answer."""


class Offsets(NamedTuple):
    """One reading of a client's partitions."""

    behind: dict[TopicPartition, int]
    """The committed offset of each partition that holds more records; UNKNOWN if it could not be read."""
    lag: dict[int, int] | None
    """Records that are not committed, by assigned partition; None if the committed offsets could not be read."""


async def read_offsets(client: AIOKafkaConsumer, topic: str) -> Offsets | None:
    """Read the offsets of the client's partitions, or of all partitions of the topic while it has none.

    Returns None when the brokers do not answer within 5 seconds.
    """
    try:
        async with asyncio.timeout(5):
            partitions = client.assignment() or {
                TopicPartition(topic, number) for number in client.partitions_for_topic(topic) or ()
            }
            ends = await client.end_offsets(partitions)
    except CLIENT_ERRORS:
        return None
    lag = None
    try:
        async with asyncio.timeout(5):
            committed = {partition: await client.committed(partition) for partition in partitions}
            if None in committed.values():
                known = {partition: offset for partition, offset in committed.items() if offset is not None}
                committed = await client.beginning_offsets(partitions) | known
    except CLIENT_ERRORS:
        # The brokers answer, but the group's coordinator does not. The client itself may be the cause.
        committed = dict.fromkeys(partitions, UNKNOWN)
    else:
        assigned = client.assignment()
        lag = {p.partition: max(ends[p] - offset, 0) for p, offset in committed.items() if p in assigned}
    return Offsets({p: offset for p, offset in committed.items() if offset < ends[p]}, lag)


class Progress(NamedTuple):
    """The position of a member: two equal values mean that it made no progress between them."""

    behind: dict[TopicPartition, int]
    batches: int
    """Batches that the member has begun to process."""


class StallDetector:
    """Counts the checks without progress, and measures the time since the first of them."""

    def __init__(self) -> None:
        self._last: Progress | None = None
        self._unchanged = 0
        self._stalled_since: float | None = None

    def observe(self, progress: Progress | None) -> int:
        """Compare with the check before. Returns the number of consecutive checks without progress.

        `progress` is None when there is nothing to consume, or when the brokers do not answer.
        """
        self._unchanged = self._unchanged + 1 if progress and progress == self._last else 0
        self._last = progress
        if progress is None or not self._unchanged or not progress.behind or UNKNOWN in progress.behind.values():
            self._stalled_since = None
        elif self._stalled_since is None:
            self._stalled_since = time.monotonic()
        return self._unchanged

    def client_restarted(self) -> None:
        """Count the checks from zero. The time continues until the new client makes progress."""
        self._unchanged = 0

    def brokers_away(self) -> None:
        """Stop the time: the brokers are the cause, not the client."""
        self._stalled_since = None

    @property
    def seconds(self) -> float:
        """Seconds since the first check without progress; 0 while there is progress."""
        return 0 if self._stalled_since is None else time.monotonic() - self._stalled_since
