"""The relay: publishes a database's outbox, at least once, in commit order per key.

One leader a database, by an advisory lock on the very session that reads and marks: a leader that lost its
session can mark nothing, and one that is paused loses its session (`idle_session_timeout`).

The mark is a snapshot. "Published" means: all that this snapshot sees. The next window is what a later snapshot
sees and that one does not, so a transaction held open while others commit is neither waited for nor missed.
Within a window rows go out by id, and ids of one key follow their commits (see `shared.outbox`).
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.connection import Connection, Session
from shared.db import TRANSIENT, Database
from shared.envelope import unfold
from shared.kafka import Brokers
from shared.tracing import Span, Tracing, end_all

log = structlog.get_logger()

Future = asyncio.Future[object]
LEADER_SESSION = {
    # A paused or cut-off leader gives way after this long; a healthy one speaks at least once a second.
    "idle_session_timeout": "8s",
    "idle_in_transaction_session_timeout": "8s",
    "statement_timeout": "20s",
    "application_name": "relay",
    "jit": "off",
}
SEND_DEADLINE = 30.0
IDLE = 1.0
BREATH = 0.010
"""After something was sent, before the next look: commits that come one after the other share it. What comes after
a pause is looked for at once. Without this a busy service spends as much on looking as on what it is asked."""

# A sequence that was never drawn from says 1, as it does after its first id.
_LAST_ID = "select case when is_called then last_value else 0 end from outbox_id_seq"
_LOOK = f"""
select pg_current_snapshot()::text as window, ({_LAST_ID}) as last_id,
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
_BACKLOG = f"""
select ({_LAST_ID}) as last_id, count(o.id) as unsent
from relay_mark m left join outbox o on o.id > m.floor
 and not pg_visible_in_snapshot(o.xid, m.published::pg_snapshot)
 and not (m.window_ is not null and o.id <= m.upto and pg_visible_in_snapshot(o.xid, m.window_::pg_snapshot))
"""  # noqa: S608  constants only
# Subqueries, not a join: so the index is searched from the mark on, whatever the planner believes of its place.
_DEPTH = """
select count(*) as unsent, coalesce(extract(epoch from clock_timestamp() - min(recorded_at)), 0) as age
from (
    select recorded_at from outbox
    where id > (select greatest(floor, upto) from relay_mark)
      and not pg_visible_in_snapshot(xid, (select published::pg_snapshot from relay_mark))
    order by id limit $1
) unsent
"""
_REPLAYED = "update relay_mark set replayed = $3 where replayed = $1 and replay_to = $2"
_REPLAY_DONE = "update relay_mark set replayed = null, replay_to = null where replayed = $1 and replay_to = $2"
_ASK = """
update relay_mark set replayed = least(replayed, $1), replay_to = greatest(replay_to, $2)
"""
_MARK = """
update relay_mark set published = $1, window_ = $2, upto = $3, floor = $4,
    next_floor = $5, next_floor_xid = $6
returning pg_current_xact_id()::text
"""


@dataclass
class Mark:
    """How far the relay is; see the table `relay_mark`."""

    published: str
    window: str | None
    upto: int
    floor: int
    next_floor: int
    next_floor_xid: int

    def finish_window(self) -> None:
        """Everything the window sees is out."""
        if self.window is not None:
            self.published, self.window, self.upto = self.window, None, 0

    def raise_floor(self, last_id: int, xid: int) -> None:
        """`xid` was given out after `last_id` was seen: every later transaction draws larger ids. So `last_id` is
        a floor once all transactions before `xid` have ended and are published. A snapshot's xmax would not do:
        it tells which transactions have ended, and one that is still open may have drawn its ids long before.
        """
        if _bounds(self.published)[0] >= self.next_floor_xid:
            self.floor = self.next_floor
            self.next_floor, self.next_floor_xid = last_id, xid


def _bounds(snapshot: str) -> tuple[int, int]:
    """xmin and xmax of a pg_snapshot in its text form, "xmin:xmax:xip,xip"."""
    xmin, xmax, _ = snapshot.split(":")
    return int(xmin), int(xmax)


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
        except TRANSIENT:
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
            except (*TRANSIENT, KafkaError, asyncpg.PostgresError) as error:
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
                await _close(producer)
        finally:
            conn.terminate()

    async def _publish(self, conn: Session, producer: AIOKafkaProducer) -> None:
        mark = await _load(conn)
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
                await asyncio.sleep(BREATH)
            await self._idle()  # what was committed since this look began has woken it already

    async def _idle(self) -> None:
        """Until woken, a second at the most: a NOTIFY can be lost, and the session must not fall silent."""
        try:
            async with asyncio.timeout(IDLE):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _publish_window(self, conn: Session, producer: AIOKafkaProducer, mark: Mark, last_id: int) -> int:
        """Page by page: while one travels, the next is packed, and the database reads the one after that.

        A page is sent only once the one before it has arrived, and marked only once it has arrived itself.
        """
        sent = 0
        rows = await self._read(conn, mark)
        packed = await self._pack(producer, rows)
        following = await self._follow(conn, mark, rows)
        while rows:
            deliveries = await post(producer, packed.batches)
            reading = asyncio.create_task(self._follow(conn, mark, following))
            try:
                next_packed = await self._pack(producer, following)
            finally:
                after = await reading
            await _delivered(conn, deliveries)
            end_all(packed.spans)
            mark.upto = rows[-1]["id"]
            if not following:
                mark.finish_window()
            mark.raise_floor(last_id, await _save(conn, mark))
            sent += len(rows)
            self.published += len(rows)
            packed = next_packed
            rows, following = ([], []) if self._stopping else (following, after)
        if not self._stopping:
            mark.finish_window()
        return sent

    async def _pack(self, producer: AIOKafkaProducer, rows: list[asyncpg.Record]) -> "Packed":
        spans: list[Span] = []
        traced = rows if self._tracing is None else self._tracing.sending(rows, spans)
        return Packed(await pack(producer, traced, self._namespace), spans)

    async def _read(self, conn: Session, mark: Mark, after: int = 0) -> list[asyncpg.Record]:
        start = max(mark.upto, mark.floor, after)
        return await conn.fetch(_PAGE, start, mark.published, mark.window, self._page)

    async def _follow(self, conn: Session, mark: Mark, rows: list[asyncpg.Record]) -> list[asyncpg.Record]:
        """The page after this one; none after one that was not full."""
        return await self._read(conn, mark, rows[-1]["id"]) if len(rows) == self._page else []

    async def _replay(self, conn: Session, producer: AIOKafkaProducer) -> None:
        # Each step counts only if nobody asked for more meanwhile: else the page goes out again, and nothing is
        # passed over.
        while asked := await conn.fetchrow("select replayed, replay_to from relay_mark where replay_to > 0"):
            rows = await conn.fetch(_REPLAY_PAGE, asked["replayed"], asked["replay_to"], self._page)
            if rows:
                await _delivered(conn, await send(producer, rows, self._namespace))
                await conn.execute(_REPLAYED, *asked, rows[-1]["id"])
            else:
                await conn.execute(_REPLAY_DONE, *asked)
                log.info("replay finished", upto=asked["replay_to"])


def idempotent_producer(brokers: Brokers, client_id: str) -> AIOKafkaProducer:
    """The client that relays publish with: every broker in sync has what it acknowledged, once and in order."""
    return AIOKafkaProducer(
        **brokers.client(),
        client_id=client_id,
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
        max_batch_size=1_000_000,
        request_timeout_ms=5000,
    )


Batches = dict[tuple[str, int], list[BatchBuilder]]


class Packed(NamedTuple):
    """A page that is ready to travel, and the spans that end when it has arrived."""

    batches: Batches
    spans: list[Span]


async def pack(producer: AIOKafkaProducer, rows: Sequence[Any], namespace: str = "") -> Batches:
    """Rows as batches of a partition, in order; nothing is sent yet.

    Batches of our own are faster than a send() a record, and can be made while others travel.
    """
    packed: Batches = {}
    for number, row in enumerate(rows):
        if number % 250 == 0:
            await asyncio.sleep(0)  # let what travels go on
        _, topic, partition, key, sequence, folded, value = row
        headers = unfold(folded)
        headers.append(("ce_sequence", sequence))
        batches = packed.setdefault((namespace + topic, partition), [])
        if not batches or batches[-1].append(key=key, value=value, timestamp=None, headers=headers) is None:
            batches.append(producer.create_batch())
            batches[-1].append(key=key, value=value, timestamp=None, headers=headers)
    return packed


async def post(producer: AIOKafkaProducer, packed: Batches) -> list[Future]:
    """Hand batches to the producer; returns the deliveries to wait for."""
    return [
        await producer.send_batch(batch, topic, partition=partition)
        for (topic, partition), batches in packed.items()
        for batch in batches
    ]


async def send(producer: AIOKafkaProducer, rows: list[asyncpg.Record], namespace: str = "") -> list[Future]:
    """Pack rows and hand them over."""
    return await post(producer, await pack(producer, rows, namespace))


async def _delivered(conn: Session, deliveries: list[Future]) -> None:
    """Wait until the broker has all; speaks to the database meanwhile, so that the session is kept.

    Raises the first failure, or TimeoutError: then this producer is done for, and the rows are read again.
    """
    pending, waited = set(deliveries), 0.0
    while pending:
        done, pending = await asyncio.wait(pending, timeout=IDLE)
        for delivery in done:
            delivery.result()
        if pending:
            waited += IDLE
            if waited > SEND_DEADLINE:
                raise TimeoutError(f"{len(pending)} batches not delivered within {SEND_DEADLINE} s")
            await conn.execute("select 1")


async def _load(conn: Session) -> Mark:
    row = await conn.fetchrow("select *, pg_current_snapshot()::text as now from relay_mark")
    assert row is not None
    if _bounds(row["published"])[1] > _bounds(row["now"])[1]:
        # A dump of another cluster was restored here: its transaction ids mean nothing. Publish what is kept
        # again; every inbox knows it.
        async with conn.transaction():
            await conn.execute("update outbox set xid = default")
            await conn.execute("update relay_mark set published = '1:1:', window_ = null, floor = 0")
        log.warning("outbox comes from another cluster; publishing all that is kept again")
        return Mark("1:1:", None, 0, 0, 0, 0)
    return Mark(row["published"], row["window_"], row["upto"], row["floor"], row["next_floor"], row["next_floor_xid"])


async def _save(conn: Session, mark: Mark) -> int:
    """Returns the number of the transaction that saved it."""
    saving = await conn.fetchval(
        _MARK, mark.published, mark.window, mark.upto, mark.floor, mark.next_floor, mark.next_floor_xid
    )
    return int(saving)


async def _close(producer: AIOKafkaProducer) -> None:
    """Close a producer for good, even one that cannot flush: left alive it would deliver stale batches later."""
    try:
        async with asyncio.timeout(5):
            await producer.stop()
    except (Exception, asyncio.CancelledError) as error:
        await producer._sender.close()
        await producer.client.close()
        if isinstance(error, asyncio.CancelledError):
            raise


class Backlog(NamedTuple):
    """The latest id that the outbox gave out, and how many rows are not marked as published yet."""

    last_id: int
    unsent: int


async def backlog(conn: Connection) -> Backlog:
    """How far the relay is behind."""
    row = await conn.fetchrow(_BACKLOG)
    assert row is not None
    return Backlog(*row)


async def depth(conn: Connection, most: int = 10_000) -> tuple[int, float]:
    """Events not published yet, counted to `most`, and the age of the oldest in seconds (0 without any).

    Costs the same whatever the outbox holds: rows below the mark are not looked at. So a row of a transaction that
    was open when the window began is seen only after that window.
    """
    row = await conn.fetchrow(_DEPTH, most)
    assert row is not None
    return int(row["unsent"]), float(row["age"])


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
