"""Names that are written into Kafka and can never change in place: topics, keys, partitions, consumer groups."""

import pytest
from pydantic import TypeAdapter

from ops.docs.services import all_consumers
from ops.system.consumer_groups import GROUPS, topic_of
from ops.system.provision import RETENTION_MS
from shared.contract import events
from shared.contract.events import ALL, PARTITIONS, TOPICS, Event
from shared.contract.fields import HandlerName, ServiceName, TopicName
from shared.messaging.outbox import partition_of

PINNED = {
    "dispatch.requests",
    "dispatch.stock",
    "inventory.alerts",
    "inventory.cases",
    "notify.stock",
    "requests.cases",
}
RENAMED = """
A consumer group's name is where Kafka keeps how far the group has read. A group under a new name starts at the
beginning of its topic; the inbox, too, knows events by the group's name, so every event would take effect again.
Keep the name. Where a rename cannot be avoided, carry over the committed offsets and the rows of `inbox`.
"""


def test_every_event_class_is_listed() -> None:
    declared = (each for name, each in vars(events).items() if not name.endswith("Event"))
    classes = [each for each in declared if isinstance(each, type) and issubclass(each, Event)]
    assert len(ALL) == len(set(ALL)), "an event is listed twice"
    assert set(classes) == set(ALL) == {each for each in _subclasses(Event) if not each.__name__.endswith("Event")}


def _subclasses(cls: type[Event]) -> set[type[Event]]:
    """All events of the contract below a class."""
    below = {each for each in cls.__subclasses__() if each.__module__.startswith("shared.contract.")}
    return below.union(*(_subclasses(each) for each in below))


def test_consumer_groups_keep_their_names() -> None:
    assert {taker.consumer.group for taker in all_consumers()} == PINNED, RENAMED
    assert set(GROUPS) == PINNED
    assert all(topic_of(taker.consumer.group) == taker.consumer.topic.name for taker in all_consumers())


def test_topics_keep_their_names_keys_and_publishers() -> None:
    assert [(topic.name, topic.key, topic.publisher) for topic in TOPICS] == [
        ("requests", "request_id", "requests"),
        ("cases", "case_id", "dispatch"),
        ("stock", "office", "inventory"),
        ("alerts", "office", "notify"),
        ("dead-letters", "dead_letter_id", None),
    ]


def test_topics_keep_twelve_partitions_and_two_weeks() -> None:
    assert PARTITIONS == 12, "with another number a key moves to another partition, and its order is lost"
    assert RETENTION_MS == 14 * 24 * 3600 * 1000


@pytest.mark.parametrize(
    ("key", "murmur2"),
    [
        ("21", -973932308),
        ("foobar", -790332482),
        ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        ("abc", 479470107),
    ],
)
def test_keys_lie_where_kafka_s_own_partitioner_puts_them(key: str, murmur2: int) -> None:
    assert partition_of(key) == (murmur2 & 0x7FFFFFFF) % PARTITIONS


def test_every_event_is_of_a_topic_and_has_its_key() -> None:
    for event in ALL:
        assert event.topic in TOPICS
        assert event.topic.key in event.model_fields
    assert len({event.type_name() for event in ALL}) == len(ALL)


def test_every_handler_can_be_named_in_a_dead_letter() -> None:
    for topic in TOPICS:
        TypeAdapter(TopicName).validate_python(topic.name)
    for consumer in (taker.consumer for taker in all_consumers()):
        TypeAdapter(ServiceName).validate_python(consumer.service)
        for name in (consumer.group, *(f"{consumer.group}.{event.__name__}" for event in consumer.consumes)):
            TypeAdapter(HandlerName).validate_python(name)


def test_no_service_takes_what_it_states_itself() -> None:
    for consumer in (taker.consumer for taker in all_consumers()):
        assert consumer.topic.publisher != consumer.service
        assert consumer.consumes, f"{consumer.group} handles nothing"
