"""Quiescence: every event written is published, and every published event is consumed by all its groups.

Two snapshots in a row with the same counters and nothing outstanding are quiescent. One connection for each
database and one admin client are kept, so that a snapshot costs milliseconds.
"""

import asyncio
import time
from dataclasses import dataclass, field
from types import TracebackType

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from ops.platform import PlatformError
from ops.system.consumer_groups import GROUPS
from ops.system.discovery import Reachable, brokers_of
from ops.system.offsets import progress
from ops.system.services import SERVICES
from shared.database.connection import Session
from shared.database.errors import TRANSIENT_ERRORS
from shared.messaging.relay_status import backlog

POLL_INTERVAL = 0.01
DEADLINE = 30.0


@dataclass
class Snapshot:
    """What is outstanding, by service and by consumer group, and the counters it was read from."""

    unpublished: dict[str, int] = field(default_factory=dict)
    lag: dict[str, int] = field(default_factory=dict)
    uncommitted: frozenset[str] = frozenset()
    """Groups for which records wait in a partition of which they have never committed an offset."""
    counters: tuple[object, ...] = ()

    @property
    def outstanding(self) -> dict[str, int]:
        """Only what is not zero, named for people."""
        outboxes = {f"outbox {name}": n for name, n in self.unpublished.items() if n}
        never = dict.fromkeys(self.uncommitted, ", some of it never committed")
        return outboxes | {f"lag {name}{never.get(name, '')}": n for name, n in self.lag.items() if n}


class QuiescenceMonitor:
    """Observes a running system through connections of its own, which it opens when needed and keeps."""

    def __init__(self, system: Reachable) -> None:
        self._system = system
        self._databases: dict[str, Session] = {}
        self._admin: AIOKafkaAdminClient | None = None
        self._ends: AIOKafkaConsumer | None = None
        self.trouble = ""
        """What `wait` waits for now; empty when nothing."""

    async def __aenter__(self) -> "QuiescenceMonitor":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def snapshot(self) -> Snapshot:
        """Reads every outbox, then every group: an event published in between counts as lag.

        Raises one of TRANSIENT_ERRORS or KafkaError while a server is away.
        """
        admin, ends = await self._open()
        backlogs = await asyncio.gather(*(backlog(conn) for conn in self._databases.values()))
        unpublished = {name: each.unsent for name, each in zip(self._databases, backlogs, strict=True)}
        last_ids = tuple(each.last_id for each in backlogs)
        found = dict(
            zip(GROUPS, await asyncio.gather(*(progress(admin, ends, group) for group in GROUPS)), strict=True)
        )
        return Snapshot(
            unpublished,
            {group: sum(each.waiting.values()) for group, each in found.items()},
            frozenset(group for group, each in found.items() if each.uncommitted),
            (*last_ids, *(tuple(each.ends.values()) for each in found.values())),
        )

    async def wait(self, deadline: float = DEADLINE) -> None:
        """Wait until two snapshots in a row agree that nothing is outstanding, through servers that come and go.

        Raises PlatformError naming what is outstanding after `deadline` seconds.
        """
        until = time.monotonic() + deadline
        before: Snapshot | None = None
        self.trouble = "counters still move"
        while time.monotonic() < until:
            try:
                snapshot = await self.snapshot()
            except (*TRANSIENT_ERRORS, KafkaError, asyncpg.PostgresError) as error:
                self.trouble, before = f"{type(error).__name__} {error}", None
                await self.close()
                await asyncio.sleep(0.2)
                continue
            if not snapshot.outstanding and before is not None and snapshot.counters == before.counters:
                self.trouble = ""
                return
            before = None if snapshot.outstanding else snapshot
            self.trouble = ", ".join(f"{name} {n}" for name, n in snapshot.outstanding.items()) or self.trouble
            await asyncio.sleep(POLL_INTERVAL)
        raise PlatformError(f"belum tenang setelah {deadline:.0f} dtk: {self.trouble}", "lihat log layanan")

    async def close(self) -> None:
        """Close the connections; the next snapshot opens them again."""
        admin, ends, databases = self._admin, self._ends, self._databases
        self._admin, self._ends, self._databases = None, None, {}
        for conn in databases.values():
            conn.terminate()
        if ends is not None:
            await ends.stop()
        if admin is not None:
            await admin.close()

    async def _open(self) -> tuple[AIOKafkaAdminClient, AIOKafkaConsumer]:
        for name in SERVICES:
            if name not in self._databases:
                self._databases[name] = await asyncpg.connect(self._system.dsn(name), timeout=5, command_timeout=10)
        client = brokers_of(self._system).client()
        if self._admin is None:
            self._admin = AIOKafkaAdminClient(**client, request_timeout_ms=5000)
            await self._admin.start()
        if self._ends is None:
            self._ends = AIOKafkaConsumer(**client, request_timeout_ms=5000)
            await self._ends.start()
        return self._admin, self._ends


async def wait_until_quiescent(system: Reachable, deadline: float = DEADLINE) -> None:
    """`QuiescenceMonitor.wait` once; whoever waits often keeps a monitor."""
    async with QuiescenceMonitor(system) as monitor:
        await monitor.wait(deadline)
