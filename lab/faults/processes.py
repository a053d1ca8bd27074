"""Processes killed and paused, at random moments and at the worst ones; sessions cut, and all published again."""

import asyncio
import signal
import time
from datetime import UTC, datetime

from lab.faults.context import ReplayClaim
from lab.faults.fault import Fault, InTheDatabase
from lab.faults.schedule import KAFKA, POSTGRES
from shared.database.connection import Session
from shared.messaging import outbox_replay

OUTAGE = (0.0, 1.5)
"""Seconds between a kill and the start, at random."""
SERVICE_PAUSE = (9.0, 10.0)
"""Longer than the relay's idle_session_timeout (8 s) and the consumers' session (6 s)."""
BROKER_PAUSE = (7.0, 8.0)
"""Longer than the consumers' session and the producers' request_timeout_ms (5 s)."""
DATABASE_PAUSE = (2.0, 4.0)
AWAY = (30.0, 32.0)
"""Half a minute: longer than every timeout of a client."""
CATCH = 3.0
"""How long to wait for a batch or a page that a kill can hit."""
BEGINNING = datetime(2011, 1, 1, tzinfo=UTC)

_CLAIMED = """
select event_id::text from outbox, relay_mark where id <= floor or pg_visible_in_snapshot(xid, published::pg_snapshot)
"""
_HELD_UP = "select count(*) from pg_locks where not granted and relation = any($1::text[]::regclass[])"
_CUT = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'relay' and datname = $1"
)


class Kill(Fault):
    """SIGKILL, and a start."""

    def duration(self) -> tuple[float, float]:
        return OUTAGE

    async def inject(self) -> None:
        await asyncio.to_thread(self.context.server(self.planned).kill)

    async def recover(self) -> None:
        await self.context.start_server(self.context.server(self.planned))


class Lost(Kill):
    """SIGKILL, and a start half a minute later."""

    long = True

    def duration(self) -> tuple[float, float]:
        return AWAY


class KillInBatch(InTheDatabase):
    """Another session holds the tables that a batch must write, so that the kill hits it half done."""

    async def inject(self) -> None:
        name = self.planned.target
        tables = ["inbox", "movement"] if name == "inventory" else ["inbox"]
        async with self.context.connected(name) as conn:
            transaction = conn.transaction()
            await transaction.start()
            await conn.execute(f"lock table {', '.join(tables)} in share mode")
            await self.context.wait_for(lambda: conn.fetchval(_HELD_UP, tables), CATCH)
            await asyncio.to_thread(self.context.server(self.planned).kill)
            await transaction.rollback()

    async def recover(self) -> None:
        await self.context.start_server(self.context.server(self.planned))


class KillInPage(InTheDatabase):
    """The brokers are gone, or only silent: what the relay reads from now on is sent and not delivered."""

    @property
    def exclusive(self) -> frozenset[str]:
        return super().exclusive | {f"{KAFKA}-{broker.node}" for broker in self.context.brokers}

    async def inject(self) -> None:
        service, kafka = self.context.server(self.planned), self.context.system.platform.kafka
        silent = self.random.random() < 0.5
        async with self.context.connected(self.planned.target) as conn:
            before = await _last_written(conn)
            if silent:
                for broker in kafka.brokers:
                    broker.pause()
            else:
                await asyncio.to_thread(kafka.kill)
            try:
                await self.context.wait_for(lambda: _wrote_since(conn, before), CATCH)
                await asyncio.sleep(self.random.uniform(0.05, 0.3))
                await asyncio.to_thread(service.kill)
            finally:
                for broker in kafka.brokers if silent else ():
                    broker.resume()

    async def recover(self) -> None:
        await asyncio.to_thread(self.context.system.platform.kafka.start)
        await self.context.start_server(self.context.server(self.planned))


class CutRelay(InTheDatabase):
    """The relay's session is ended."""

    async def inject(self) -> None:
        async with self.context.connected(self.planned.target) as conn:
            await conn.execute(_CUT, self.planned.target)


class Replay(InTheDatabase):
    """What the relay claims is written down first: a replay would heal what was lost."""

    async def inject(self) -> None:
        async with self.context.connected(self.planned.target) as conn:
            claimed = frozenset(row[0] for row in await conn.fetch(_CLAIMED))
            self.context.claims.append(ReplayClaim(time.time(), claimed))
            await outbox_replay.request_replay(conn, BEGINNING)


class Pause(Fault):
    """SIGSTOP, and SIGCONT."""

    long = True

    def duration(self) -> tuple[float, float]:
        return {POSTGRES: DATABASE_PAUSE, KAFKA: BROKER_PAUSE}.get(self.planned.target, SERVICE_PAUSE)

    async def inject(self) -> None:
        self.context.server(self.planned).pause()

    async def recover(self) -> None:
        self.context.server(self.planned).resume()


class Restart(Fault):
    """SIGINT rolls back and writes a checkpoint, SIGQUIT leaves at once and recovers at the start."""

    def duration(self) -> tuple[float, float]:
        return OUTAGE

    async def inject(self) -> None:
        way = self.random.choice((signal.SIGINT, signal.SIGQUIT))
        await asyncio.to_thread(self.context.server(self.planned).stop, way)

    async def recover(self) -> None:
        await self.context.start_server(self.context.server(self.planned))


async def _last_written(conn: Session) -> int:
    return int(await conn.fetchval("select last_value from outbox_id_seq"))


async def _wrote_since(conn: Session, before: int) -> bool:
    return await _last_written(conn) > before
