"""PostgreSQL and Kafka together, in one data folder of which one run at a time has the use."""

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import TypedDict

from rich.console import Console

from ops.paths import DEFAULT_DATA
from ops.platform import external
from ops.platform.data_folder import FolderLock, remove, require_disk
from ops.platform.external import DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS
from ops.platform.fault_environment.environment import FaultEnvironment
from ops.platform.kafka.cluster import KafkaCluster
from ops.platform.kafka.maven import ensure_jars
from ops.platform.kafka.start_cache_training import ensure_start_cache
from ops.platform.postgres.server import PostgresServer

KAFKA_SIZES = (1, 3)


class Options(TypedDict, total=False):
    """How a platform is started."""

    brokers: int
    """1 (the default) or 3."""
    fresh: bool
    """Begin with an empty folder."""
    console: Console | None
    """Where progress is shown."""
    fault_environment: FaultEnvironment | None


class Platform:
    """Both servers, ready after `start` and gone after `stop`; either may be given by the environment.

    In a `fault_environment` their data are on its disks and the brokers in its network: start `fresh`, both are new.
    """

    def __init__(
        self,
        data: Path = DEFAULT_DATA,
        brokers: int = 1,
        *,
        fresh: bool = False,
        console: Console | None = None,
        postgres_settings: Mapping[str, str] | None = None,
        fault_environment: FaultEnvironment | None = None,
    ) -> None:
        self.data = data.absolute()
        self._fresh = fresh
        self._console = console
        self._lock = FolderLock(self.data)
        self._database_url = external.given(DATABASE_URL)
        self._bootstrap_servers = external.given(KAFKA_BOOTSTRAP_SERVERS)
        disk = fault_environment.disks.get("postgres") if fault_environment else None
        self._postgres = PostgresServer(self.data / "postgres", settings=postgres_settings, disk=disk)
        self._kafka = KafkaCluster(self.data / "kafka", brokers, console, fault_environment)

    @property
    def is_given(self) -> bool:
        """Whether PostgreSQL or Kafka is given from outside."""
        return bool(self._database_url or self._bootstrap_servers)

    @property
    def postgres(self) -> PostgresServer:
        """The embedded PostgreSQL, to be stopped, killed and paused; an error if it is given from outside."""
        if self._database_url:
            raise external.not_ours("PostgreSQL", DATABASE_URL)
        return self._postgres

    @property
    def kafka(self) -> KafkaCluster:
        """The embedded Kafka, to be stopped, killed and paused; an error if it is given from outside."""
        if self._bootstrap_servers:
            raise external.not_ours("Kafka", KAFKA_BOOTSTRAP_SERVERS)
        return self._kafka

    @property
    def database_url(self) -> str:
        """The address of PostgreSQL, ours or the given one."""
        return self._database_url or self._postgres.dsn()

    @property
    def bootstrap_servers(self) -> str:
        """The addresses of Kafka, ours or the given ones."""
        return self._bootstrap_servers or self._kafka.bootstrap_servers

    def dsn(self, database: str) -> str:
        """The address of one database on the same PostgreSQL."""
        return external.with_database(self.database_url, database)

    def start(self) -> "Platform":
        """Start what is not given from outside; on failure or Ctrl-C nothing is left running."""
        self._lock.acquire()
        try:
            if self._fresh:
                self._wipe()
                self._fresh = False
            require_disk(self.data)
            self._check_given()
            self._start_ours()
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        """Stop both, and let another run have the folder."""
        try:
            _together([self._postgres.stop, self._kafka.stop], self._kill_servers)
        except BaseException:
            self.kill()
            raise
        self._lock.release()

    def kill(self) -> None:
        """SIGKILL everything, and let another run have the folder."""
        self._kill_servers()
        self._lock.release()

    def clean(self) -> None:
        """Stop, and remove all data, wherever they are; cached downloads stay."""
        self._lock.acquire()
        try:
            self._wipe()
        finally:
            self._lock.release()
        (self.data / "lock").unlink(missing_ok=True)
        if self.data.exists() and not any(self.data.iterdir()):
            self.data.rmdir()

    def __enter__(self) -> "Platform":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _check_given(self) -> None:
        if self._database_url:
            address = external.database_address(self._database_url)
            external.require_reachable("PostgreSQL", DATABASE_URL, [address])
        if self._bootstrap_servers:
            addresses = external.kafka_addresses(self._bootstrap_servers)
            external.require_reachable("Kafka", KAFKA_BOOTSTRAP_SERVERS, addresses)

    def _start_ours(self) -> None:
        starts: list[Callable[[], None]] = []
        if not self._database_url:
            starts.append(self._postgres.start)
        if not self._bootstrap_servers:
            # On this thread, so that a Ctrl-C in the middle of a long download is heard.
            ensure_start_cache(ensure_jars(self._console), self._console)
            starts.append(self._kafka.start)
        _together(starts, self._kill_servers)

    def _kill_servers(self) -> None:
        self._postgres.kill()
        self._kafka.kill()

    def _wipe(self) -> None:
        self._postgres.wipe()
        for size in KAFKA_SIZES:
            KafkaCluster(self.data / "kafka", size).wipe()
        self._kafka.wipe()
        remove(self.data, keep="lock")


def clean_all(folder: Path) -> None:
    """Remove the data of the system in this folder, and of those in folders directly below it.

    Raises PlatformError while one of them runs.
    """
    # Each system has a folder of its own, told by its lock; its database may lie elsewhere, so each is asked.
    for lock in sorted(folder.glob("*/lock")):
        Platform(lock.parent).clean()
    if folder.exists():
        Platform(folder).clean()


def _together(actions: list[Callable[[], None]], undo: Callable[[], None]) -> None:
    pool = ThreadPoolExecutor(max(1, len(actions)))
    running = [pool.submit(action) for action in actions]
    try:
        done, _ = wait(running, return_when=FIRST_EXCEPTION)
        for action in done:
            action.result()
    except BaseException:
        # Killing a server ends the wait for it; those that were launched meanwhile are killed in their turn.
        pool.shutdown(wait=False, cancel_futures=True)
        while wait(running, timeout=0.05).not_done:
            undo()
        undo()
        raise
    pool.shutdown()
