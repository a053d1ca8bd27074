"""A consumer group of a service: its handlers, its members, and its health.

Each event is consumed once in effect, none is lost, and an invalid record does not block the others. The offsets of a
batch are committed after its transaction (see `shared.messaging.batch_processor`). A batch with a transient error
is retried with backoff, without limit, while its partition waits.
"""

from collections.abc import Sequence
from typing import Any

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker

from shared.contract.envelope import InvalidRecord
from shared.contract.topics import Topic
from shared.database.connection import Connection
from shared.database.pool import Database
from shared.messaging.batch_processor import BatchProcessor
from shared.messaging.event_router import EventRouter, NonRetryableError
from shared.messaging.group_member import GroupMember
from shared.observability.metrics import Metrics
from shared.observability.tracing import Tracing

__all__ = ["Consumer", "NonRetryableError"]


class Consumer(EventRouter):
    """One consumer group on one topic. The group name is fixed: under a new name the group would replay the topic.

    With two members in a process, one member fetches and decodes while the database works for the other.
    """

    def __init__(self, service: str, topic: Topic, *, max_records: int = 500, members: int = 1) -> None:
        super().__init__(topic)
        self.service = service
        self.group = f"{service}.{topic.name}"
        self.members: list[GroupMember] = []
        self._max_records, self._member_count = max_records, members
        self._processor: BatchProcessor | None = None

    def attach(self, broker: KafkaBroker, db: Database, *, namespace: str = "", **settings: Any) -> None:
        """Bind the database and subscribe to the broker."""
        self.bind(db)
        self.subscribe(broker, namespace=namespace, **settings)

    def bind(self, db: Database, *, metrics: Metrics | None = None, tracing: Tracing | None = None) -> None:
        """Set the database to which events are applied."""
        self._processor = BatchProcessor(
            self.service, self.group, self, db, metrics=metrics or Metrics(), tracing=tracing
        )

    def subscribe(self, broker: KafkaBroker, *, namespace: str = "", **settings: Any) -> None:
        """Add the members to a broker that is not started yet. `settings` override CONSUMER_SETTINGS."""
        self.members = [
            GroupMember(namespace + self.topic.name, namespace + self.group, lambda records: self.process(records))
            for _ in range(self._member_count)
        ]
        for member in self.members:
            member.subscribe(broker, {"max_records": self._max_records, **settings})

    @property
    def processor(self) -> BatchProcessor:
        """Applies this group's batches. Raises RuntimeError before `bind`."""
        if self._processor is None:
            raise RuntimeError(f"{self.group} has no database yet: call bind")
        return self._processor

    async def process(self, records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
        """Apply a batch in one transaction. Raises only transient errors; invalid records become dead letters."""
        await self.processor.process(records)

    async def reapply(self, conn: Connection, record: ConsumerRecord[bytes, bytes]) -> InvalidRecord | int:
        """Apply a dead-lettered record again; see `BatchProcessor.reapply`."""
        return await self.processor.reapply(conn, record)

    # --- health ----------------------------------------------------------------------------------------------

    @property
    def handled(self) -> int:
        """Events of committed batches that were given to a handler."""
        return self.processor.handled

    @property
    def failures(self) -> int:
        """How many batches in a row failed; of several members the highest number."""
        return max((member.failures for member in self.members), default=0)

    @property
    def lag(self) -> int:
        """Events in this process's partitions that are not committed yet, as of the last check of `watch`."""
        return sum(sum(member.lag.values()) for member in self.members)

    def silence(self) -> float | None:
        """Seconds since the last poll of the member that polled longest ago; None when no member has a partition."""
        silences = [silence for member in self.members if (silence := member.silence()) is not None]
        return max(silences, default=None)

    def stalled_for(self) -> float:
        """Seconds for which a member has been stalled; of several the longest. See `GroupMember.stalled_for`."""
        return max((member.stalled_for() for member in self.members), default=0)
