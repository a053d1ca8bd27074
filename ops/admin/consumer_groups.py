"""The consumer groups as Kafka sees them: members, assigned partitions, lag, and the age of what waits."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from ops.admin.connections import kafka_errors
from ops.system.consumer_groups import GROUPS, topic_of
from ops.system.discovery import Reachable, brokers_of
from ops.system.offsets import ask_coordinator, progress
from shared.contract.events import PARTITIONS


@dataclass(frozen=True)
class GroupMember:
    """A client in a group, where it runs, and the partitions it holds."""

    client: str
    host: str
    partitions: tuple[int, ...]


@dataclass(frozen=True)
class Group:
    """A consumer group. `behind` has the events that wait, by partition.

    In `uncommitted` partitions it has never committed an offset: it will begin at the oldest event that is kept.
    """

    name: str
    state: str
    members: tuple[GroupMember, ...]
    behind: Mapping[int, int] = field(default_factory=dict)
    uncommitted: tuple[int, ...] = ()
    oldest: float | None = None
    """Seconds since the oldest of the waiting events was published; None when none waits."""

    @property
    def lag(self) -> int:
        """Events that wait."""
        return sum(self.behind.values())

    @property
    def held(self) -> int:
        """Partitions that some member holds."""
        return sum(len(member.partitions) for member in self.members)

    @property
    def trouble(self) -> str:
        """What is wrong with it, in a few words; "" when nothing is."""
        if not self.members:
            return "tidak ada anggota: layanannya tidak berjalan"
        if self.held < PARTITIONS:
            return f"{PARTITIONS - self.held} partisi tidak dipegang siapa pun (sedang dibagi ulang?)"
        return ""


@asynccontextmanager
async def clients(where: Reachable) -> AsyncIterator[tuple[AIOKafkaAdminClient, AIOKafkaConsumer]]:
    """An admin client and a reader. Raises PlatformError when no broker answers."""
    async with kafka_errors(where):
        admin = AIOKafkaAdminClient(**brokers_of(where).client(), request_timeout_ms=5000)
        reader = AIOKafkaConsumer(**brokers_of(where).client(), request_timeout_ms=5000, enable_auto_commit=False)
        try:
            await admin.start()
            await reader.start()
            yield admin, reader
        finally:
            await reader.stop()
            await admin.close()


async def groups(admin: AIOKafkaAdminClient, reader: AIOKafkaConsumer) -> list[Group]:
    """All groups of the services, as they are now."""
    described = await asyncio.gather(*(_members(admin, name) for name in GROUPS))
    return [await _with_lag(admin, reader, group) for group in described]


async def _members(admin: AIOKafkaAdminClient, name: str) -> Group:
    async def ask(coordinator: int) -> Any:
        (response,) = await admin.describe_consumer_groups([name], coordinator)
        (described,) = response.groups
        return None if described[0] else described

    (_, _, state, _, _, members, *_) = await ask_coordinator(admin, name, ask)
    found = (_member(client, host, assignment) for _, client, host, _, assignment in _plain(members))
    return Group(name, state, tuple(sorted(found, key=lambda member: member.partitions)))


def _plain(members: Any) -> list[tuple[str, str, str, bytes, bytes]]:
    # From version 4 on a static member's id comes second.
    return [(m[0], *m[-4:]) if len(m) > 5 else tuple(m) for m in members]


def _member(client: str, host: str, assignment: bytes) -> GroupMember:
    held = ConsumerProtocolMemberAssignment.decode(assignment).partitions() if assignment else []
    return GroupMember(client, host.lstrip("/"), tuple(sorted(place.partition for place in held)))


async def _with_lag(admin: AIOKafkaAdminClient, reader: AIOKafkaConsumer, group: Group) -> Group:
    at = await progress(admin, reader, group.name)
    topic, behind = topic_of(group.name), at.waiting
    oldest = await _oldest(reader, {TopicPartition(topic, number): at.done[number] for number in behind})
    return replace(group, behind=behind, uncommitted=at.uncommitted, oldest=oldest)


async def _oldest(reader: AIOKafkaConsumer, waiting: Mapping[TopicPartition, int]) -> float | None:
    if not waiting:
        return None
    reader.assign(list(waiting))
    stamps: dict[TopicPartition, int] = {}
    for place, offset in waiting.items():
        reader.seek(place, offset)
    until = time.monotonic() + 5
    while len(stamps) < len(waiting) and time.monotonic() < until:
        for place, records in (await reader.getmany(timeout_ms=200, max_records=1)).items():
            stamps.setdefault(place, records[0].timestamp)
            reader.pause(place)
    return max(0.0, time.time() - min(stamps.values()) / 1000) if stamps else None
