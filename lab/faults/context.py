"""What all faults need: the system's parts, a connection that waits for its server, and a supervisor's work.

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
from lab.faults.schedule import KAFKA, POSTGRES, Card
from ops.platform import Broker, PlatformError, Rig, Server
from ops.system import ServiceProcess, System
from shared.connection import Session
from shared.db import TRANSIENT

READY = 180.0
"""Seconds after which what was started, or is to get well by itself, is given up. A slow machine needs many."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The events that a relay took for published when it was asked to publish all again, by Unix time."""

    at: float
    event_ids: frozenset[str]


class Hands:
    """Kept through a run. Raises PlatformError when something does not get up again."""

    def __init__(self, system: System, rig: Rig, simulator: EndlessSimulator) -> None:
        self.system, self.rig, self.simulator = system, rig, simulator
        self.gave_up: list[str] = []
        """Services that ended by themselves, and beside which faults."""
        self.claims: list[Claim] = []

    @property
    def brokers(self) -> list[Broker]:
        """All brokers."""
        return self.system.platform.kafka.brokers

    def server(self, card: Card) -> Server:
        """The process that a card aims at."""
        if card.target == POSTGRES:
            return self.system.platform.postgres
        if card.target == KAFKA:
            return self.brokers[card.node - 1]
        return self.system.services[card.target]

    async def up(self, server: Server) -> None:
        """Start it, and wait until it answers. A service may have to wait for what other faults took away."""
        if not isinstance(server, ServiceProcess):
            await asyncio.to_thread(server.start)
            return
        if not server.running:
            await asyncio.to_thread(server.launch)
        if not await self.seen(lambda: self._ready_or_gone(server), READY):
            raise PlatformError(
                f"{server.name} was not ready {READY:.0f} s after its start", f"see {server.log_path}"
            )

    async def _ready_or_gone(self, service: ServiceProcess) -> bool:
        return not service.running or await asyncio.to_thread(service.probe)

    async def revive(self, taken: Collection[str], beside: Collection[Card] = ()) -> None:
        """Start the services that ended by themselves; not those that a fault has in hand. That is noted."""
        for name, service in self.system.services.items():
            if name not in taken and not service.running:
                self.gave_up.append(f"{name} ended by itself beside {', '.join(map(str, beside)) or 'nothing'}")
                await asyncio.to_thread(service.launch)

    async def well(self) -> bool:
        """Whether every service and broker says now that it can work."""
        checks = [asyncio.to_thread(service.probe) for service in self.system.services.values()]
        return all(await asyncio.gather(*checks, self.together()))

    async def together(self) -> bool:
        """Whether every broker sees every broker, and all copies are in sync: then any one may be lost."""
        seen = await asyncio.gather(*(asyncio.to_thread(broker.sees) for broker in self.brokers))
        if any(nodes != {broker.node for broker in self.brokers} for nodes in seen):
            return False
        return await asyncio.to_thread(self.brokers[0].lagging) == 0

    async def get_well(self) -> None:
        """Until all is well, without anybody's help but a supervisor's."""
        until = time.monotonic() + READY
        while not await self.well():
            await self.revive(())
            if time.monotonic() > until:
                raise PlatformError(f"not all was well {READY:.0f} s after", f"see the logs in {self.system.data}")
            await asyncio.sleep(0.05)

    async def raise_all(self) -> None:
        """Undo what a fault that was broken off may have left, and start what does not run."""
        network, platform = self.rig.network, self.system.platform
        for broker in self.brokers:
            if network is not None:
                network.mend(broker.node)
        for disk in self.rig.disks.values():
            disk.free()
        for server in (*self.brokers, platform.postgres, *self.system.services.values()):
            if server.running:
                server.resume()
        await asyncio.to_thread(platform.postgres.start)
        await asyncio.to_thread(platform.kafka.start)
        await self.get_well()

    async def seen(self, look: Callable[[], Awaitable[object]], deadline: float) -> bool:
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
            except TRANSIENT:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.1)
