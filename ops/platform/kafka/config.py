"""What Apache Kafka is told: server.properties, the JVM's flags, and what a formatted folder holds."""

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.platform.process.ports import HOST

# One core's worth of JVM each: the interpreter's first compiler only, and the smallest collector.
JVM_FLAGS = [
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
    "-Dfile.encoding=UTF-8",
    "-Duser.timezone=UTC",
]
# Clients of a killed broker's reconnect in loops; each broker would tell of each.
QUIET = ["org.apache.kafka.clients", "org.apache.kafka.raft", "kafka.server.BrokerToControllerChannelManager"]
# A killed broker or consumer is noticed in seconds.
DETECTION: Mapping[str, object] = {
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1000,
    "broker.session.timeout.ms": 2000,
    "broker.heartbeat.interval.ms": 500,
}
QUORUM_DETECTION: Mapping[str, object] = {
    "replica.lag.time.max.ms": 2000,
    "controller.quorum.election.timeout.ms": 500,
    "controller.quorum.fetch.timeout.ms": 1000,
}
SMALL: Mapping[str, object] = {
    "num.network.threads": 2,
    "num.io.threads": 4,
    "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
}
HEAP_ALONE = "-Xmx512m"
HEAP_OF_THREE = "-Xmx384m"


@dataclass(frozen=True)
class Address:
    """One broker's place: its number, its two ports, and where they are."""

    node: int
    port: int
    controller_port: int
    host: str = HOST

    @property
    def client(self) -> str:
        """Where clients connect."""
        return f"{self.host}:{self.port}"

    @property
    def voter(self) -> str:
        """How the quorum names it."""
        return f"{self.node}@{self.host}:{self.controller_port}"


def jvm_flags(brokers: int) -> list[str]:
    """Heap, collector and log level."""
    quiet = [f"-Dorg.slf4j.simpleLogger.log.{name}=error" for name in QUIET]
    return [HEAP_ALONE if brokers == 1 else HEAP_OF_THREE, *JVM_FLAGS, *quiet]


def properties(me: Address, all_brokers: list[Address], data: Path, settings: Mapping[str, str] | None = None) -> str:
    """The server.properties of one broker: production's guarantees, a laptop's timeouts; `settings` override them."""
    copies = len(all_brokers)
    found = {**_network(me, all_brokers), "log.dirs": data, **_replication(copies), **DETECTION, **SMALL}
    if copies > 1:
        found |= QUORUM_DETECTION
    return "".join(f"{name}={value}\n" for name, value in {**found, **(settings or {})}.items())


def _network(me: Address, all_brokers: list[Address]) -> dict[str, object]:
    return {
        "process.roles": "broker,controller",
        "node.id": me.node,
        "controller.quorum.voters": ",".join(broker.voter for broker in all_brokers),
        "listeners": f"PLAINTEXT://{me.client},CONTROLLER://{me.host}:{me.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{me.client}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        # Topics are made by the job that knows their partitions, never by a misspelt name.
        "auto.create.topics.enable": "false",
    }


def _replication(copies: int) -> dict[str, object]:
    in_sync = min(2, copies)
    return {
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "offsets.topic.num.partitions": 6,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.num.partitions": 6,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.num.partitions": 6,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
    }


def new_id() -> str:
    """A random id in Kafka's spelling; never one that starts like an option."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def meta_properties(cluster_id: str, node: int) -> str:
    """What StorageTool writes besides the bootstrap checkpoint, for another node of the same cluster."""
    return f"version=1\ncluster.id={cluster_id}\nnode.id={node}\ndirectory.id={new_id()}\n"
