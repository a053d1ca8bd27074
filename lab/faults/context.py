"""What all faults use: the system's parts, connections that wait for their server, and a supervisor's work.

Every wait here is for something to be seen, up to a deadline that a slow machine keeps too.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import asyncpg

from lab.faults.endless_simulator import EndlessSimulator
from lab.faults.schedule import KAFKA, POSTGRES, PlannedFault
from ops.platform import Broker, FaultEnvironment, PlatformError, Server
from ops.system import ServiceProcess, System
from shared.database.connection import Session
from shared.database.errors import TRANSIENT_ERRORS

READY = 180.0
"""Seconds after which what was started, or is to get well by itself, is given up. A slow machine needs many."""


@dataclass(frozen=True, slots=True)
class ReplayClaim:
    """The events that a relay took for published when it was asked to publish all again, by Unix time."""

    at: float
    event_ids: frozenset[str]


class FaultContext:
    """One for a run. Raises PlatformError when something does not recover."""

    def __init__(self, system: System, environment: FaultEnvironment, simulator: EndlessSimulator) -> None:
        self.system, self.environment, self.simulator = system, environment, simulator
        self.gave_up: list[str] = []
        """Services that ended by themselves, and beside which faults."""
        self.claims: list[ReplayClaim] = []

    @property
    def brokers(self) -> list[Broker]:
        """All brokers."""
        return self.system.platform.kafka.brokers

    def server(self, planned: PlannedFault) -> Server:
        """The process that a planned fault aims at."""
        if planned.target == POSTGRES:
            return self.system.platform.postgres
        if planned.target == KAFKA:
            return self.brokers[planned.node - 1]
        return self.system.services[planned.target]

    async def start_server(self, server: Server) -> None:
        """Start it, and wait until it answers. A service may have to wait for servers that other faults stopped."""
        if not isinstance(server, ServiceProcess):
            await asyncio.to_thread(server.start)
            return
        if not server.running:
            await asyncio.to_thread(server.launch)
        if not await self.wait_for(lambda: self._ready_or_gone(server), READY):
            raise PlatformError(
                f"{server.name} was not ready {READY:.0f} s after its start", f"see {server.log_path}"
            )

    async def _ready_or_gone(self, service: ServiceProcess) -> bool:
        return not service.running or await asyncio.to_thread(service.probe)

    async def restart_ended(self, taken: Collection[str], beside: Collection[PlannedFault] = ()) -> None:
        """Start the services that ended by themselves; not those that a fault has in hand. That is noted."""
        for name, service in self.system.services.items():
            if name not in taken and not service.running:
                self.gave_up.append(f"{name} ended by itself beside {', '.join(map(str, beside)) or 'nothing'}")
                await asyncio.to_thread(service.launch)

    async def is_healthy(self) -> bool:
        """Whether every service and broker says now that it can work."""
        checks = [asyncio.to_thread(service.probe) for service in self.system.services.values()]
        return all(await asyncio.gather(*checks, self.in_sync()))

    async def in_sync(self) -> bool:
        """Whether every broker sees every broker, and all copies are in sync: then any one may be lost."""
        seen = await asyncio.gather(*(asyncio.to_thread(broker.sees) for broker in self.brokers))
        if any(nodes != {broker.node for broker in self.brokers} for nodes in seen):
            return False
        return await asyncio.to_thread(self.brokers[0].lagging) == 0

    async def wait_until_healthy(self) -> None:
        """Until all is well, without anybody's help but a supervisor's."""
        until = time.monotonic() + READY
        while not await self.is_healthy():
            await self.restart_ended(())
            if time.monotonic() > until:
                raise PlatformError(f"not all was well {READY:.0f} s after", f"see the logs in {self.system.data}")
            await asyncio.sleep(0.05)

    async def restore_all(self) -> None:
        """Undo what a fault that was broken off may have left, and start what does not run."""
        network, platform = self.environment.network, self.system.platform
        for broker in self.brokers:
            if network is not None:
                network.restore(broker.node)
        for disk in self.environment.disks.values():
            disk.free()
        for server in (*self.brokers, platform.postgres, *self.system.services.values()):
            if server.running:
                server.resume()
        await asyncio.to_thread(platform.postgres.start)
        await asyncio.to_thread(platform.kafka.start)
        await self.wait_until_healthy()

    async def wait_for(self, look: Callable[[], Awaitable[object]], deadline: float) -> bool:
        """Whether it is seen before the deadline."""
        until = time.monotonic() + deadline
        while not await look():
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.02)
        return True

    @asynccontextmanager
    async def connected(self, service: str) -> AsyncIterator[Session]:
        """A superuser's session in a service's database."""
        conn = await self._connect(service)
        try:
            yield conn
        finally:
            conn.terminate()

    async def _connect(self, service: str) -> Session:
        """It may be recovering still: a start that was just told is not the last word."""
        connect = partial(asyncpg.connect, self.system.platform.dsn(service), timeout=10, command_timeout=30)
        until = time.monotonic() + READY
        while True:
            try:
                conn: Session = await connect()
                return conn
            except TRANSIENT_ERRORS:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.1)
