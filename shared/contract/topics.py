"""The Kafka topics. Each topic has one key field and one service that publishes to it."""

from dataclasses import dataclass

from shared.contract import fields as f


@dataclass(frozen=True)
class Topic:
    """A Kafka topic: its name, the event field that is the record key, and the only service that publishes to it.

    `publisher` is None when every service publishes to the topic.
    """

    name: f.TopicName
    key: str
    publisher: f.ServiceName | None


REQUESTS = Topic("requests", "request_id", "requests")
CASES = Topic("cases", "case_id", "dispatch")
STOCK = Topic("stock", "office", "inventory")
ALERTS = Topic("alerts", "office", "notify")
DEAD_LETTERS = Topic("dead-letters", "dead_letter_id", None)
TOPICS = (REQUESTS, CASES, STOCK, ALERTS, DEAD_LETTERS)
PARTITIONS = 12
"""Partitions of each topic. Never change the number in place: keys would move to other partitions and lose their
order."""
