"""Progress of the consumer groups: what each has committed, what its topic holds, and so its lag.

All who read lag read it here. aiokafka drops the error of a whole answer: a broker that is not the group's
coordinator, or has not loaded the group yet, names no offset, and nothing is raised. So the partitions are asked
for by name, and an answer that leaves one out is none: the coordinator is looked for again.

After a broker died, the group's new coordinator answers for about a second with the commit before the last one:
it names only what its own high watermark has confirmed. So a lag may be too large then, and is never too small.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from ops.system.consumer_groups import topic_of
from shared.contract.events import PARTITIONS

PATIENCE = 5.0
"""Seconds for which a group's coordinator is looked for."""
_PAUSE = 0.05

T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """Where a group is in its topic, by partition."""

    done: Mapping[int, int]
    """The record that it takes next: the committed one, or else the oldest that is kept."""
    ends: Mapping[int, int]
    uncommitted: tuple[int, ...]
    """Partitions that hold records, and of which the group has never committed an offset."""

    @property
    def waiting(self) -> dict[int, int]:
        """How many records wait, by partition; without those where none does."""
        return {number: end - self.done[number] for number, end in self.ends.items() if end > self.done[number]}


async def progress(admin: AIOKafkaAdminClient, reader: AIOKafkaConsumer, group: str) -> Progress:
    """Where a group is. What is published meanwhile may count as waiting.

    Raises KafkaError when its coordinator, or the leader of a partition, does not answer.
    """
    places = [TopicPartition(topic_of(group), number) for number in range(PARTITIONS)]
    committed = await committed_offsets(admin, group, places)
    ends = await reader.end_offsets(places)
    # Without a commit, or past the retention, a member begins at the oldest record that is kept.
    open_ = [place for place in places if (committed[place] or 0) < ends[place]]
    first = await reader.beginning_offsets(open_) if open_ else {}
    return Progress(
        {place.partition: max(committed[place] or 0, first.get(place, 0)) for place in places},
        {place.partition: ends[place] for place in places},
        tuple(place.partition for place in open_ if committed[place] is None and first[place] < ends[place]),
    )


async def committed_offsets(
    admin: AIOKafkaAdminClient, group: str, places: Collection[TopicPartition]
) -> dict[TopicPartition, int | None]:
    """The committed offset of each of `places`; None where the group has never committed one."""

    async def ask(coordinator: int) -> dict[TopicPartition, int | None] | None:
        found = await admin.list_consumer_group_offsets(group, coordinator, list(places))
        if not found.keys() >= set(places):
            return None
        return {place: found[place].offset if found[place].offset >= 0 else None for place in places}

    return await ask_coordinator(admin, group, ask)


async def ask_coordinator(
    admin: AIOKafkaAdminClient, group: str, ask: Callable[[int], Awaitable[T | None]], patience: float = PATIENCE
) -> T:
    """What `ask` returns for the id of the group's coordinator; None from it means that this broker is not the one.

    Raises KafkaError: at once what another try would not change, else after `patience` seconds.
    """
    until = time.monotonic() + patience
    while True:
        try:
            answer = await ask(await admin.find_coordinator(group))
            if answer is not None:
                return answer
            raise GroupCoordinatorNotAvailableError(f"no broker answers as coordinator of {group}")
        except KafkaError as error:
            if not error.retriable or time.monotonic() > until:
                raise
        await asyncio.sleep(_PAUSE)
