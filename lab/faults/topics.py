"""All records of all topics, decoded without the code under test."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from aiokafka import ConsumerRecord

from ops.system.topic_reader import read_all
from shared.settings.kafka import Brokers

_TYPE = re.compile(r"id\.jemputbola\.(\w+)\.v1")
# What an event of this type is about: it may be published once for it.
IDENTITY = {
    "RequestFiled": ("request_id",),
    "CaseAdded": ("case_id",),
    "CaseWithdrawn": ("case_id",),
    "RequestAccepted": ("request_id",),
    "RequestRejected": ("request_id",),
    "RequestCancelled": ("request_id",),
    "RequestOverdue": ("request_id", "stage"),
    "PrintEligible": ("case_id",),
    "VisitScheduled": ("visit_id",),
    "VisitCancelled": ("visit_id",),
    "VisitCompleted": ("visit_id",),
    "RecordCaptured": ("case_id",),
    "PrintReady": ("case_id",),
    "PrintCompleted": ("print_id",),
    "PrintSpoiled": ("print_id",),
    "CardHandedOver": ("case_id",),
    "CardDestroyed": ("print_id",),
    "CaseClosed": ("case_id",),
    "StockLow": ("office", "crossing"),
    "StockCritical": ("office", "crossing"),
    "StockOut": ("office", "crossing"),
    "StockRecovered": ("office", "crossing"),
    "StockReported": ("office", "day"),
    "StockReportCorrected": ("office", "day", "revision"),
    "ShipmentDispatched": ("shipment_id",),
    "ShipmentReceived": ("shipment_id",),
    "ShipmentCountCorrected": ("shipment_id", "revision"),
    "AlertRaised": ("office", "crossing"),
    "AlertAcknowledged": ("alert_id",),
    "AlertEscalated": ("alert_id", "step"),
    "AlertResolved": ("alert_id",),
    "ShipmentApproved": ("shipment_id",),
    "MessageDeadLettered": ("dead_letter_id",),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """An event at its first appearance."""

    id: str
    type: str
    topic: str
    key: str
    partition: int
    sequence: int
    data: dict[str, Any]
    first_seen: float = 0
    """When it was first sent, by Unix time."""

    @property
    def identity(self) -> tuple[str, ...]:
        """What it is about, if its type may be published only once about that; else its own id."""
        return tuple(str(self.data[name]) for name in IDENTITY.get(self.type, ())) or (self.id,)


@dataclass
class TopicLog:
    """All facts by id, in the order of their partitions; `records` counts repeats too."""

    facts: dict[str, Fact] = field(default_factory=dict)
    records: int = 0
    disordered: list[str] = field(default_factory=list)

    def of(self, *types: str) -> Iterator[Fact]:
        """The facts of these types."""
        return (fact for fact in self.facts.values() if fact.type in types)

    @cached_property
    def by_type(self) -> dict[str, dict[tuple[str, ...], list[Fact]]]:
        """Facts by type and identity. Ask for it once all is read."""
        found: dict[str, dict[tuple[str, ...], list[Fact]]] = defaultdict(lambda: defaultdict(list))
        for fact in self.facts.values():
            found[fact.type][fact.identity].append(fact)
        return found

    def add(self, record: ConsumerRecord) -> None:
        """Take a record; only its first appearance is a new fact."""
        self.records += 1
        headers = {name: value.decode() for name, value in record.headers}
        matched = _TYPE.fullmatch(headers["ce_type"])
        assert matched is not None
        self.facts.setdefault(
            headers["ce_id"],
            Fact(
                id=headers["ce_id"],
                type=matched[1],
                topic=record.topic,
                key=record.key.decode(),
                partition=record.partition,
                sequence=int(headers["ce_sequence"]),
                data=json.loads(record.value),
                first_seen=record.timestamp / 1000,
            ),
        )

    def judge_order(self) -> None:
        """Find the facts that do not first appear as number 1, 2, 3 ... of their key, in one partition."""
        heads: dict[tuple[str, str], tuple[int, int]] = {}
        for fact in self.facts.values():
            partition, before = heads.get((fact.topic, fact.key), (fact.partition, 0))
            if fact.sequence != before + 1 or fact.partition != partition:
                self.disordered.append(f"{fact.topic} {fact.key}: {fact.sequence} after {before}")
            heads[fact.topic, fact.key] = (partition, fact.sequence)


async def read(bootstrap_servers: str) -> TopicLog:
    """Everything up to the ends that the topics have now. Raises KafkaError when a broker is away."""
    log = TopicLog()
    async for record in read_all(Brokers(bootstrap_servers)):
        log.add(record)
    log.judge_order()
    return log
