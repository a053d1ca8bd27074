"""Where the tests' PostgreSQL and Kafka come from. Addresses reach the workers by the environment."""

import atexit
import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ops.platform import Platform

MEMORY, ROOM = Path("/dev/shm"), 2 * 1024**3  # noqa: S108
TABLESPACE = "memory"
_running = ExitStack()


def start() -> None:
    """Start or find the platform and say in the environment where it is."""
    chosen = os.environ.get("PLATFORM") or _detect()
    if chosen == "given":
        database_url, servers = os.environ["DATABASE_URL"], os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    elif chosen == "containers":
        database_url, servers = _containers()
    else:
        chosen = "embedded"
        database_url, servers = _embedded()
    os.environ.update(TEST_PLATFORM=chosen, TEST_DATABASE_URL=database_url, TEST_BOOTSTRAP_SERVERS=servers)
    atexit.register(stop)


def stop() -> None:
    """End what `start` started."""
    _running.close()


def _detect() -> str:
    if "DATABASE_URL" in os.environ and "KAFKA_BOOTSTRAP_SERVERS" in os.environ:
        return "given"
    return "embedded"


def containers_missing(*images: str) -> str:
    """Why containers of these images cannot run here; "" when they can."""
    if shutil.which("docker") is None:
        return "no docker command"
    for image in images:
        found = subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False)
        if found.returncode:
            return f"no Docker engine, or the image {image} is not there"
    return ""


def _embedded() -> tuple[str, str]:
    from ops.platform import Platform

    folder = Path(_running.enter_context(tempfile.TemporaryDirectory(prefix="jemput-bola-")))
    # Nothing of a test outlives a power cut; each database dropped is a checkpoint, which would wait for the disk.
    settings = {"fsync": "off", "full_page_writes": "off"}
    platform = _running.enter_context(Platform(folder, fresh=True, postgres_settings=settings))
    _in_memory(platform)
    _running.callback(platform.clean)
    return platform.database_url, platform.bootstrap_servers


def _in_memory(platform: "Platform") -> None:
    """Put the tests' databases into memory, where there is room: hundreds are made and dropped, each of 400 files.

    On ext4 that takes ten times as long: it looks for inodes that were not freed in the last minute.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return
    folder = Path(_running.enter_context(tempfile.TemporaryDirectory(prefix="jemput-bola-", dir=MEMORY)))
    owner = platform.postgres.data.stat()
    folder.chmod(0o700)
    os.chown(folder, owner.st_uid, owner.st_gid)
    platform.postgres.psql(f"create tablespace {TABLESPACE} location '{folder}'")
    os.environ["TEST_TABLESPACE"] = TABLESPACE


def _containers() -> tuple[str, str]:
    from tests.support.containers import kafka, postgres

    return _running.enter_context(postgres()), _running.enter_context(kafka())
