"""Networks, disks and clocks: a broker cut off, a disk that is full, days that pass at once."""

import asyncio
import time

import asyncpg

from lab.faults.context import READY
from lab.faults.fault import Fault
from lab.faults.schedule import KAFKA, POSTGRES
from ops.platform import PlatformError
from shared.database.errors import TRANSIENT_ERRORS

CUT_OFF = (15.0, 20.0)
"""Longer than the consumers' session, the producers' request_timeout_ms and a broker's session."""
FULL = (3.0, 6.0)
"""After the first refused write."""
HIT = 30.0
"""How long to wait for a write that is refused."""
DAYS = (2, 9)
NO_SPACE = "No space left on device"
# The message makes the log grow, and the switch makes it ask for a new segment: without one there is a panic.
_GROW = "select pg_logical_emit_message(true, 'fault', repeat('x', 100000)), pg_switch_wal()"


class CutOff(Fault):
    """Its cable is pulled: connections stay open, and nothing comes or goes."""

    long = True

    def duration(self) -> tuple[float, float]:
        return CUT_OFF

    async def inject(self) -> None:
        assert self.context.environment.network is not None
        await asyncio.to_thread(self.context.environment.network.cut, self.planned.node)

    async def recover(self) -> None:
        assert self.context.environment.network is not None
        await asyncio.to_thread(self.context.environment.network.restore, self.planned.node)


class DiskFull(Fault):
    """Every write that needs room fails; what ends because of it is started once there is room again."""

    long = True

    def duration(self) -> tuple[float, float]:
        return FULL

    async def inject(self) -> None:
        server = self.context.server(self.planned)
        # What was said before the fault is no witness.
        said = server.log_path.stat().st_size
        if not await self.context.wait_for(lambda: self._hit(said), HIT):
            raise PlatformError(f"no write of {server.name} was refused on its full disk", f"see {server.log_path}")

    async def _hit(self, said: int) -> bool:
        server = self.context.server(self.planned)
        await asyncio.to_thread(self.context.environment.disks[server.name].fill)
        if self.planned.target == POSTGRES:
            await self._grow()
        with server.log_path.open(errors="replace") as log:
            log.seek(said)
            return not server.running or NO_SPACE in log.read()

    async def _grow(self) -> None:
        try:
            conn = await asyncpg.connect(self.context.system.platform.dsn("postgres"), timeout=5, command_timeout=5)
        except TRANSIENT_ERRORS:
            return
        try:
            await conn.execute(_GROW)
        except TRANSIENT_ERRORS:
            pass
        finally:
            conn.terminate()

    async def recover(self) -> None:
        server = self.context.server(self.planned)
        await asyncio.to_thread(self.context.environment.disks[server.name].free)
        # A supervisor starts what ended, and ends what runs on without its disk.
        if self.planned.target == KAFKA:
            await asyncio.to_thread(server.kill)
        if not await self.context.wait_for(self._stands_up, READY):
            raise PlatformError(f"{server.name} does not start on a disk with room", f"see {server.log_path}")

    async def _stands_up(self) -> bool:
        server = self.context.server(self.planned)
        try:
            await asyncio.to_thread(server.start)
        except PlatformError:
            return False  # it was still on its way down
        return await asyncio.to_thread(server.probe)


class Leap(Fault):
    """The next day of the story is some days later: services hear of it in one tick, and of its visits late."""

    async def inject(self) -> None:
        self.context.simulator.leap(self.random.randint(*DAYS))

    async def recover(self) -> None:
        until = time.monotonic() + READY
        while self.context.simulator.leaps:
            if time.monotonic() > until:
                raise PlatformError(f"the story did not go on for {READY:.0f} s", "see the logs of the services")
            await asyncio.sleep(0.05)
