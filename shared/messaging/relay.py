"""The relay: publishes a database's outbox, at least once, in commit order per key.

One leader a database, by an advisory lock on the very session that reads and marks: a leader that lost its
session can mark nothing, and one that is paused loses its session (`idle_session_timeout`).

The mark is a snapshot. "Published" means: all that this snapshot sees. The next window is what a later snapshot
sees and that one does not, so a transaction held open while others commit is neither waited for nor missed.
Within a window rows go out by id, and ids of one key follow their commits (see `shared.messaging.outbox`).
"""

import asyncio
import time
from datetime import datetime
from typing import NamedTuple

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.database.connection import Session
from shared.database.errors import TRANSIENT_ERRORS
from shared.database.pool import Database
from shared.messaging.publisher import (
    Batches,
    await_acks,
    build_batches,
    close,
    idempotent_producer,
    send_batches,
    send_rows,
)
from shared.messaging.relay_cursor import LAST_ID, RelayCursor, load, save
from shared.observability.tracing import Span, Tracing, end_all
from shared.settings.kafka import Brokers

log = structlog.get_logger()

LEADER_SESSION = {
    # A paused or cut-off leader gives way after this long; a healthy one speaks at least once a second.
    "idle_session_timeout": "8s",
    "idle_in_transaction_session_timeout": "8s",
    "statement_timeout": "20s",
    "application_name": "relay",
    "jit": "off",
}
IDLE = 1.0
COALESCE_DELAY = 0.010
"""After something was sent, before the next look: commits that come one after the other share it. What comes after
a pause is looked for at once. Without this a busy service spends as much on looking as on what it is asked."""

_LOOK = f"""
select pg_current_snapshot()::text as window, ({LAST_ID}) as last_id,
    (select replay_to > 0 from relay_mark) as replay
"""  # noqa: S608  constants only
# As bytes, for that is how they travel.
_ROWS = """
select id, topic, partition, convert_to(key, 'UTF8') as key, convert_to(sequence::text, 'UTF8') as sequence,
    convert_to(headers, 'UTF8') as headers, convert_to(value, 'UTF8') as value
from outbox
"""
_PAGE = f"""{_ROWS}
where id > $1 and not pg_visible_in_snapshot(xid, $2::text::pg_snapshot)
  and pg_visible_in_snapshot(xid, $3::text::pg_snapshot)
order by id limit $4
"""
_REPLAY_PAGE = f"""{_ROWS}
where id > $1 and id <= $2 order by id limit $3
"""
_REPLAYED = "update relay_mark set replayed = $3 where replayed = $1 and replay_to = $2"
_REPLAY_DONE = "update relay_mark set replayed = null, replay_to = null where replayed = $1 and replay_to = $2"
_ASK = """
update relay_mark set replayed = least(replayed, $1), replay_to = greatest(replay_to, $2)
"""


class PreparedPage(NamedTuple):
    """A page that is ready to travel, and the spans that end when it has arrived."""

    batches: Batches
    spans: list[Span]


class Relay:
    """Publishes the outbox of one database for as long as `run` runs."""

    def __init__(
        self,
        dsn: str,
        brokers: Brokers,
        *,
        client_id: str = "relay",
        namespace: str = "",
        page: int = 2000,
        tracing: Tracing | None = None,
    ) -> None:
        self._dsn = dsn
        self._brokers, self._client_id = brokers, client_id
        self._namespace = namespace
        self._page = page
        self._tracing = tracing
        self._wake = asyncio.Event()
        self._notifying: asyncio.Task[None] | None = None
        self._stopping = False
        self.leading = False
        self.published = 0
        self.looked_at: float | None = None
        """When all that was there was last known to be published; Unix time, None before the first."""

    def poke(self, db: Database) -> None:
        """Something was committed. Tells the leader, wherever it is; many at once become one NOTIFY.

        Never inside the writing transaction: NOTIFY there would make commits wait for one another.
        """
        if self.leading:
            self._wake.set()
        elif self._notifying is None or self._notifying.done():
            self._notifying = asyncio.create_task(self._notify(db))

    async def _notify(self, db: Database) -> None:
        try:
            await asyncio.sleep(0.003)
            async with db.reading() as conn:
                await conn.execute("notify outbox")
        except TRANSIENT_ERRORS:
            pass  # the leader looks by itself every second

    def stop(self) -> None:
        """Let `run` end once the page in hand is delivered and marked."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Lead when nobody else does, until `stop`; trouble is logged and tried again."""
        pause = 0.1
        while not self._stopping:
            try:
                await self._lead()
                pause = 0.1
            except (*TRANSIENT_ERRORS, KafkaError, asyncpg.PostgresError) as error:
                log.warning("relay interrupted", error=type(error).__name__, detail=str(error)[:200])
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5)
            finally:
                self.leading = False

    async def _lead(self) -> None:
        conn = await asyncpg.connect(self._dsn, timeout=5, command_timeout=20, server_settings=LEADER_SESSION)
        try:
            while not await conn.fetchval("select pg_try_advisory_lock(hashtext('relay'))"):
                await self._idle()
                if self._stopping:
                    return
            await conn.add_listener("outbox", lambda *_: self._wake.set())
            producer = idempotent_producer(self._brokers, self._client_id)
            try:
                await producer.start()
                self.leading = True
                log.info("relay leads")
                await self._publish(conn, producer)
            finally:
                self.leading = False
                await close(producer)
        finally:
            conn.terminate()

    async def _publish(self, conn: Session, producer: AIOKafkaProducer) -> None:
        mark = await load(conn)
        while not self._stopping:
            self._wake.clear()
            head = await conn.fetchrow(_LOOK)
            assert head is not None
            if head["replay"]:
                await self._replay(conn, producer)
            mark.window = mark.window or head["window"]
            sent = await self._publish_window(conn, producer, mark, head["last_id"])
            self.looked_at = time.time()
            if sent:
                await asyncio.sleep(COALESCE_DELAY)
            await self._idle()  # what was committed since this look began has woken it already

    async def _idle(self) -> None:
        """Until woken, a second at the most: a NOTIFY can be lost, and the session must not fall silent."""
        try:
            async with asyncio.timeout(IDLE):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _publish_window(
        self, conn: Session, producer: AIOKafkaProducer, mark: RelayCursor, last_id: int
    ) -> int:
        """Page by page: while one travels, the next is packed, and the database reads the one after that.

        A page is sent only once the one before it has arrived, and marked only once it has arrived itself.
        """
        sent = 0
        rows = await self._read(conn, mark)
        packed = await self._pack(producer, rows)
        following = await self._follow(conn, mark, rows)
        while rows:
            deliveries = await send_batches(producer, packed.batches)
            reading = asyncio.create_task(self._follow(conn, mark, following))
            try:
                next_packed = await self._pack(producer, following)
            finally:
                after = await reading
            await await_acks(conn, deliveries)
            end_all(packed.spans)
            mark.upto = rows[-1]["id"]
            if not following:
                mark.finish_window()
            await save(conn, mark, last_id)
            sent += len(rows)
            self.published += len(rows)
            packed = next_packed
            rows, following = ([], []) if self._stopping else (following, after)
        if not self._stopping:
            mark.finish_window()
            if mark.floor_is_due:
                await save(conn, mark, last_id)
        return sent

    async def _pack(self, producer: AIOKafkaProducer, rows: list[asyncpg.Record]) -> PreparedPage:
        spans: list[Span] = []
        traced = rows if self._tracing is None else self._tracing.sending(rows, spans)
        return PreparedPage(await build_batches(producer, traced, self._namespace), spans)

    async def _read(self, conn: Session, mark: RelayCursor, after: int = 0) -> list[asyncpg.Record]:
        start = max(mark.upto, mark.floor, after)
        return await conn.fetch(_PAGE, start, mark.published, mark.window, self._page)

    async def _follow(self, conn: Session, mark: RelayCursor, rows: list[asyncpg.Record]) -> list[asyncpg.Record]:
        """The page after this one; none after one that was not full."""
        return await self._read(conn, mark, rows[-1]["id"]) if len(rows) == self._page else []

    async def _replay(self, conn: Session, producer: AIOKafkaProducer) -> None:
        # Each step counts only if nobody asked for more meanwhile: else the page goes out again, and nothing is
        # passed over.
        while asked := await conn.fetchrow("select replayed, replay_to from relay_mark where replay_to > 0"):
            rows = await conn.fetch(_REPLAY_PAGE, asked["replayed"], asked["replay_to"], self._page)
            if rows:
                await await_acks(conn, await send_rows(producer, rows, self._namespace))
                await conn.execute(_REPLAYED, *asked, rows[-1]["id"])
            else:
                await conn.execute(_REPLAY_DONE, *asked)
                log.info("replay finished", upto=asked["replay_to"])


async def replay(conn: Session, since: datetime) -> int:
    """Ask the leader to publish again what was recorded at or after `since`; returns how many rows.

    Asked for while another replay is under way, both are done: from the earlier start to the later end.
    """
    row = await conn.fetchrow(
        "select min(id) as first, max(id) as last, count(*) as n from outbox where recorded_at >= $1",
        since,
    )
    assert row is not None
    if row["n"]:
        await conn.execute(_ASK, row["first"] - 1, row["last"])
        await conn.execute("notify outbox")
    return int(row["n"])
