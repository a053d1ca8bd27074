"""A member of a consumer group: takes batches from Kafka, and gives a batch back when it cannot be applied now.

Offsets are committed by hand after the batch's transaction. Trouble that passes is tried again with a backoff,
without end, while the partitions wait.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import structlog
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from shared.messaging.kafka_client import CLIENT_ERRORS, brokers_reachable, force_close, has_failed, is_assigned

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
"""Settings of a consumer that neither loses nor spins; each may be overridden."""


COMMIT_SECONDS = 10.0
"""That a commit may take. A batch whose offset is not committed comes again, and the inbox drops it."""


class _Place(NamedTuple):
    """Where a member is: the committed offsets of partitions that hold more, as far as its client can tell, and how
    often it took a batch."""

    behind: dict[TopicPartition, int]
    turns: int


class GroupMember(ConsumerRebalanceListener):  # type: ignore[misc]
    """One Kafka consumer in a group. `process` applies a batch, or raises what passes."""

    def __init__(self, topic: str, group: str, process: Callable[[Records], Awaitable[None]]) -> None:
        self.topic, self.group = topic, group
        self.failures = 0
        self.waiting = 0
        """Partitions whose batch is to be tried again."""
        self.lag: dict[int, int] = {}
        """Events that its partitions hold and it has not committed, as of the last look of `watch`."""
        self._turns = 0
        self._still_since: float | None = None
        self._process = process
        self._in_hand = asyncio.Lock()
        self._subscriber: Any = None

    def subscribe(self, broker: KafkaBroker, settings: dict[str, Any]) -> None:
        """Take from the topic once the broker starts; `settings` override GENTLE."""
        self._subscriber = broker.subscriber(
            self.topic,
            group_id=self.group,
            batch=True,
            ack_policy=AckPolicy.MANUAL,  # the offset is committed by hand, see `take`
            no_reply=True,
            listener=self,
            **{**CONSUMER_SETTINGS, **settings},
            # The default parser decodes every header as UTF-8, and one binary header would lose the batch.
            parser=self._parse,
            decoder=_raw_records,
        )
        self._subscriber(self.take)

    @property
    def consumer(self) -> Any:
        """The client beneath; None until the broker is started."""
        return self._subscriber.consumer if self._subscriber else None

    async def _parse(self, records: tuple[ConsumerRecord[bytes, bytes], ...]) -> KafkaAckableMessage:
        return KafkaAckableMessage(body=b"", raw_message=records, consumer=self.consumer, correlation_id=self.group)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Wait for the batch in hand, or the next owner would take it a second time."""
        async with self._in_hand:
            self.waiting, self.lag = 0, {}

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Nothing to prepare: all state is in the database."""

    def silence(self) -> float | None:
        """Seconds since the last poll; None when it has no partition or is not started."""
        assigned = self.consumer.assignment() if self.consumer else ()
        polls = [at for tp in assigned if (at := self.consumer.last_poll_timestamp(tp)) is not None]
        return time.time() - max(polls) / 1000 if polls else None

    @property
    def partitions(self) -> int:
        """How many partitions it has."""
        return len(self.consumer.assignment()) if self.consumer else 0

    def stuck(self) -> float:
        """Seconds for which it took nothing, though the brokers answered at every look and held more; else 0.

        Without a partition it may rightly wait for another member: that counts a quarter.
        """
        if self._still_since is None:
            return 0
        return (time.monotonic() - self._still_since) / (1 if self.partitions else 4)

    async def take(self, records: list[Any]) -> None:
        """Apply a batch and commit its offsets, or go back to its start and wait a little."""
        async with self._in_hand:
            self._turns += 1
            try:
                await self._process(records)
            except BaseException as error:
                self.waiting = len(self._go_back(records))
                if not isinstance(error, Exception):
                    raise
                self.failures += 1
                pause = min(0.2 * 2 ** min(self.failures, 10), 5)
                log.warning("batch will be tried again", group=self.group, error=type(error).__name__, seconds=pause)
                await asyncio.sleep(pause)
                return
            self.failures, self.waiting = 0, 0
            try:
                async with asyncio.timeout(COMMIT_SECONDS):
                    await self.consumer.commit()
            except (KafkaError, TimeoutError) as error:
                log.warning("offsets not committed", group=self.group, error=type(error).__name__)

    async def watch(self, every: float = 5.0) -> None:
        """Start the client anew when it stands still although there is work, until cancelled.

        After a broker's restart a client can go on polling and never fetch again (aiokafka #1154, #847): nothing
        fails, so only the offsets tell, in three looks. A member that got no partition may rightly wait for another;
        it is given four times as long. One that gets no answer, though others do, counts as standing still; one of
        which a task has ended is started anew at once.
        """
        before: _Place | None = None
        still = 0
        while True:
            await asyncio.sleep(every)
            if (client := self.consumer) is None:
                continue
            turns = self._turns
            behind = await self._behind()
            gone = has_failed(client)
            answered = behind is not None or await brokers_reachable(client)
            place = _Place(behind or {}, turns) if answered and behind != {} else None
            still = still + 1 if place and place == before else 0
            if not still or not behind or -1 in behind.values():
                self._still_since = None
            elif self._still_since is None:
                self._still_since = time.monotonic()
            before = place
            # A batch in hand is in the way of nothing but itself.
            lost = answered and (gone or still >= (12 if is_assigned(client) and not self.partitions else 3))
            if lost and not self._in_hand.locked():
                log.warning("consumer stands still; started anew", group=self.group, partitions=len(behind or ()))
                still = 0
                await self._start_anew(every)

    async def _start_anew(self, pause: float) -> None:
        """A new client in place of the old one, however long the brokers are away meanwhile."""
        while True:
            await force_close(self.consumer, self._subscriber.stop())
            try:
                async with asyncio.timeout(30):
                    await self._subscriber.start()
                return
            except CLIENT_ERRORS as error:
                self._still_since = None  # it is the brokers that are away
                log.warning("client not started yet", group=self.group, error=type(error).__name__)
            await asyncio.sleep(pause)

    async def _behind(self) -> dict[TopicPartition, int] | None:
        """The committed offsets of the partitions that hold more; None while the broker does not answer."""
        client = self.consumer
        try:
            async with asyncio.timeout(5):
                places = client.assignment() or {
                    TopicPartition(self.topic, number) for number in client.partitions_for_topic(self.topic) or ()
                }
                ends = await client.end_offsets(places)
        except CLIENT_ERRORS:
            return None
        try:
            async with asyncio.timeout(5):
                done = {place: await client.committed(place) for place in places}
                if None in done.values():
                    done = await client.beginning_offsets(places) | {p: o for p, o in done.items() if o is not None}
        except CLIENT_ERRORS:
            # The brokers answer, the group's coordinator does not: that may be the very trouble.
            done = dict.fromkeys(places, -1)
        else:
            mine = client.assignment()
            self.lag = {p.partition: max(ends[p] - offset, 0) for p, offset in done.items() if p in mine}
        return {place: offset for place, offset in done.items() if offset < ends[place]}

    def _go_back(self, records: Records) -> set[TopicPartition]:
        starts: dict[TopicPartition, int] = {}
        for record in records:
            starts.setdefault(TopicPartition(record.topic, record.partition), record.offset)
        for partition, offset in starts.items():
            if partition in self.consumer.assignment():
                self.consumer.seek(partition, offset)
        return set(starts)


async def _raw_records(message: KafkaAckableMessage) -> Any:
    return list(message.raw_message)
