"""Finds events that an outbox still holds and a group that handles them neither consumed nor dead-lettered."""

from ops.docs.services import all_consumers
from ops.reconcile.findings import Finding
from ops.reconcile.pairs import REWIND
from ops.reconcile.published import PublishedEvent
from ops.reconcile.snapshots import ServiceSnapshot, Snapshots
from shared.messaging.consumer import Consumer

BY_PRINT = frozenset({"PrintCompleted", "PrintSpoiled", "CardDestroyed"})
"""Inventory knows these by their print, not by their event: a print that was entered again is another event."""


def check(snapshots: Snapshots) -> list[Finding]:
    """One finding a group."""
    return [_of(source.consumer, snapshots) for source in all_consumers()]


def _of(consumer: Consumer, snapshots: Snapshots) -> Finding:
    publisher = consumer.topic.publisher
    assert publisher is not None
    handled = {event.__name__ for event in consumer.consumes}
    here = snapshots[consumer.service]
    things = {
        str(fact.id): f"{fact.type} {fact.key} {fact.sequence}"
        for fact in snapshots[publisher].outbox_events.values()
        if fact.topic == consumer.topic.name and fact.type in handled and not _is_consumed(fact, consumer, here)
    }
    kind, remedy = f"fact not taken by {consumer.group}", REWIND.format(consumer.service)
    return Finding(kind, consumer.service, remedy, things, consumer.group)


def _is_consumed(fact: PublishedEvent, consumer: Consumer, here: ServiceSnapshot) -> bool:
    if (consumer.group, fact.id) in here.consumed:
        return True
    if consumer.service == "requests":
        return f"{fact.key}/{fact.sequence}" in here.answers["steps"]
    return consumer.service == "inventory" and fact.type in BY_PRINT
