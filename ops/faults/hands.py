"""The hands that do a fault, and see that everything gets up again.

Every wait here is for something to be seen, up to a deadline; only how long a pause or an outage lasts is time
by itself, and that is drawn from the seed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import assert_never

import asyncpg

from ops.faults.deck import KAFKA, POSTGRES, Fault, Kind
from ops.platform import PlatformError, Server
from ops.system import System
from shared import relay
from shared.connection import Session

OUTAGE = (0.0, 1.5)
"""Seconds between a kill and the start, at random."""
SERVICE_PAUSE = (9.0, 10.0)
"""Longer than the relay's idle_session_timeout (8 s) and the consumers' session (6 s)."""
BROKER_PAUSE = (7.0, 8.0)
"""Longer than the consumers' session and the producers' request_timeout_ms (5 s)."""
DATABASE_PAUSE = (2.0, 4.0)
CATCH = 3.0
"""How long to wait for a batch or a page that a kill can hit."""
READY = 60.0
BEGINNING = datetime(2011, 1, 1, tzinfo=UTC)

_CLAIMED = """
select event_id::text from outbox, relay_mark where id <= floor or pg_visible_in_snapshot(xid, published::pg_snapshot)
"""
_HELD_UP = "select count(*) from pg_locks where not granted and relation = any($1::text[]::regclass[])"
_CUT = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'relay' and datname = $1"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """The events that a relay took for published when it was asked to publish all again, by Unix time."""

    at: float
    event_ids: frozenset[str]


class Hands:
    """Does one fault at a time. Raises PlatformError when something does not get up again."""

    def __init__(self, system: System, seed: int) -> None:
        self._system = system
        self._random = Random(f"{seed}/hands")
        self.gave_up: list[str] = []
        """Services that ended by themselves, and in which fault."""
        self.claims: list[Claim] = []

    async def do(self, fault: Fault) -> None:
        """Do it, and wait until every service is ready again."""
        match fault.kind:
            case Kind.KILL:
                await self._kill(self._server(fault.target))
            case Kind.KILL_IN_BATCH:
                await self._kill_in_batch(fault.target)
            case Kind.KILL_IN_PAGE:
                await self._kill_in_page(fault.target)
            case Kind.CUT_RELAY:
                async with self._connected(fault.target) as conn:
                    await conn.execute(_CUT, fault.target)
            case Kind.REPLAY:
                await self._replay(fault.target)
            case Kind.PAUSE:
                await self._pause(fault.target)
            case _:
                assert_never(fault.kind)
        self.gave_up += [f"{name} ended by itself in {fault}" for name in await self._revive()]
        await self._ready()

    async def raise_all(self) -> None:
        """Start what does not run, whatever became of the last fault."""
        platform = self._system.platform
        await asyncio.to_thread(platform.postgres.start)
        await asyncio.to_thread(platform.kafka.start)
        await self._revive()
        await self._ready()

    async def _revive(self) -> list[str]:
        ended = [name for name, service in self._system.services.items() if not service.running]
        for name in ended:
            await asyncio.to_thread(self._system.services[name].start)
        return ended

    async def _ready(self) -> None:
        """Until every service says that it can work."""
        for service in self._system.services.values():
            if not await self._seen(partial(asyncio.to_thread, service.probe), READY):
                raise PlatformError(f"{service.name} was not ready {READY:.0f} s after", f"see {service.log_path}")

    # --- the faults --------------------------------------------------------------------------------------------

    async def _kill(self, server: Server) -> None:
        await asyncio.to_thread(server.kill)
        await self._while(OUTAGE)
        await asyncio.to_thread(server.start)

    async def _kill_in_batch(self, name: str) -> None:
        """Another session holds the tables that a batch must write, so that the kill hits it half done."""
        service = self._system.services[name]
        tables = ["inbox", "movement"] if name == "inventory" else ["inbox"]
        async with self._connected(name) as conn:
            transaction = conn.transaction()
            await transaction.start()
            await conn.execute(f"lock table {', '.join(tables)} in share mode")
            await self._seen(lambda: conn.fetchval(_HELD_UP, tables), CATCH)
            await asyncio.to_thread(service.kill)
            await transaction.rollback()
        await asyncio.to_thread(service.start)

    async def _kill_in_page(self, name: str) -> None:
        """The brokers are gone, or only silent: what the relay reads from now on is sent and not delivered."""
        service, kafka = self._system.services[name], self._system.platform.kafka
        silent = self._random.random() < 0.5
        async with self._connected(name) as conn:
            before = await _last_written(conn)
            if silent:
                for broker in kafka.brokers:
                    broker.pause()
            else:
                await asyncio.to_thread(kafka.kill)
            try:
                await self._seen(lambda: _wrote_since(conn, before), CATCH)
                await self._while((0.05, 0.3))
                await asyncio.to_thread(service.kill)
            finally:
                for broker in kafka.brokers if silent else ():
                    broker.resume()
        await asyncio.to_thread(kafka.start)
        await asyncio.to_thread(service.start)

    async def _replay(self, name: str) -> None:
        """What the relay claims is written down first: a replay would heal what was lost."""
        async with self._connected(name) as conn:
            claimed = frozenset(row[0] for row in await conn.fetch(_CLAIMED))
            self.claims.append(Claim(time.time(), claimed))
            await relay.replay(conn, BEGINNING)

    async def _pause(self, target: str) -> None:
        server = self._server(target)
        server.pause()
        try:
            await self._while({POSTGRES: DATABASE_PAUSE, KAFKA: BROKER_PAUSE}.get(target, SERVICE_PAUSE))
        finally:
            server.resume()

    # --- means -------------------------------------------------------------------------------------------------

    def _server(self, target: str) -> Server:
        if target == POSTGRES:
            return self._system.platform.postgres
        if target == KAFKA:
            return self._random.choice(self._system.platform.kafka.brokers)
        return self._system.services[target]

    async def _while(self, seconds: tuple[float, float]) -> None:
        await asyncio.sleep(self._random.uniform(*seconds))

    async def _seen(self, look: Callable[[], Awaitable[object]], deadline: float) -> bool:
        until = time.monotonic() + deadline
        while not await look():
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.01)
        return True

    @asynccontextmanager
    async def _connected(self, name: str) -> AsyncIterator[Session]:
        conn = await asyncpg.connect(self._system.platform.dsn(name), timeout=10, command_timeout=10)
        try:
            yield conn
        finally:
            conn.terminate()


async def _last_written(conn: Session) -> int:
    return int(await conn.fetchval("select last_value from outbox_id_seq"))


async def _wrote_since(conn: Session, before: int) -> bool:
    return await _last_written(conn) > before
