"""Applies a batch of records in one transaction: each event once in effect, and no invalid record blocks the others.

The transaction holds the inbox rows, the state and the outbox rows of all events of the batch. A transient error
rolls it back and is raised; the caller retries the batch. Any other error has the batch applied again event by event;
an event that fails then becomes a dead letter in the same transaction.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

import structlog
from aiokafka import ConsumerRecord

from shared.contract.envelope import InvalidRecord, Message, MessageContext, current_context
from shared.contract.events import Event
from shared.contract.fields import DeadLetterReason
from shared.database.connection import Connection
from shared.database.errors import TRANSIENT_ERRORS
from shared.database.pool import Database
from shared.messaging import dead_letters, inbox
from shared.messaging.event_router import EventRouter, Item, NonRetryableError, Route
from shared.observability.metrics import Metrics, Tally
from shared.observability.tracing import Span, Tracing, end_all

log = structlog.get_logger()

DECODE_CHUNK = 1000
"""Records that are decoded while the database works on the records before them."""

Records = Sequence[ConsumerRecord[bytes, bytes]]


class _Batch(NamedTuple):
    """The batch being processed: the counts to publish after its commit, and the spans to end."""

    tally: Tally
    spans: list[Span]


_Apply = Callable[[Connection, Records, _Batch], Awaitable[None]]


class BatchProcessor:
    """Applies the batches of one consumer group to the database."""

    def __init__(
        self,
        service: str,
        group: str,
        router: EventRouter,
        db: Database,
        *,
        metrics: Metrics,
        tracing: Tracing | None = None,
    ) -> None:
        self._service, self._group, self._router = service, group, router
        self._db, self._metrics, self._tracing = db, metrics, tracing
        self.handled = 0
        """Events of committed batches that were given to a handler."""

    async def process(self, records: Records) -> None:
        """Apply a batch in one transaction. Raises only transient errors."""
        try:
            await self._process(records)
        except Exception as error:
            self._metrics.batch_failed(self._group, error)
            raise

    async def reapply(self, conn: Connection, record: ConsumerRecord[bytes, bytes]) -> InvalidRecord | int:
        """Apply a dead-lettered record again, in the caller's transaction.

        Returns 1, or 0 when the inbox already had the event, or the reason why the record cannot be applied. It never
        stores a second dead letter. Raises only transient errors.
        """
        token, batch = current_context.set(None), _Batch(Tally(), [])
        try:
            for item in self._decode(record, batch=batch):
                return await self._apply_one(conn, item, batch)
        finally:
            current_context.reset(token)
            end_all(batch.spans)
        return InvalidRecord(DeadLetterReason.UNKNOWN_VERSION, f"{self._group} does not handle this type")

    async def _process(self, records: Records) -> None:
        try:
            await self._commit(records, self._apply_chunks)
        except TRANSIENT_ERRORS:
            raise
        except Exception as error:
            log.info("batch taken one by one", group=self._group, error=type(error).__name__)
            await self._commit(records, self._apply_one_by_one)

    async def _commit(self, records: Records, apply: _Apply) -> None:
        began, batch = time.perf_counter(), _Batch(Tally(), [])
        token = current_context.set(None)
        try:
            async with self._db.transaction() as conn:
                await apply(conn, records, batch)
        finally:
            current_context.reset(token)
            end_all(batch.spans)
        self._metrics.batch_committed(self._group, batch.tally, time.perf_counter() - began)
        self.handled += batch.tally.events.total()

    def _decode(self, *records: ConsumerRecord[bytes, bytes], batch: _Batch) -> list[Item]:
        """The consumed records. A message whose trace is recorded gets its own span, the parent of what follows."""
        items = [item for record in records if (item := self._router.decode(record)) is not None]
        if self._tracing is None:
            return items
        return [
            item._replace(content=self._tracing.consumed(self._group, item.content, batch.spans))
            if isinstance(item.content, Message)
            else item
            for item in items
        ]

    async def _apply_chunks(self, conn: Connection, records: Records, batch: _Batch) -> None:
        """Decode one chunk of the batch while the database works on the chunk before it."""
        applying: asyncio.Task[None] | None = None
        try:
            for first in range(0, len(records), DECODE_CHUNK):
                items = self._decode(*records[first : first + DECODE_CHUNK], batch=batch)
                if applying is not None:
                    await applying
                applying = asyncio.create_task(self._apply(conn, items, batch))
                await asyncio.sleep(0)  # the task sends its first statement
            if applying is not None:
                await applying
        finally:
            if applying is not None and not applying.done():
                applying.cancel()
                await asyncio.wait({applying})

    async def _apply(self, conn: Connection, items: Sequence[Item], batch: _Batch) -> None:
        """Give consecutive events of one route to its handler together."""
        for route, run in groupby(items, key=lambda item: item.route):
            if route is None:
                current_context.set(None)
                for item in run:
                    assert isinstance(item.content, InvalidRecord)
                    await self._dead_letter(conn, item, item.content, batch)
            else:
                messages = [i.content for i in run if isinstance(i.content, Message)]
                current_context.set(messages[0] if len(messages) == 1 else None)
                await self._dispatch(conn, route, messages, batch)

    async def _dispatch(self, conn: Connection, route: Route, messages: list[Message[Event]], batch: _Batch) -> int:
        """Call the handler with the events that are not repeats. Returns their number."""
        delivered, began = len(messages), time.perf_counter()
        if not route.own_inbox:
            new = await inbox.claim_new(conn, self._group, [m.id for m in messages])
            # One batch may hold an id twice: the first occurrence counts.
            first: dict[UUID, Message[Event]] = {}
            for message in messages:
                first.setdefault(message.id, message)
            messages = [message for message in first.values() if message.id in new]
        repeats = (await route.handle(conn, messages) or 0) if messages else 0
        batch.tally.repeats += delivered - len(messages) + repeats
        batch.tally.handled(route.name, began, route.types, messages)
        return len(messages) - repeats

    async def _apply_one_by_one(self, conn: Connection, records: Records, batch: _Batch) -> None:
        for item in self._decode(*records, batch=batch):
            result = await self._apply_one(conn, item, batch)
            if isinstance(result, InvalidRecord):
                await self._dead_letter(conn, item, result, batch)

    async def _apply_one(self, conn: Connection, item: Item, batch: _Batch) -> InvalidRecord | int:
        """Apply one event in a savepoint, so that its failure rolls back nothing else.

        Returns how many events were new, or why the record cannot be applied.
        """
        current_context.set(item.content if isinstance(item.content, Message) else None)
        if item.route is None or isinstance(item.content, InvalidRecord):
            assert isinstance(item.content, InvalidRecord)
            return item.content
        try:
            async with conn.transaction():
                return await self._dispatch(conn, item.route, [item.content], batch)
        except TRANSIENT_ERRORS:
            raise
        except NonRetryableError as error:
            return InvalidRecord(DeadLetterReason.REFUSED, str(error))
        except Exception as error:
            log.exception("handler failed", handler=self._handler_name(item))
            return InvalidRecord(DeadLetterReason.FAILED, f"{type(error).__name__}"[:200])

    def _handler_name(self, item: Item) -> str:
        content = item.content
        return f"{self._group}.{type(content.event).__name__}" if isinstance(content, Message) else self._group

    async def _dead_letter(self, conn: Connection, item: Item, invalid: InvalidRecord, batch: _Batch) -> None:
        context = item.content.context if isinstance(item.content, Message) else MessageContext.new()
        rejection = dead_letters.Rejection(self._service, self._router.topic, self._handler_name(item), invalid)
        if await dead_letters.store(conn, rejection, item.record, context):
            batch.tally.dead[rejection.handler, str(invalid.reason)] += 1
