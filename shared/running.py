"""One service, one process: consumers, relay and loops, beside the HTTP server of `shared.serving`.

The process answers at once and waits for its database and broker without end: alive, but not ready. It stops
gracefully: no message half done, the page in hand published, then the connections closed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from shared.clock import tick_by_the_wall
from shared.database.errors import TRANSIENT_ERRORS
from shared.database.migrate import MESSAGING, migrate
from shared.database.pool import Database
from shared.database.pruning import prune_daily
from shared.messaging.dead_letter_replay import record_fetcher, run_replays
from shared.messaging.kafka_client import wait_closed
from shared.messaging.relay import Relay
from shared.observability.metrics import Metrics
from shared.observability.tracing import Tracing
from shared.security.encryption import derive
from shared.service import Service

log = structlog.get_logger()

GRACE = 15.0
SILENT = 15.0


class RunningService:
    """A service at work. `broken` names the error that ended it, "" while there is none."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.metrics = Metrics()
        self.metrics.build.labels(service.name, service.settings.version).set(1)
        self.tracing = Tracing.of(service.name, service.settings)
        self.db: Database | None = None
        self.relay: Relay | None = None
        self.broker: KafkaBroker | None = None
        self.consuming = False
        self.broken = ""
        self.on_broken: Callable[[], None] = lambda: None
        """Called once when the service can no longer work."""
        self._tasks: list[asyncio.Task[None]] = []
        self._watching: list[asyncio.Task[None]] = []
        self._relaying: asyncio.Task[None] | None = None
        self._stopping = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The service works until the context is left; then it stops gracefully."""
        self._begin(self.metrics.watch_the_loop())
        self._begin(self._work())
        try:
            yield
        finally:
            await self._stop()

    def _begin(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run beside the others. A failure that nobody foresaw ends the process: half a service is none."""
        task = asyncio.create_task(work)
        self._tasks.append(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        # Cancelled by nobody of ours: a client's cancelled call came out of it, and nobody would do its work.
        stray = None if self._stopping else asyncio.CancelledError()
        error = stray if task.cancelled() else task.exception()
        if error is None:
            return
        self.broken = type(error).__name__
        # Our own words hold no person; those of a database might.
        detail = str(error) if isinstance(error, RuntimeError) else ""
        log.critical("service broken", exc_info=error, detail=detail)
        self.on_broken()

    async def _work(self) -> None:
        db = self.db = await _until_it_answers("database", self._connect)
        relay = self.relay = Relay(
            self.service.settings.database_url,
            self.service.settings.brokers,
            client_id=f"{self.service.name}-relay",
            namespace=self.service.settings.namespace,
            tracing=self.tracing,
        )
        db.after_outbox = lambda: relay.poke(db)
        self._relaying = self._begin(relay.run())
        for worker in (prune_daily, *self.service.workers):
            self._begin(worker(db))
        if self.service.settings.tick_every:
            self._begin(tick_by_the_wall(db, self.service.tick, self.service.settings.tick_every))
        self._begin(run_replays(db, self.service.consumers, record_fetcher(self.service.settings.brokers)))
        await self._consume(db)

    async def _connect(self) -> Database:
        conn = await asyncpg.connect(self.service.settings.database_url, timeout=5)
        try:
            for name in await migrate(conn, MESSAGING, self.service.migrations):
                log.info("migrated", file=name)
            if self.service.prepare is not None:
                await self.service.prepare(conn)
        finally:
            await conn.close(timeout=5)
        return await Database.connect(
            self.service.settings.database_url,
            size=self.service.settings.pool_size,
            name=self.service.name,
            command_key=derive(self.service.settings.service_key(), "commands"),
        )

    async def _consume(self, db: Database) -> None:
        async def start() -> KafkaBroker:
            broker = KafkaBroker(
                # FastStream takes one string for one server.
                self.service.settings.brokers.servers.split(","),
                security=self.service.settings.brokers.security(),
                client_id=self.service.name,
                allow_auto_create_topics=False,
                enable_idempotence=True,
                request_timeout_ms=5000,
                graceful_timeout=GRACE,
                apply_types=False,
                logger=None,
            )
            for consumer in self.service.consumers:
                consumer.attach(
                    broker,
                    db,
                    namespace=self.service.settings.namespace,
                    metrics=self.metrics,
                    tracing=self.tracing,
                )
            try:
                await broker.start()
            except BaseException:
                await wait_closed(broker.stop())
                raise
            return broker

        self.broker = await _until_it_answers("broker", start)
        self.consuming = True
        for consumer in self.service.consumers:
            for member in consumer.members:
                self._watching.append(self._begin(member.watch(self.service.look_every)))
        log.info("ready")

    async def _stop(self) -> None:
        """No message half done: consumers first, then loops, then the relay's page in hand, then the pool."""
        self._stopping = True
        await _end(self._watching)  # or a client that stops would be started anew
        if self.broker is not None:
            await wait_closed(self.broker.stop())
        loops = [task for task in self._tasks if task is not self._relaying]
        await _end(loops)
        if self.relay is not None and self._relaying is not None:
            self.relay.stop()
            await asyncio.wait({self._relaying}, timeout=5)
            await _end([self._relaying])
        if self.db is not None:
            await self.db.close()
        if self.tracing is not None:
            await self.tracing.close()

    # --- what a route asks for ---------------------------------------------------------------------------------

    @property
    def ready_db(self) -> Database:
        """The database. Raises TimeoutError (a 503) while it has not answered yet."""
        if self.db is None:
            raise TimeoutError("the database has not answered yet")
        return self.db

    async def state(self) -> dict[str, str]:
        """What is missing for work, by name; all "ok" when ready."""
        found = {"database": "ok", "broker": "ok" if self.consuming else "waiting"}
        if self.broken:
            found["service"] = f"broken ({self.broken})"
        if away := await self._database_away():
            found["database"] = f"waiting ({away})"
        for consumer in self.service.consumers if self.consuming else ():
            silence = consumer.silence()
            if silence is not None and silence > SILENT:
                found[consumer.group] = f"not polled for {silence:.0f} s"
        return found

    async def stuck(self) -> dict[str, str]:
        """Groups that take nothing although database and brokers answer and hold more for them.

        Whatever is away, this stays empty: a restart of the process would not bring it back.
        """
        found = {consumer.group: consumer.stuck() for consumer in self.service.consumers if self.consuming}
        most = self.service.stuck_after
        late = {group: f"stands still for {since:.0f} s" for group, since in found.items() if since > most}
        return late if late and not await self._database_away() else {}

    async def _database_away(self) -> str:
        """What kept the database from answering within a second; "" when it answered."""
        try:
            async with asyncio.timeout(1), self.ready_db.reading() as conn:
                await conn.execute("select 1")
        except (*TRANSIENT_ERRORS, asyncpg.PostgresError) as error:
            return type(error).__name__
        return ""


async def _end(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _until_it_answers(what: str, connect: Callable[[], Awaitable[Any]]) -> Any:
    pause = 0.2
    while True:
        try:
            return await connect()
        except (*TRANSIENT_ERRORS, KafkaError, asyncpg.InvalidCatalogNameError) as error:
            log.warning("waiting", dependency=what, error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 2)
