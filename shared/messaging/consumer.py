"""Taking events from Kafka: each once in effect, none lost, and no bad one in the way of the others.

A batch is one transaction: inbox rows, state and outbox rows of all its events; offsets are committed after
it. Trouble that passes (database, broker) is tried again with a backoff, without end, while the partition
waits. What fails the same way each time becomes a row of `dead_letter` in the same transaction, and is
announced through the outbox.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import structlog
from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker

from shared.contract.envelope import InvalidRecord, Message, MessageContext, current_context, decode
from shared.contract.events import Event, Topic
from shared.contract.fields import DeadLetterReason
from shared.database.connection import Connection
from shared.database.errors import TRANSIENT_ERRORS
from shared.database.pool import Database
from shared.messaging import inbox
from shared.messaging.dead_letters import store
from shared.messaging.group_member import GroupMember
from shared.observability.metrics import Metrics, Tally
from shared.observability.tracing import Span, Tracing, end_all

log = structlog.get_logger()

E = TypeVar("E", bound=Event)
Handler = Callable[[Connection, Message[Any]], Awaitable[None]]
BatchHandler = Callable[[Connection, Sequence[Message[Any]]], Awaitable[int | None]]
"""Applies a run of events. One with an inbox of its own returns how many of them it knew already."""
DECODE_CHUNK = 1000
"""Records that are decoded while the database works on those before."""


class NonRetryableError(Exception):
    """A handler's word that this event can never be applied, and why: it becomes a dead letter."""


@dataclass(frozen=True, slots=True)
class _Route:
    name: str
    types: tuple[type[Event], ...]
    handle: BatchHandler
    own_inbox: bool


class _Item(NamedTuple):
    """A record that somebody here cares for, with what it is."""

    record: ConsumerRecord[bytes, bytes]
    content: Message[Event] | InvalidRecord
    route: _Route | None


class _Batch(NamedTuple):
    """A batch on its way to its commit: what to count then, and the spans to end."""

    tally: Tally
    spans: list[Span]


_Apply = Callable[[Connection, Sequence[ConsumerRecord[bytes, bytes]], _Batch], Awaitable[None]]


class Consumer:
    """One consumer group on one topic. Its group name is pinned: a new name would replay the topic.

    With two members in a process, one fetches and decodes while the database works for the other.
    """

    def __init__(self, service: str, topic: Topic, *, max_records: int = 500, members: int = 1) -> None:
        self.service, self.topic = service, topic
        self.group = f"{service}.{topic.name}"
        self.skipped = 0
        self._max_records, self._size = max_records, members
        self.members: list[GroupMember] = []
        self.handled = 0
        self._routes: dict[type[Event], _Route] = {}
        self._known: dict[bytes, type[Event]] = {}
        self._db: Database | None = None
        self._metrics = Metrics()
        self._tracing: Tracing | None = None

    def on(self, *types: type[E]) -> Callable[[Callable[[Connection, Message[E]], Awaitable[None]]], Handler]:
        """Register a handler of single events. It runs inside the batch's transaction, once an event."""

        def register(handler: Callable[[Connection, Message[E]], Awaitable[None]]) -> Handler:
            async def each(conn: Connection, messages: Sequence[Message[Any]]) -> None:
                for message in messages:
                    current_context.set(message)  # of this task, or of a batch's: both end with the batch
                    await handler(conn, message)

            self._register(_Route(handler.__name__, types, each, own_inbox=False))
            return handler

        return register

    def on_batch(
        self, *types: type[E], own_inbox: bool = False
    ) -> Callable[[Callable[[Connection, Sequence[Message[E]]], Awaitable[int | None]]], BatchHandler]:
        """Register a handler of runs of events. With `own_inbox` it tells repeats by its own unique event id."""

        def register(handler: Callable[[Connection, Sequence[Message[E]]], Awaitable[int | None]]) -> BatchHandler:
            self._register(_Route(handler.__name__, types, handler, own_inbox))
            return handler

        return register

    def _register(self, route: _Route) -> None:
        for event_type in route.types:
            if event_type.topic is not self.topic:
                raise RuntimeError(f"{event_type.__name__} is not in the topic {self.topic.name}")
            self._known[event_type.type_name().encode()] = event_type
            self._routes[event_type] = route

    @property
    def consumes(self) -> tuple[type[Event], ...]:
        """The events this group handles, in the order of registration."""
        return tuple(self._known.values())

    # --- wiring ----------------------------------------------------------------------------------------------

    def attach(
        self,
        broker: KafkaBroker,
        db: Database,
        *,
        namespace: str = "",
        metrics: Metrics | None = None,
        tracing: Tracing | None = None,
        **settings: Any,
    ) -> None:
        """Join the group with its members on a broker that is not started yet."""
        self._db, self._tracing = db, tracing
        self._metrics = metrics or self._metrics
        self.members = [
            GroupMember(namespace + self.topic.name, namespace + self.group, lambda records: self.process(records))
            for _ in range(self._size)
        ]
        for member in self.members:
            member.subscribe(broker, {"max_records": self._max_records, **settings})

    @property
    def failures(self) -> int:
        """How often in a row a batch could not be applied."""
        return max((member.failures for member in self.members), default=0)

    def silence(self) -> float | None:
        """Seconds since a member last polled; None when none has a partition."""
        silences = [silence for member in self.members if (silence := member.silence()) is not None]
        return max(silences, default=None)

    @property
    def lag(self) -> int:
        """Events that this process's partitions hold and it has not taken yet, as of the last look."""
        return sum(sum(member.lag.values()) for member in self.members)

    def stuck(self) -> float:
        """Seconds since the member that stands still longest took anything; see `Member.stuck`."""
        return max((member.stuck() for member in self.members), default=0)

    # --- taking a batch ----------------------------------------------------------------------------------------

    async def process(self, records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
        """Apply a batch in one transaction. Raises only what passes; the rest is in the dead letters."""
        try:
            await self._commit_once(records)
        except Exception as error:
            self._metrics.failed(self.group, error)
            raise

    async def _commit_once(self, records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
        try:
            await self._commit(records, self._apply_overlapped)
        except TRANSIENT_ERRORS:
            raise
        except Exception as error:
            log.info("batch taken one by one", group=self.group, error=type(error).__name__)
            await self._commit(records, self._apply_one_by_one)

    async def _commit(self, records: Sequence[ConsumerRecord[bytes, bytes]], apply: _Apply) -> None:
        assert self._db is not None
        began, batch = time.perf_counter(), _Batch(Tally(), [])
        hand = current_context.set(None)
        try:
            async with self._db.transaction() as conn:
                await apply(conn, records, batch)
        finally:
            current_context.reset(hand)
            end_all(batch.spans)
        self._metrics.batch(self.group, batch.tally, time.perf_counter() - began)
        self.handled += batch.tally.events.total()

    async def _apply_overlapped(
        self, conn: Connection, records: Sequence[ConsumerRecord[bytes, bytes]], batch: _Batch
    ) -> None:
        """Decode one part of the batch while the database works on the part before it."""
        working: asyncio.Task[None] | None = None
        try:
            for first in range(0, len(records), DECODE_CHUNK):
                items = self._sort_all(records[first : first + DECODE_CHUNK], batch)
                if working is not None:
                    await working
                working = asyncio.create_task(self._apply(conn, items, batch))
                await asyncio.sleep(0)  # lets its statement go out
            if working is not None:
                await working
        finally:
            if working is not None and not working.done():
                working.cancel()
                await asyncio.wait({working})

    def _sort_all(self, records: Sequence[ConsumerRecord[bytes, bytes]], batch: _Batch) -> list[_Item]:
        items = [item for record in records if (item := self._sort(record)) is not None]
        return items if self._tracing is None else [self._traced(self._tracing, item, batch) for item in items]

    def _traced(self, tracing: Tracing, item: _Item, batch: _Batch) -> _Item:
        """The event with a span of its own, if its trace is recorded: what it causes follows from that span."""
        if not isinstance(item.content, Message):
            return item
        return item._replace(content=tracing.taken(self.group, item.content, batch.spans))

    def _sort(self, record: ConsumerRecord[bytes, bytes]) -> _Item | None:
        content = decode(record.value, record.headers, self._known)
        if content is None:
            self.skipped += 1
            return None
        if isinstance(content, InvalidRecord):
            return _Item(record, content, None)
        return _Item(record, content, self._routes[type(content.event)])

    async def _apply(self, conn: Connection, items: Sequence[_Item], batch: _Batch) -> None:
        """Runs of one route together; whatever raises takes the whole batch back."""
        for route, run in groupby(items, key=lambda item: item.route):
            if route is None:
                current_context.set(None)
                for item in run:
                    assert isinstance(item.content, InvalidRecord)
                    await self._bury(conn, item, item.content, batch)
            else:
                messages = [i.content for i in run if isinstance(i.content, Message)]
                current_context.set(messages[0] if len(messages) == 1 else None)
                await self._hand_over(conn, route, messages, batch)

    async def _hand_over(self, conn: Connection, route: _Route, messages: list[Message[Event]], batch: _Batch) -> int:
        """Returns how many were not known yet."""
        delivered, began = len(messages), time.perf_counter()
        if not route.own_inbox:
            fresh = await inbox.claim_new(conn, self.group, [m.id for m in messages])
            # An id may stand twice in one batch: the first one counts.
            first: dict[UUID, Message[Event]] = {}
            for message in messages:
                first.setdefault(message.id, message)
            messages = [message for message in first.values() if message.id in fresh]
        known = (await route.handle(conn, messages) or 0) if messages else 0
        batch.tally.repeats += delivered - len(messages) + known
        batch.tally.handled(route.name, began, route.types, messages)
        return len(messages) - known

    async def _apply_one_by_one(
        self, conn: Connection, records: Sequence[ConsumerRecord[bytes, bytes]], batch: _Batch
    ) -> None:
        for item in self._sort_all(records, batch):
            done = await self._apply_one(conn, item, batch)
            if isinstance(done, InvalidRecord):
                await self._bury(conn, item, done, batch)

    async def _apply_one(self, conn: Connection, item: _Item, batch: _Batch) -> InvalidRecord | int:
        """In a savepoint, so that one that fails takes nothing with it. How many were new, or why it failed."""
        current_context.set(item.content if isinstance(item.content, Message) else None)
        if item.route is None or isinstance(item.content, InvalidRecord):
            assert isinstance(item.content, InvalidRecord)
            return item.content
        try:
            async with conn.transaction():
                return await self._hand_over(conn, item.route, [item.content], batch)
        except TRANSIENT_ERRORS:
            raise
        except NonRetryableError as refusal:
            return InvalidRecord(DeadLetterReason.REFUSED, str(refusal))
        except Exception as error:
            log.exception("handler failed", handler=self._handler(item))
            return InvalidRecord(DeadLetterReason.FAILED, f"{type(error).__name__}"[:200])

    async def apply_again(self, conn: Connection, record: ConsumerRecord[bytes, bytes]) -> InvalidRecord | int:
        """Apply a record that was set aside: 1, or 0 when the inbox knew it, or why it still cannot be applied.

        Nothing is set aside a second time: the caller keeps what it asked for.
        """
        hand, batch = current_context.set(None), _Batch(Tally(), [])
        try:
            for item in self._sort_all([record], batch):
                return await self._apply_one(conn, item, batch)
        finally:
            current_context.reset(hand)
            end_all(batch.spans)
        return InvalidRecord(DeadLetterReason.UNKNOWN_VERSION, f"{self.group} does not handle this type")

    def _handler(self, item: _Item) -> str:
        content = item.content
        return f"{self.group}.{type(content.event).__name__}" if isinstance(content, Message) else self.group

    async def _bury(self, conn: Connection, item: _Item, poison: InvalidRecord, batch: _Batch) -> None:
        cause = item.content.cause if isinstance(item.content, Message) else MessageContext.new()
        handler = self._handler(item)
        if await store(conn, self.service, self.topic, handler, item.record, poison, cause):
            batch.tally.dead[handler, str(poison.reason)] += 1
