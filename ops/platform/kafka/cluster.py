"""Apache Kafka in KRaft mode: one broker, or three of which any one may be lost."""

import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console

from ops.platform.errors import PlatformError
from ops.platform.fault_environment.environment import FaultEnvironment
from ops.platform.fault_environment.network import Network
from ops.platform.kafka import probe, start_cache
from ops.platform.kafka.config import Address, jvm_flags, meta_properties, new_id, properties
from ops.platform.kafka.java import find_java, java_environment
from ops.platform.kafka.maven import class_path, ensure_jars
from ops.platform.process.ports import HOST, PortBook, require_free
from ops.platform.process.server import Server


class Broker(Server):
    """One broker and controller; ready when it lists itself among the brokers that take part."""

    main = "kafka.Kafka"
    start_deadline = 90.0
    stop_deadline = 10.0

    def __init__(self, cluster: "KafkaCluster", node: int, folder: Path) -> None:
        super().__init__(f"kafka-{node}", folder)
        self.node = node
        disk = cluster.fault_environment.disks.get(self.name) if cluster.fault_environment else None
        self.data = (disk.path if disk else folder) / "log"
        self._cluster = cluster

    @property
    def address(self) -> Address:
        """Its ports, known from the cluster's first start on."""
        return self._cluster.addresses[self.node - 1]

    def command(self) -> list[str]:
        """The JVM and the broker's main class."""
        network = self._cluster.network
        there = network.enter(self.node) if network else []
        return [*there, *self._cluster.java(self.main, str(self.folder / "server.properties"))]

    def environment(self) -> dict[str, str]:
        """The caller's, without what would change a JVM behind our back."""
        return java_environment()

    def probe(self) -> bool:
        """Whether it takes part, by its own word."""
        return self.node in self.sees()

    def sees(self) -> set[int]:
        """The brokers that take part, by its word; empty while it does not answer."""
        return probe.live_brokers(self.address.host, self.address.port)

    def lagging(self) -> int | None:
        """Partitions of the cluster of which a copy is not in sync, by its word; None while it does not answer."""
        return probe.lagging_partitions(self.address.host, self.address.port)

    def prepare(self) -> None:
        """Write server.properties and see that both ports are free."""
        text = properties(self.address, self._cluster.addresses, self.data, self._cluster.settings)
        (self.folder / "server.properties").write_text(text)
        if self.address.host == HOST:
            require_free(self.address.port, f"Kafka broker {self.node}")
            require_free(self.address.controller_port, f"Kafka controller {self.node}")

    def only_lingers(self) -> bool:
        """Whether its logs are closed: after that it only waits for a quorum that has left already."""
        return (self.data / ".kafka_cleanshutdown").exists()

    def explain(self, log: str) -> str:
        """What the reader can do about a failed start."""
        if "UnsupportedClassVersionError" in log:
            return "JAVA names a Java older than 17: unset it, or name a newer one"
        if "cannot be run" in log or not log:
            return "unset JAVA to use the packaged Java, or name one that runs (17 or newer)"
        if "Cluster ID" in log or "InconsistentClusterIdException" in log:
            return f"the data are another cluster's: remove {self.folder.parent} (make clean)"
        return super().explain(log)


class KafkaCluster:
    """One broker (replication factor 1) or three (factor 3, two in sync to acknowledge); `settings` add to the
    brokers' server.properties."""

    def __init__(
        self,
        folder: Path,
        brokers: int = 1,
        console: Console | None = None,
        fault_environment: FaultEnvironment | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        if brokers not in (1, 3):
            raise PlatformError(f"a cluster of {brokers} brokers is not offered", "choose 1 or 3")
        # Each size has data of its own: the quorum of one cannot become the quorum of three.
        self.folder = folder / f"{brokers}"
        self.fault_environment = fault_environment
        self.settings = settings
        self.brokers = [Broker(self, node, self.folder / f"broker-{node}") for node in range(1, brokers + 1)]
        self._book = PortBook(self.folder / "ports.json")
        self._addresses: list[Address] = []
        self._console = console
        self._jars: list[Path] = []

    @property
    def network(self) -> Network | None:
        """The network of their own that the brokers are in, if they are."""
        return self.fault_environment.network if self.fault_environment else None

    @property
    def addresses(self) -> list[Address]:
        """Every broker's ports, known from the first start on."""
        if not self._addresses:
            raise PlatformError("Kafka was not started yet", "start it first")
        return self._addresses

    @property
    def bootstrap_servers(self) -> str:
        """What clients are given."""
        return ",".join(address.client for address in self.addresses)

    @property
    def running(self) -> bool:
        """Whether every broker's process exists."""
        return all(broker.running for broker in self.brokers)

    def start(self) -> None:
        """Format what is new, start every broker, and wait until all of them see all of them."""
        self._jars = self._jars or ensure_jars(self._console)
        self._settle_ports()
        self._format()
        try:
            # A broker alone waits for the quorum: all are launched before any is waited for.
            down = [broker for broker in self.brokers if not broker.running]
            for broker in down:
                broker.launch()
            _each(down, Broker.await_ready)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Stop all at once, within the deadline."""
        _each(self.brokers, Broker.stop)

    def kill(self) -> None:
        """SIGKILL all of them."""
        for broker in self.brokers:
            broker.kill()

    def wipe(self) -> None:
        """Remove everything it ever wrote."""
        self.kill()
        for broker in self.brokers:
            broker.pid_file.end_leftover()
        shutil.rmtree(self.folder, ignore_errors=True)

    def java(self, main: str, *arguments: str) -> list[str]:
        """The command line of one of Kafka's programs."""
        flags = [*jvm_flags(len(self.brokers)), *start_cache.flags(self._jars)]
        return [find_java(), *flags, "-cp", class_path(self._jars), main, *arguments]

    def _settle_ports(self) -> None:
        if self._addresses:
            return
        for broker in self.brokers:
            broker.pid_file.end_leftover()
        names = [f"{kind}-{broker.node}" for broker in self.brokers for kind in ("broker", "controller")]
        ports = iter(self._book.settle(*names))
        self._addresses = [
            Address(node, next(ports), next(ports), self.network.host(node) if self.network else HOST)
            for node in (broker.node for broker in self.brokers)
        ]

    def _format(self) -> None:
        # The mark is the last thing written: an interrupted format is done again.
        mark = self.folder / "formatted"
        if mark.exists():
            return
        cluster_id = new_id()
        first, *others = self.brokers
        for broker in self.brokers:
            shutil.rmtree(broker.data, ignore_errors=True)
            broker.folder.mkdir(parents=True, exist_ok=True)
        (first.folder / "server.properties").write_text(
            properties(first.address, self.addresses, first.data, self.settings)
        )
        self._run_storage_tool(cluster_id, first)
        for broker in others:
            # The checkpoint says which features the cluster has; it is the same for every node.
            broker.data.mkdir()
            shutil.copy(first.data / "bootstrap.checkpoint", broker.data)
            (broker.data / "meta.properties").write_text(meta_properties(cluster_id, broker.node))
        mark.write_text(cluster_id)

    def _run_storage_tool(self, cluster_id: str, broker: Broker) -> None:
        config = str(broker.folder / "server.properties")
        command = self.java("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", config)
        try:
            done = subprocess.run(
                command,
                env=java_environment(),
                capture_output=True,
                text=True,
                start_new_session=True,
                check=False,
            )
        except OSError as error:
            raise PlatformError(f"Java cannot be run: {error}", broker.explain("")) from error
        if done.returncode:
            output = (done.stdout + done.stderr).strip()
            raise PlatformError(f"Kafka could not format {broker.data}: {output}", broker.explain(output))


def _each(brokers: Iterable[Broker], action: Callable[[Broker], None]) -> None:
    brokers = list(brokers)
    if len(brokers) == 1:
        action(brokers[0])
        return
    with ThreadPoolExecutor(max(1, len(brokers))) as pool:
        for done in [pool.submit(action, broker) for broker in brokers]:
            done.result()
