"""Publishes the rows of one window of the outbox, page by page.

Invariant: a page is sent only after the page before it is acknowledged, and the cursor passes a page only after the
page itself is acknowledged.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import asyncpg
from aiokafka import AIOKafkaProducer

from shared.database.connection import Session
from shared.messaging.publisher import Batches, await_acks, build_batches, send_batches
from shared.messaging.relay_cursor import RelayCursor, save
from shared.observability.tracing import Span, Tracing, end_all

# The columns as bytes, the form in which Kafka carries them.
ROWS = """
select id, topic, partition, convert_to(key, 'UTF8') as key, convert_to(sequence::text, 'UTF8') as sequence,
    convert_to(headers, 'UTF8') as headers, convert_to(value, 'UTF8') as value
from outbox
"""
_PAGE = f"""{ROWS}
where id > $1 and not pg_visible_in_snapshot(xid, $2::text::pg_snapshot)
  and pg_visible_in_snapshot(xid, $3::text::pg_snapshot)
order by id limit $4
"""


class PreparedPage(NamedTuple):
    """A page that is ready to be sent, and the spans that end when it is acknowledged."""

    batches: Batches
    spans: list[Span]


@dataclass(frozen=True, slots=True)
class WindowPublisher:
    """Publishes windows over the leader's database session and producer."""

    conn: Session
    producer: AIOKafkaProducer
    namespace: str
    page_size: int
    tracing: Tracing | None
    on_published: Callable[[int], None]
    """Called with the number of rows after each page."""
    is_stopping: Callable[[], bool]
    """Whether to stop after the page being sent."""

    async def publish(self, cursor: RelayCursor, last_id: int) -> int:
        """Publish the rest of the cursor's window. Returns the number of published rows.

        While one page is being sent, the next is built, and the database reads the one after that.
        """
        sent = 0
        rows = await self.read(cursor)
        prepared = await self._prepare(rows)
        following = await self._read_following(cursor, rows)
        while rows:
            acks = await send_batches(self.producer, prepared.batches)
            reading = asyncio.create_task(self._read_following(cursor, following))
            try:
                next_prepared = await self._prepare(following)
            finally:
                after = await reading
            await await_acks(self.conn, acks)
            end_all(prepared.spans)
            cursor.upto = rows[-1]["id"]
            if not following:
                cursor.finish_window()
            await save(self.conn, cursor, last_id)
            sent += len(rows)
            self.on_published(len(rows))
            prepared = next_prepared
            rows, following = ([], []) if self.is_stopping() else (following, after)
        if not self.is_stopping():
            cursor.finish_window()
            if cursor.floor_is_due:
                await save(self.conn, cursor, last_id)
        return sent

    async def read(self, cursor: RelayCursor, after: int = 0) -> list[asyncpg.Record]:
        """The next page of unpublished rows of the window, with ids greater than `after`, in the order of the ids."""
        start = max(cursor.upto, cursor.floor, after)
        return await self.conn.fetch(_PAGE, start, cursor.published, cursor.window, self.page_size)

    async def _read_following(self, cursor: RelayCursor, rows: list[asyncpg.Record]) -> list[asyncpg.Record]:
        """The page after these rows. Empty if their page was not full."""
        return await self.read(cursor, rows[-1]["id"]) if len(rows) == self.page_size else []

    async def _prepare(self, rows: list[asyncpg.Record]) -> PreparedPage:
        spans: list[Span] = []
        traced = rows if self.tracing is None else self.tracing.published(rows, spans)
        return PreparedPage(await build_batches(self.producer, traced, self.namespace), spans)
