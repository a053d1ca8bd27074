"""Makes the start cache, once for each user: a broker starts and stops while Java records what it loads."""

import fcntl
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from rich.console import Console

from ops.platform.errors import PlatformError
from ops.platform.kafka import start_cache
from ops.platform.kafka.cluster import Broker, KafkaCluster

DEADLINE_S = 60


class RecordingCluster(KafkaCluster):
    """A broker whose JVM writes the start cache when it ends."""

    def __init__(self, folder: Path, output: Path) -> None:
        super().__init__(folder)
        self._output = output

    def java(self, main: str, *arguments: str) -> list[str]:
        """The usual command line; the broker's writes the cache."""
        program, *rest = super().java(main, *arguments)
        record = [f"{start_cache.MAKE}{self._output}", start_cache.SILENT] if main == Broker.main else []
        return [program, *record, *rest]


def ensure_start_cache(jars: list[Path], console: Console | None = None) -> None:
    """Make the cache unless it is there or is being made; where it cannot be had, starts are just slower."""
    path = start_cache.location(jars)
    if path is None or path.exists():
        return
    with _exclusive(path.parent / "start.lock") as acquired:
        if not acquired or path.exists():
            return
        for old in path.parent.glob("start-*.aot"):
            old.unlink(missing_ok=True)
        status = console.status("Preparing Kafka's quick start (once)") if console else nullcontext()
        with status, tempfile.TemporaryDirectory(prefix="train-", dir=path.parent) as scratch:
            made = Path(scratch) / "start.aot"
            try:
                _train(Path(scratch), made)
            except PlatformError:
                made.unlink(missing_ok=True)
            if not made.exists():
                made.touch()
            made.replace(path)


def _train(scratch: Path, output: Path) -> None:
    cluster = RecordingCluster(scratch, output)
    try:
        cluster.start()
        # The cache is put together after the broker's own end, so an ordinary stop would cut it short.
        os.kill(cluster.brokers[0].pid, cluster.brokers[0].stop_signal)
        cluster.brokers[0].wait(DEADLINE_S)
    except subprocess.TimeoutExpired as error:
        raise PlatformError("the start cache was not made in time", "nothing: starts are slower") from error
    finally:
        cluster.kill()


@contextmanager
def _exclusive(lock: Path) -> Iterator[bool]:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
