"""What the topics hold now: every event once, by its id, and by its topic, key and sequence."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from ops.system.topic_reader import read_all
from shared.contract.envelope import Message, decode
from shared.contract.events import ALL
from shared.settings.kafka import Brokers

_KNOWN = {event.type_name().encode(): event for event in ALL}
Place = tuple[str, str, int]
"""Topic, key, sequence."""


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event at its first appearance; `sent_at` by the broker's clock."""

    id: UUID
    type: str
    topic: str
    key: str
    sequence: int
    sent_at: datetime


@dataclass
class TopicContents:
    """All facts by id, and the ids at each place: there is more than one where a place was used again."""

    facts: dict[UUID, PublishedEvent] = field(default_factory=dict)
    places: dict[Place, list[UUID]] = field(default_factory=dict)

    def add(self, fact: PublishedEvent) -> None:
        """Take it in, unless it is known."""
        if fact.id not in self.facts:
            self.facts[fact.id] = fact
            self.places.setdefault((fact.topic, fact.key, fact.sequence), []).append(fact.id)

    def heads(self, topic: str) -> dict[str, int]:
        """The highest sequence of each key."""
        found: dict[str, int] = {}
        for name, key, sequence in self.places:
            if name == topic:
                found[key] = max(found.get(key, 0), sequence)
        return found


async def read(brokers: Brokers) -> TopicContents:
    """Everything up to the ends that the topics have now, without what is no event of ours.

    Raises KafkaError when the brokers are away.
    """
    found = TopicContents()
    async for record in read_all(brokers):
        fact = _fact(record.topic, record.value, record.headers, record.timestamp)
        if fact is not None:
            found.add(fact)
    return found


def _fact(topic: str, value: bytes | None, headers: Sequence[tuple[str, bytes]], sent: int) -> PublishedEvent | None:
    content = decode(value, headers, _KNOWN)
    if not isinstance(content, Message):
        return None
    event = content.event
    at = datetime.fromtimestamp(sent / 1000, UTC)
    return PublishedEvent(UUID(str(content.id)), type(event).__name__, topic, event.key, content.sequence, at)
