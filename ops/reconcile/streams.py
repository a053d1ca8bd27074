"""Checks sequences: the next one of a service must be beyond what any other service has seen.

A service that was restored to an earlier moment would use sequences again that others know, and its new events
would be dropped as old ones.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ops.reconcile.findings import Finding
from ops.reconcile.published import Place, PublishedEvent, TopicContents
from ops.reconcile.snapshots import Snapshots
from shared.contract.events import TOPICS
from shared.database.pruning import OUTBOX

ADVANCE = "`python -m ops reconcile --advance`"
MARGIN = timedelta(days=1)
"""A fact younger than outboxes and topics remember, by so much, is in both, or somebody lost it."""


def known_elsewhere(snapshots: Snapshots, published: TopicContents | None) -> dict[tuple[str, str], int]:
    """The highest place that anybody but its publisher knows, by topic and key."""
    found: dict[tuple[str, str], int] = {}
    for step in snapshots["requests"].answers["steps"]:
        case_id, _, number = step.partition("/")
        _raise(found, ("cases", case_id), int(number))
    for request_id, position in snapshots["dispatch"].answers["told of requests"].items():
        _raise(found, ("requests", request_id), int(position))
    for topic, key, sequence in published.places if published else ():
        _raise(found, (topic, key), sequence)
    return found


def _raise(found: dict[tuple[str, str], int], stream: tuple[str, str], sequence: int) -> None:
    found[stream] = max(found.get(stream, 0), sequence)


def reused_sequences(snapshots: Snapshots, published: TopicContents) -> Iterator[tuple[str, Place]]:
    """Places of facts that their publisher knows, which hold another fact too; with the publisher."""
    for topic in TOPICS:
        if topic.publisher is None:
            continue
        for fact in snapshots[topic.publisher].outbox_events.values():
            place = (fact.topic, fact.key, fact.sequence)
            if fact.topic == topic.name and any(other != fact.id for other in published.places.get(place, ())):
                yield topic.publisher, place


def check(snapshots: Snapshots, published: TopicContents | None, now: datetime) -> list[Finding]:
    """Streams behind what is known of them, places used twice, facts that left no trace on their topic."""
    elsewhere = known_elsewhere(snapshots, published)
    found = []
    for topic in (topic for topic in TOPICS if topic.publisher):
        publisher = str(topic.publisher)
        heads = snapshots[publisher].heads
        behind = {
            key: f"{topic.name} at {heads.get((topic.name, key), 0)}, known to {sequence}"
            for (name, key), sequence in elsewhere.items()
            if name == topic.name and sequence > heads.get((name, key), 0)
        }
        found.append(Finding(f"stream of {topic.name} behind", publisher, ADVANCE, behind))
    if published is not None:
        again = {
            f"{topic} {key} {sequence}": who for who, (topic, key, sequence) in reused_sequences(snapshots, published)
        }
        found.append(Finding("place used twice", "their consumers", ADVANCE, again))
        found += [_lost_by_broker(name, snapshots, published, now) for name in snapshots]
    return found


def _lost_by_broker(name: str, snapshots: Snapshots, published: TopicContents, now: datetime) -> Finding:
    missing = {
        str(fact.id): f"{fact.type} {fact.key} {fact.sequence} of {fact.sent_at:%Y-%m-%dT%H:%M:%S}Z"
        for fact in snapshots[name].outbox_events.values()
        if fact.id not in published.facts and _is_young(fact, now)
    }
    remedy = f"`python -m ops outbox replay --service {name} --since` waktu yang tertua"
    return Finding(f"fact of {name} not on its topic", "the topics", remedy, missing, f"outbox {name}")


def forgotten(snapshots: Snapshots, published: TopicContents, now: datetime) -> dict[str, tuple[str, ...]]:
    """Facts on a topic that the service which stated them does not know, by type."""
    found: dict[str, list[str]] = {}
    for topic in (topic for topic in TOPICS if topic.publisher):
        stated = snapshots[str(topic.publisher)].outbox_events
        for fact in published.facts.values():
            if fact.topic == topic.name and fact.id not in stated and _is_young(fact, now):
                found.setdefault(fact.type, []).append(fact.key)
    return {name: tuple(keys) for name, keys in sorted(found.items())}


def _is_young(fact: PublishedEvent, now: datetime) -> bool:
    return fact.sent_at > now - OUTBOX + MARGIN
