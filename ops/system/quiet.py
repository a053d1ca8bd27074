"""Quiet: every fact written was published, and every published fact was taken by all who care for it.

A look compares counters; two looks in a row with the same counters and nothing outstanding are quiet. One
connection a database and one admin client are kept, so that a look costs milliseconds.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from ops.platform import PlatformError
from ops.system.groups import GROUPS, topic_of
from ops.system.running import Reachable, brokers_of
from ops.system.services import SERVICES
from shared.connection import Session
from shared.db import TRANSIENT
from shared.events import PARTITIONS, TOPICS
from shared.relaystatus import backlog

LOOK_EVERY = 0.01
DEADLINE = 30.0
_PARTITIONS = [TopicPartition(topic.name, n) for topic in TOPICS for n in range(PARTITIONS)]


@dataclass
class Look:
    """What is outstanding, by service and by consumer group, and the counters it was read from."""

    unpublished: dict[str, int] = field(default_factory=dict)
    lag: dict[str, int] = field(default_factory=dict)
    counters: tuple[object, ...] = ()

    @property
    def outstanding(self) -> dict[str, int]:
        """Only what is not zero, named for people."""
        outboxes = {f"outbox {name}": n for name, n in self.unpublished.items() if n}
        return outboxes | {f"lag {name}": n for name, n in self.lag.items() if n}


class Quiet:
    """Looks at a running system through connections of its own, which it opens when needed and keeps."""

    def __init__(self, system: Reachable) -> None:
        self._system = system
        self._databases: dict[str, Session] = {}
        self._admin: AIOKafkaAdminClient | None = None
        self._ends: AIOKafkaConsumer | None = None
        self._coordinators: dict[str, int] = {}
        self.trouble = ""
        """What `wait` waits for now; empty when nothing."""

    async def __aenter__(self) -> "Quiet":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def look(self) -> Look:
        """One look at every outbox, then at every group: a fact published in between counts as lag.

        Raises one of TRANSIENT or KafkaError while a server is away.
        """
        admin, ends = await self._open()
        backlogs = await asyncio.gather(*(backlog(conn) for conn in self._databases.values()))
        unpublished = {name: each.unsent for name, each in zip(self._databases, backlogs, strict=True)}
        last_ids = tuple(each.last_id for each in backlogs)
        committed = await asyncio.gather(*(self._committed(admin, group) for group in GROUPS))
        newest = await ends.end_offsets(_PARTITIONS)
        lag = {
            group: sum(end - max(offsets.get(tp, 0), 0) for tp, end in newest.items() if tp.topic == topic_of(group))
            for group, offsets in zip(GROUPS, committed, strict=True)
        }
        return Look(unpublished, lag, (*last_ids, *newest.values()))

    async def wait(self, deadline: float = DEADLINE) -> None:
        """Until two looks in a row agree that nothing is outstanding, through servers that come and go.

        Raises PlatformError naming what is outstanding after `deadline` seconds.
        """
        until = time.monotonic() + deadline
        before: Look | None = None
        self.trouble = "counters still move"
        while time.monotonic() < until:
            try:
                look = await self.look()
            except (*TRANSIENT, KafkaError, asyncpg.PostgresError) as error:
                self.trouble, before = f"{type(error).__name__} {error}", None
                await self.close()
                await asyncio.sleep(0.2)
                continue
            if not look.outstanding and before is not None and look.counters == before.counters:
                self.trouble = ""
                return
            before = None if look.outstanding else look
            self.trouble = ", ".join(f"{name} {n}" for name, n in look.outstanding.items()) or self.trouble
            await asyncio.sleep(LOOK_EVERY)
        raise PlatformError(f"not quiet after {deadline:.0f} s: {self.trouble}", "see the logs of the services")

    async def close(self) -> None:
        """Close the connections; the next look opens them again."""
        admin, ends, databases = self._admin, self._ends, self._databases
        self._admin, self._ends, self._databases, self._coordinators = None, None, {}, {}
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

    async def _committed(self, admin: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
        if group not in self._coordinators:
            self._coordinators[group] = await admin.find_coordinator(group)
        found: Mapping[TopicPartition, Any] = await admin.list_consumer_group_offsets(
            group, group_coordinator_id=self._coordinators[group]
        )
        return {tp: at.offset for tp, at in found.items()}


async def wait_until_quiet(system: Reachable, deadline: float = DEADLINE) -> None:
    """`Quiet.wait` once; whoever waits often keeps a `Quiet`."""
    async with Quiet(system) as quiet:
        await quiet.wait(deadline)
