"""A member of a consumer group: one Kafka client that consumes batches.

The offsets of a batch are committed by hand, after the batch's transaction. A batch that fails with a transient error
is retried with backoff, without limit, while its partitions wait.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from shared.messaging.kafka_client import CLIENT_ERRORS, brokers_reachable, force_close, has_failed
from shared.messaging.stall_detector import Progress, StallDetector, read_offsets

log = structlog.get_logger()

Records = Sequence[ConsumerRecord[bytes, bytes]]

CONSUMER_SETTINGS = {
    "auto_offset_reset": "earliest",
    "max_records": 500,
    "batch_timeout_ms": 20,
    "fetch_max_wait_ms": 20,
    "session_timeout_ms": 6000,
    "heartbeat_interval_ms": 2000,
    "rebalance_timeout_ms": 10_000,  # longer than the longest batch
}
"""Settings of a consumer that loses no record and does not poll in a busy loop. Each may be overridden."""
COMMIT_SECONDS = 10.0
"""Time limit of a commit. A batch whose offsets are not committed is delivered again, and the inbox drops it."""
MAX_BACKOFF_SECONDS = 5.0
STALLED_CHECKS = 3
"""Checks without progress after which a client is restarted."""
STALLED_CHECKS_UNASSIGNED = 12
"""The same for a member without a partition: it may correctly wait for another member."""


class GroupMember(ConsumerRebalanceListener):  # type: ignore[misc]
    """One Kafka client in a group. `process` applies a batch, or raises a transient error."""

    def __init__(self, topic: str, group: str, process: Callable[[Records], Awaitable[None]]) -> None:
        self.topic, self.group = topic, group
        self.failures = 0
        """Batches that failed, one after the other."""
        self.waiting = 0
        """Partitions whose batch will be retried."""
        self.lag: dict[int, int] = {}
        """Records in the assigned partitions that are not committed, as of the last check of `watch`."""
        self.is_assigned = False
        """Whether the group has assigned this member its partitions, which may be none. False during a rebalance."""
        self._batches = 0
        self._process = process
        self._processing = asyncio.Lock()
        self._stall = StallDetector()
        self._subscriber: Any = None

    def subscribe(self, broker: KafkaBroker, settings: dict[str, Any]) -> None:
        """Consume the topic as soon as the broker starts. `settings` override CONSUMER_SETTINGS."""
        self._subscriber = broker.subscriber(
            self.topic,
            group_id=self.group,
            batch=True,
            ack_policy=AckPolicy.MANUAL,  # `consume_batch` commits the offsets
            no_reply=True,
            listener=self,
            **{**CONSUMER_SETTINGS, **settings},
            # The default parser decodes every header as UTF-8, and one binary header would lose the batch.
            parser=self._parse,
            decoder=_raw_records,
        )
        self._subscriber(self.consume_batch)

    @property
    def consumer(self) -> Any:
        """The aiokafka consumer; None until the broker is started."""
        return self._subscriber.consumer if self._subscriber else None

    async def _parse(self, records: tuple[ConsumerRecord[bytes, bytes], ...]) -> KafkaAckableMessage:
        return KafkaAckableMessage(body=b"", raw_message=records, consumer=self.consumer, correlation_id=self.group)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Wait for the batch being processed. Otherwise the next owner would process it too."""
        self.is_assigned = False
        async with self._processing:
            self.waiting, self.lag = 0, {}

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Note the end of the rebalance. There is no state to load: all of it is in the database."""
        self.is_assigned = True

    def silence(self) -> float | None:
        """Seconds since the last poll; None without a partition, or before the start."""
        assigned = self.consumer.assignment() if self.consumer else ()
        polls = [at for tp in assigned if (at := self.consumer.last_poll_timestamp(tp)) is not None]
        return time.time() - max(polls) / 1000 if polls else None

    @property
    def partitions(self) -> int:
        """The number of assigned partitions."""
        return len(self.consumer.assignment()) if self.consumer else 0

    def stalled_for(self) -> float:
        """Seconds without progress, while at every check the brokers answered and held more records; else 0.

        Without a partition the seconds count a quarter: the member may correctly wait for another one.
        """
        return self._stall.seconds / (1 if self.partitions else 4)

    async def consume_batch(self, records: list[Any]) -> None:
        """Apply a batch and commit its offsets. After an error seek back to its start, and wait before the retry."""
        async with self._processing:
            self._batches += 1
            try:
                await self._process(records)
            except BaseException as error:
                self.waiting = len(self._seek_back(records))
                if not isinstance(error, Exception):
                    raise
                self.failures += 1
                pause = min(0.2 * 2 ** min(self.failures, 10), MAX_BACKOFF_SECONDS)
                log.warning("batch will be tried again", group=self.group, error=type(error).__name__, seconds=pause)
                await asyncio.sleep(pause)
                return
            self.failures, self.waiting = 0, 0
            try:
                async with asyncio.timeout(COMMIT_SECONDS):
                    await self.consumer.commit()
            except (KafkaError, TimeoutError) as error:
                log.warning("offsets not committed", group=self.group, error=type(error).__name__)

    def _seek_back(self, records: Records) -> set[TopicPartition]:
        """Seek to the first record of each partition of the batch. Returns the partitions."""
        starts: dict[TopicPartition, int] = {}
        for record in records:
            starts.setdefault(TopicPartition(record.topic, record.partition), record.offset)
        for partition, offset in starts.items():
            if partition in self.consumer.assignment():
                self.consumer.seek(partition, offset)
        return set(starts)

    async def watch(self, every: float = 5.0) -> None:
        """Check the client every `every` seconds until cancelled, and restart it when it is stalled or has failed.

        A stalled client is restarted after STALLED_CHECKS checks, a failed one at the next check. A client that gets
        no answer, while the brokers answer others, counts as stalled.
        """
        while True:
            await asyncio.sleep(every)
            client = self.consumer
            if client is not None and await self._must_restart(client):
                await self._restart(every)

    async def _must_restart(self, client: Any) -> bool:
        batches = self._batches
        offsets = await read_offsets(client, self.topic)
        if offsets is not None and offsets.lag is not None:
            self.lag = offsets.lag
        behind = offsets.behind if offsets is not None else None
        failed = has_failed(client)
        reachable = behind is not None or await brokers_reachable(client)
        unchanged = self._stall.observe(Progress(behind or {}, batches) if reachable and behind != {} else None)
        unassigned = self.is_assigned and not self.partitions
        stalled = unchanged >= (STALLED_CHECKS_UNASSIGNED if unassigned else STALLED_CHECKS)
        # While a batch is being processed the client is not at fault.
        if not reachable or not (failed or stalled) or self._processing.locked():
            return False
        log.warning("consumer stands still; started anew", group=self.group, partitions=len(behind or ()))
        return True

    async def _restart(self, pause: float) -> None:
        """Replace the client by a new one. Retries until the brokers answer."""
        self._stall.client_restarted()
        while True:
            await force_close(self.consumer, self._subscriber.stop())
            self.is_assigned = False
            try:
                async with asyncio.timeout(30):
                    await self._subscriber.start()
                return
            except CLIENT_ERRORS as error:
                self._stall.brokers_away()
                log.warning("client not started yet", group=self.group, error=type(error).__name__)
            await asyncio.sleep(pause)


async def _raw_records(message: KafkaAckableMessage) -> Any:
    return list(message.raw_message)
