"""One service, one process: HTTP, consumers and relay side by side.

The process answers at once and waits for its database and broker without end: alive, but not ready. It stops
gracefully: no message half done, the page in hand published, then the connections closed.
"""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import structlog
import uvicorn
from aiokafka.errors import KafkaError
from fastapi import APIRouter, FastAPI
from faststream.kafka import KafkaBroker

from shared import logs, standing
from shared.client import ended
from shared.clock import Tick, tick_by_the_wall
from shared.connection import Session
from shared.consuming import Consumer
from shared.db import MESSAGING, TRANSIENT, Database, migrate
from shared.edge.api import Api
from shared.edge.bodies import Larger
from shared.edge.wire import server
from shared.keyring import Keyring
from shared.metrics import Gauges, Metrics, no_gauges
from shared.observed import Observed
from shared.offices import Offices
from shared.pruning import prune_daily
from shared.relay import Relay
from shared.replaying import fetcher, replay_asked
from shared.seal import derive
from shared.settings import Settings
from shared.tracing import Tracing
from shared.web.pages import STATIC
from shared.web.static_files import HashedFiles

log = structlog.get_logger()

GRACE = 15.0
SILENT = 15.0

Worker = Callable[[Database], Coroutine[Any, Any, None]]


@dataclass
class Service:
    """The parts of a service, put together by its `app.py`, the only place that wires."""

    name: str
    settings: Settings
    offices: Offices
    migrations: Path
    routers: Sequence[APIRouter]
    consumers: Sequence[Consumer]
    tick: Tick
    prepare: Callable[[Session], Awaitable[None]] | None = None
    """Run at each start, once the schema is there and before anything is taken; several processes may."""
    workers: Sequence[Worker] = ()
    """Loops beside the consumers, such as deliveries; run until cancelled."""
    extras: dict[str, Any] = field(default_factory=dict)
    """More for the routes, put on `app.state`."""
    static: HashedFiles = STATIC
    """The static files of its pages, those of the frame among them."""
    larger: Sequence[Larger] = ()
    """Routes whose requests may have a larger body than `max_body`."""
    gauges: Gauges = no_gauges
    """What this service's own tables tell Prometheus."""
    look_every: float = 5.0
    """Seconds between looks at whether a consumer goes on."""
    stuck_after: float = 60.0
    """Seconds a consumer may stand still before the process is no longer alive: starting its client anew, after
    three looks, did not help."""
    metrics: Metrics = field(default_factory=Metrics)
    tracing: Tracing | None = None
    db: Database | None = None
    relay: Relay | None = None
    broker: KafkaBroker | None = None
    consuming: bool = False
    broken: str = ""
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)
    _watching: list["asyncio.Task[None]"] = field(default_factory=list)
    _relaying: "asyncio.Task[None] | None" = None
    _server: uvicorn.Server | None = None
    _stopping: bool = False

    def app(self) -> FastAPI:
        """The ASGI application."""
        app = Api(self.name, self.settings, self._lifespan, self.larger)
        self.tracing = Tracing.of(self.name, self.settings)
        self.metrics.build.labels(self.name, self.settings.version).set(1)
        app.state.service = self
        app.state.offices = self.offices
        app.state.production = self.settings.production
        app.state.keys = Keyring.of(self.settings)
        for name, value in self.extras.items():
            setattr(app.state, name, value)
        app.add_middleware(Observed, metrics=self.metrics, tracing=self.tracing)
        # What callers ask for all day stands before what every service has: routes are tried in their order. They are
        # the application's own: an included router is one more to be asked, at each request.
        for router in (*self.routers, self.static.router(), *standing.ROUTERS):
            app.router.routes += router.routes
        return app

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Exits with 1 when something it stands on broke, to be started anew."""
        logs.configure(self.name, self.settings.log_level)
        self._server = server(self.app(), self.settings)
        rarely_collect()
        self._server.run()
        if self.broken:
            sys.exit(1)

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
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
        if self._server is not None:
            self._server.should_exit = True

    async def _work(self) -> None:
        db = self.db = await _until_it_answers("database", self._connect)
        relay = self.relay = Relay(
            self.settings.database_url,
            self.settings.brokers,
            client_id=f"{self.name}-relay",
            namespace=self.settings.namespace,
            tracing=self.tracing,
        )
        db.after_outbox = lambda: relay.poke(db)
        self._relaying = self._begin(relay.run())
        for worker in (prune_daily, *self.workers):
            self._begin(worker(db))
        if self.settings.tick_every:
            self._begin(tick_by_the_wall(db, self.tick, self.settings.tick_every))
        self._begin(replay_asked(db, self.consumers, fetcher(self.settings.brokers)))
        await self._consume(db)

    async def _connect(self) -> Database:
        conn = await asyncpg.connect(self.settings.database_url, timeout=5)
        try:
            for name in await migrate(conn, MESSAGING, self.migrations):
                log.info("migrated", file=name)
            if self.prepare is not None:
                await self.prepare(conn)
        finally:
            await conn.close(timeout=5)
        return await Database.connect(
            self.settings.database_url,
            size=self.settings.pool_size,
            name=self.name,
            command_key=derive(self.settings.service_key(), "commands"),
        )

    async def _consume(self, db: Database) -> None:
        async def start() -> KafkaBroker:
            broker = KafkaBroker(
                # FastStream takes one string for one server.
                self.settings.brokers.servers.split(","),
                security=self.settings.brokers.security(),
                client_id=self.name,
                allow_auto_create_topics=False,
                enable_idempotence=True,
                request_timeout_ms=5000,
                graceful_timeout=GRACE,
                apply_types=False,
                logger=None,
            )
            for consumer in self.consumers:
                consumer.attach(
                    broker,
                    db,
                    namespace=self.settings.namespace,
                    metrics=self.metrics,
                    tracing=self.tracing,
                )
            try:
                await broker.start()
            except BaseException:
                await ended(broker.stop())
                raise
            return broker

        self.broker = await _until_it_answers("broker", start)
        self.consuming = True
        for consumer in self.consumers:
            for member in consumer.members:
                self._watching.append(self._begin(member.watch(self.look_every)))
        log.info("ready")

    async def _stop(self) -> None:
        """No message half done: consumers first, then loops, then the relay's page in hand, then the pool."""
        self._stopping = True
        await _end(self._watching)  # or a client that stops would be started anew
        if self.broker is not None:
            await ended(self.broker.stop())
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
        for consumer in self.consumers if self.consuming else ():
            silence = consumer.silence()
            if silence is not None and silence > SILENT:
                found[consumer.group] = f"not polled for {silence:.0f} s"
        return found

    async def stuck(self) -> dict[str, str]:
        """Groups that take nothing although database and brokers answer and hold more for them.

        Whatever is away, this stays empty: a restart of the process would not bring it back.
        """
        found = {consumer.group: consumer.stuck() for consumer in self.consumers if self.consuming}
        late = {
            group: f"stands still for {since:.0f} s" for group, since in found.items() if since > self.stuck_after
        }
        return late if late and not await self._database_away() else {}

    async def _database_away(self) -> str:
        """What kept the database from answering within a second; "" when it answered."""
        try:
            async with asyncio.timeout(1), self.ready_db.reading() as conn:
                await conn.execute("select 1")
        except (*TRANSIENT, asyncpg.PostgresError) as error:
            return type(error).__name__
        return ""


def rarely_collect() -> None:
    """Let the garbage collector run seldom: a batch is hundreds of thousands of objects without a cycle, and
    walking them again and again took half of a consumer's time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def _end(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _until_it_answers(what: str, connect: Callable[[], Awaitable[Any]]) -> Any:
    pause = 0.2
    while True:
        try:
            return await connect()
        except (*TRANSIENT, KafkaError, asyncpg.InvalidCatalogNameError) as error:
            log.warning("waiting", dependency=what, error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 2)
