"""The relay: publishes a database's outbox at least once, in commit order per key.

One relay per database is the leader, by an advisory lock. It holds the lock on the same session with which it reads
rows and saves the cursor: a leader that lost its session cannot save, and a leader that is paused loses its session
(`idle_session_timeout`).

The cursor is a snapshot: all rows that it sees are published. The next window holds the rows that a later snapshot
sees and the cursor does not. So a transaction that stays open while others commit delays no row, and its own rows are
not lost. Within a window rows are published by id, and the ids of one key follow their commits (see
`shared.messaging.outbox`).
"""

import asyncio
import time

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.database.connection import Session
from shared.database.errors import TRANSIENT_ERRORS
from shared.database.pool import Database
from shared.messaging.kafka_client import close_producer
from shared.messaging.outbox_replay import publish_replay
from shared.messaging.publisher import idempotent_producer
from shared.messaging.relay_cursor import LAST_ID, load
from shared.messaging.window_publisher import WindowPublisher
from shared.observability.tracing import Tracing
from shared.settings.kafka import Brokers

log = structlog.get_logger()

LEADER_SESSION = {
    # A leader that is paused or cut off loses the lock after this time. A healthy one sends a query each second.
    "idle_session_timeout": "8s",
    "idle_in_transaction_session_timeout": "8s",
    "statement_timeout": "20s",
    "application_name": "relay",
    "jit": "off",
}
IDLE_SECONDS = 1.0
"""Longest time between two checks. A NOTIFY can be lost, and the session must not become idle."""
NOTIFY_DELAY = 0.003
"""Seconds before a NOTIFY, so that commits that follow one another share it."""
COALESCE_DELAY = 0.010
"""Seconds after a window before the next check, so that commits that follow one another share a window. A commit
after a pause is published at once. Without the delay a busy service spends as much time on checks as on its work."""
MIN_PAUSE, MAX_PAUSE = 0.1, 5.0
"""Seconds before a retry after a transient error."""

_CHECK = f"""
select pg_current_snapshot()::text as window, ({LAST_ID}) as last_id,
    (select replay_to > 0 from relay_mark) as replay
"""  # noqa: S608  constants only


class Relay:
    """Publishes the outbox of one database while `run` runs."""

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
        """`page` is the number of rows that are read and sent together."""
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
        """Events that this process has published."""
        self.last_success_at: float | None = None
        """Unix time at which all rows were last known to be published; None before the first time."""

    def wake(self, db: Database) -> None:
        """Wake the leader after a commit, in whichever process it is. Several calls may share one NOTIFY.

        Never call it inside the writing transaction: a NOTIFY there would serialise the commits.
        """
        if self.leading:
            self._wake.set()
        elif self._notifying is None or self._notifying.done():
            self._notifying = asyncio.create_task(self._notify(db))

    async def _notify(self, db: Database) -> None:
        try:
            await asyncio.sleep(NOTIFY_DELAY)
            async with db.connection() as conn:
                await conn.execute("notify outbox")
        except TRANSIENT_ERRORS:
            pass  # the leader checks by itself every second

    def stop(self) -> None:
        """Let `run` return after the page being sent is acknowledged and the cursor is saved."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Become the leader when there is none, and publish, until `stop`. Logs errors and retries."""
        pause = MIN_PAUSE
        while not self._stopping:
            try:
                await self._lead()
                pause = MIN_PAUSE
            except (*TRANSIENT_ERRORS, KafkaError, asyncpg.PostgresError) as error:
                log.warning("relay interrupted", error=type(error).__name__, detail=str(error)[:200])
                await asyncio.sleep(pause)
                pause = min(pause * 2, MAX_PAUSE)
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
                await close_producer(producer)
        finally:
            conn.terminate()

    async def _publish(self, conn: Session, producer: AIOKafkaProducer) -> None:
        windows = WindowPublisher(
            conn,
            producer,
            namespace=self._namespace,
            page_size=self._page,
            tracing=self._tracing,
            on_published=self._count,
            is_stopping=lambda: self._stopping,
        )
        cursor = await load(conn)
        while not self._stopping:
            self._wake.clear()
            state = await conn.fetchrow(_CHECK)
            assert state is not None
            if state["replay"]:
                await publish_replay(conn, producer, self._namespace, self._page)
            cursor.window = cursor.window or state["window"]
            sent = await windows.publish(cursor, state["last_id"])
            self.last_success_at = time.time()
            if sent:
                await asyncio.sleep(COALESCE_DELAY)
            await self._idle()  # a commit since this check has set the event already

    def _count(self, rows: int) -> None:
        self.published += rows

    async def _idle(self) -> None:
        """Wait until woken, or for IDLE_SECONDS."""
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            pass
