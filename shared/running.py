"""A running service: its consumers, its relay and its periodic tasks, in one process with the HTTP server.

The process starts at once and waits for its database and brokers without limit: it is alive, but not ready. It stops
gracefully: it finishes the batches being processed, then the page that the relay is sending, and then closes the
connections.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from shared.clock import tick_task
from shared.database.errors import TRANSIENT_ERRORS
from shared.database.migrate import MESSAGING, migrate
from shared.database.pool import Database
from shared.database.pruning import DAILY_PRUNING
from shared.messaging.dead_letter_replay import record_fetcher, replay_task
from shared.messaging.kafka_client import wait_closed
from shared.messaging.relay import Relay
from shared.observability.metrics import Metrics
from shared.observability.tracing import Tracing
from shared.security.encryption import derive
from shared.service import Service, Worker

log = structlog.get_logger()

GRACEFUL_TIMEOUT = 15.0
"""Seconds that a consumer may need to finish its batch."""


class RunningService:
    """The process of a service. `failure` is the class name of the error that ended it, "" while there is none."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.metrics = Metrics()
        self.metrics.build.labels(service.name, service.settings.version).set(1)
        self.tracing = Tracing.of(service.name, service.settings)
        self.db: Database | None = None
        self.relay: Relay | None = None
        self.broker: KafkaBroker | None = None
        self.consuming = False
        self.failure = ""
        self.on_failure: Callable[[], None] = lambda: None
        """Called once when the service cannot continue."""
        self._tasks: list[asyncio.Task[None]] = []
        self._watch_tasks: list[asyncio.Task[None]] = []
        self._relay_task: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def ready_db(self) -> Database:
        """The database. Raises TimeoutError (a 503) until it has answered for the first time."""
        if self.db is None:
            raise TimeoutError("the database has not answered yet")
        return self.db

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the service inside the context, and stop it gracefully at the end."""
        self._start_task(self.metrics.measure_loop_delay())
        self._start_task(self._start())
        try:
            yield
        finally:
            await self._stop()

    def _start_task(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run `work` as a task. An unexpected error in any task ends the process."""
        task = asyncio.create_task(work)
        self._tasks.append(task)
        task.add_done_callback(self._on_task_done)
        return task

    def _on_task_done(self, task: "asyncio.Task[None]") -> None:
        # A task that this class did not cancel: a client's own cancelled call came out of it. Its work would stop.
        unexpected = None if self._stopping else asyncio.CancelledError()
        error = unexpected if task.cancelled() else task.exception()
        if error is None:
            return
        self.failure = type(error).__name__
        # The text of a RuntimeError is written in this code base; that of a database error may hold personal data.
        detail = str(error) if isinstance(error, RuntimeError) else ""
        log.critical("service broken", exc_info=error, detail=detail)
        self.on_failure()

    async def _start(self) -> None:
        settings = self.service.settings
        db = self.db = await _connect_with_retry("database", self._connect)
        relay = self.relay = Relay(
            settings.database_url,
            settings.brokers,
            client_id=f"{self.service.name}-relay",
            namespace=settings.namespace,
            tracing=self.tracing,
        )
        db.after_outbox = lambda: relay.wake(db)
        self._relay_task = self._start_task(relay.run())
        workers: list[Worker] = [DAILY_PRUNING, *self.service.workers]
        for worker in workers:
            self._start_task(worker(db))
        if settings.tick_every:
            self._start_task(tick_task(self.service.tick, settings.tick_every)(db))
        for consumer in self.service.consumers:
            consumer.bind(db, metrics=self.metrics, tracing=self.tracing)
        self._start_task(replay_task(self.service.consumers, record_fetcher(settings.brokers))(db))
        self.broker = await _connect_with_retry("broker", self._start_consumers)
        self.consuming = True
        for consumer in self.service.consumers:
            for member in consumer.members:
                self._watch_tasks.append(self._start_task(member.watch(self.service.check_every)))
        log.info("ready")

    async def _connect(self) -> Database:
        settings = self.service.settings
        conn = await asyncpg.connect(settings.database_url, timeout=5)
        try:
            for name in await migrate(conn, MESSAGING, self.service.migrations):
                log.info("migrated", file=name)
            if self.service.prepare is not None:
                await self.service.prepare(conn)
        finally:
            await conn.close(timeout=5)
        return await Database.connect(
            settings.database_url,
            size=settings.pool_size,
            name=self.service.name,
            command_key=derive(settings.service_key(), "commands"),
        )

    async def _start_consumers(self) -> KafkaBroker:
        settings = self.service.settings
        broker = KafkaBroker(
            # FastStream reads one string as one server.
            settings.brokers.servers.split(","),
            security=settings.brokers.security(),
            client_id=self.service.name,
            allow_auto_create_topics=False,
            enable_idempotence=True,
            request_timeout_ms=5000,
            graceful_timeout=GRACEFUL_TIMEOUT,
            apply_types=False,
            logger=None,
        )
        for consumer in self.service.consumers:
            consumer.subscribe(broker, namespace=settings.namespace)
        try:
            await broker.start()
        except BaseException:
            await wait_closed(broker.stop())
            raise
        return broker

    async def _stop(self) -> None:
        """Stop the consumers first, then the tasks, then the relay after its page, and close the pool last."""
        self._stopping = True
        await _cancel(self._watch_tasks)  # otherwise they would restart a client that stops
        if self.broker is not None:
            await wait_closed(self.broker.stop())
        await _cancel([task for task in self._tasks if task is not self._relay_task])
        if self.relay is not None and self._relay_task is not None:
            self.relay.stop()
            await asyncio.wait({self._relay_task}, timeout=5)
            await _cancel([self._relay_task])
        if self.db is not None:
            await self.db.close()
        if self.tracing is not None:
            await self.tracing.close()


async def _cancel(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _connect_with_retry(dependency: str, connect: Callable[[], Awaitable[Any]]) -> Any:
    """The result of `connect`. Retries transient errors with backoff, without limit."""
    pause = 0.2
    while True:
        try:
            return await connect()
        except (*TRANSIENT_ERRORS, KafkaError, asyncpg.InvalidCatalogNameError) as error:
            log.warning("waiting", dependency=dependency, error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 2)
