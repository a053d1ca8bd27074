"""The scripts of deploy/backup in the image that docker-compose.yml runs them in, side by side as it does."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.platforms import containers_missing
from tests.support.polling import until

pytestmark = pytest.mark.long
SCRIPTS = Path(__file__).parents[2] / "deploy" / "backup"
IMAGE, DATA = "postgres:18", "/var/lib/postgresql/18/docker"


def docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass(frozen=True)
class Room:
    """A server and its keeper, with volumes of their own."""

    name: str

    def volume(self, what: str, path: str) -> list[str]:
        return ["-v", f"{self.name}-{what}:{path}"]

    def start_server(self) -> None:
        volumes = self.volume("data", "/var/lib/postgresql") + self.volume("run", "/var/run/postgresql")
        docker("run", "-d", "--name", self.name, "-e", "POSTGRES_PASSWORD=x", *volumes, IMAGE)

    def start_keeper(self) -> None:
        docker(
            *("run", "-d", "--init", "--name", f"{self.name}-keeper", "--network", "none", "--read-only"),
            *("--tmpfs", "/tmp", "--cap-drop", "ALL", "-e", "PGUSER=postgres", "-e", "PGHOST=/var/run/postgresql"),  # noqa: S108
            *self.volume("run", "/var/run/postgresql"),
            *self.volume("archive", "/archive"),
            *("-v", f"{SCRIPTS}:/backup:ro", "--entrypoint", "/backup/keep.sh", IMAGE, "/archive"),
        )

    def restore(self) -> None:
        docker(
            *("run", "--rm", "--network", "none", "-v", f"{SCRIPTS}:/backup:ro"),
            *self.volume("data", "/var/lib/postgresql"),
            *self.volume("archive", "/archive:ro"),
            *("--entrypoint", "/backup/restore.sh", IMAGE, "/archive", DATA, "latest"),
        )

    def bases(self, number: int) -> Callable[[], Awaitable[bool]]:
        async def there() -> bool:
            found = docker("exec", f"{self.name}-keeper", "find", "/archive", "-name", "*Z", "-path", "*/base/*")
            return len(found.split()) == number

        return there

    def answers(self, sql: str) -> Callable[[], Awaitable[str]]:
        async def answer() -> str:
            command = ["docker", "exec", "-u", "postgres", self.name, "psql", "-XAtqc", sql]
            done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
            return done.stdout.strip()

        return answer


@pytest.fixture
def room() -> Iterator[Room]:
    if missing := containers_missing():
        pytest.skip(missing)
    made = Room(f"keep-{uuid4().hex[:8]}")
    yield made
    names = (made.name, f"{made.name}-keeper")
    subprocess.run(["docker", "rm", "-f", *names], capture_output=True, check=False)
    volumes = [f"{made.name}-{what}" for what in ("data", "run", "archive")]
    subprocess.run(["docker", "volume", "rm", "-f", *volumes], capture_output=True, check=False)


async def test_a_server_without_its_volume_is_restored_from_archive(room: Room) -> None:
    room.start_server()
    room.start_keeper()
    await until(room.bases(1), timeout=90, what="the first base backup")
    docker("exec", "-u", "postgres", room.name, "psql", "-qc", "create table note as select 7 as n")
    await until(room.answers("select restart_lsn >= pg_current_wal_lsn() or null from pg_replication_slots"))
    docker("rm", "-f", room.name)
    docker("volume", "rm", f"{room.name}-data")
    room.restore()
    room.start_server()
    assert await until(room.answers("select n from note"), timeout=90, what="the table") == "7"
    await until(room.bases(2), timeout=90, what="a base backup of the new lineage")
