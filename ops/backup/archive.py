"""An archive's folder: <lineage>/wal and <lineage>/base/<UTC time of completion>, as deploy/backup writes them.

A lineage is a server's identity and timeline. A restore begins another one, and with it another folder: what one
history wrote is never continued by another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ops.backup import scripts
from ops.platform import PlatformError
from ops.platform.postgres.server import PostgresServer

STAMP = "%Y%m%dT%H%M%SZ"
APPLICATION = "keep"
RETAINED = "4GB"
"""So much WAL a server keeps for a receiver that is away; then the archive has a gap, and begins anew."""


@dataclass(frozen=True, slots=True)
class Base:
    """A verified base backup, and the databases it covers."""

    folder: Path
    completed_at: datetime
    databases: tuple[str, ...]
    size: int
    """In bytes."""


@dataclass(frozen=True)
class Archive:
    """Where a server is kept. With `synchronous` a commit is acknowledged only once the archive has it on disk:
    no acknowledged commit is lost, and while the receiver is away nothing is acknowledged."""

    folder: Path
    synchronous: bool = False

    @property
    def settings(self) -> Mapping[str, str]:
        """What the server must be told."""
        names = APPLICATION if self.synchronous else ""
        return {"synchronous_standby_names": names, "max_slot_wal_keep_size": RETAINED}

    def bases(self) -> list[Base]:
        """All base backups, of all lineages, the oldest first."""
        found = [_base(folder) for folder in self.folder.glob("*/base/*Z")]
        return sorted(found, key=lambda base: base.completed_at)

    def newest_wal(self) -> datetime | None:
        """When WAL last arrived. A server without writes sends none: see `ops.backup.lag` for what is missing."""
        times = [file.stat().st_mtime for file in self.folder.glob("*/wal/*") if file.is_file()]
        return datetime.fromtimestamp(max(times), UTC) if times else None

    def backup(self, url: str, programs: Path, *, bases: int = 7) -> Base:
        """Take a base backup of the server at `url` (a superuser's address) now, verify it, and drop what is older
        than the newest `bases`. Raises PlatformError with the server's word."""
        env = {**scripts.environment(programs, url), "KEEP_BASES": str(bases)}
        return _base(Path(scripts.run("base.sh", self.folder, env=env)))

    def restore(self, server: PostgresServer, to: datetime | None = None) -> Base:
        """Give a stopped server without data those of the archive: started, it recovers to its last commit, or to
        `to`. Returns the base it begins with. Raises PlatformError when no base is old enough, or there are data.
        """
        if to is not None and to.tzinfo is None:
            raise PlatformError(f"{to} has no time zone", "write it as 2026-04-06T08:00:00+07:00")
        target = to.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if to else "latest"
        used: list[Base] = []

        def fill(data: Path) -> None:
            env = scripts.environment(server.tool("postgres").parent)
            used.append(_base(Path(scripts.run("restore.sh", self.folder, data, target, env=env))))

        server.adopt(fill)
        return used[0]


def _base(folder: Path) -> Base:
    covers = folder.parents[1] / "covers"
    return Base(
        folder,
        datetime.strptime(folder.name, STAMP).replace(tzinfo=UTC),
        tuple(covers.read_text().split()) if covers.exists() else (),
        sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
    )
