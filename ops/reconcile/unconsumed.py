"""Every fact that an outbox still holds was taken by each group that handles it, or set aside there."""

from ops.docs.services import takers
from ops.reconcile.findings import Finding
from ops.reconcile.pairs import REFILL
from ops.reconcile.published import Fact
from ops.reconcile.snapshots import Database, Held
from shared.consuming import Consumer

BY_PRINT = frozenset({"PrintCompleted", "PrintSpoiled", "CardDestroyed"})
"""Inventory knows these by their print, not by their event: a print that was entered again is another event."""


def check(held: Held) -> list[Finding]:
    """One finding a group."""
    return [_of(taker.consumer, held) for taker in takers()]


def _of(consumer: Consumer, held: Held) -> Finding:
    publisher = consumer.topic.publisher
    assert publisher is not None
    handled = {event.__name__ for event in consumer.consumes}
    here = held[consumer.service]
    things = {
        str(fact.id): f"{fact.type} {fact.key} {fact.sequence}"
        for fact in held[publisher].stated.values()
        if fact.topic == consumer.topic.name and fact.type in handled and not _is_taken(fact, consumer, here)
    }
    kind, remedy = f"fact not taken by {consumer.group}", REFILL.format(consumer.service)
    return Finding(kind, consumer.service, remedy, things, consumer.group)


def _is_taken(fact: Fact, consumer: Consumer, here: Database) -> bool:
    if (consumer.group, fact.id) in here.taken:
        return True
    if consumer.service == "requests":
        return f"{fact.key}/{fact.sequence}" in here.answers["steps"]
    return consumer.service == "inventory" and fact.type in BY_PRINT
