"""Where a running system's parts are, written down for other commands of the same clone."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from ops.platform import PlatformError

FILE = "running.json"


class Reachable(Protocol):
    """What it takes to look into a system."""

    @property
    def bootstrap_servers(self) -> str:
        """The brokers."""

    def dsn(self, service: str) -> str:
        """A service's database."""


@dataclass(frozen=True)
class Running:
    """A system that another process runs."""

    bootstrap_servers: str
    dsns: Mapping[str, str]
    urls: Mapping[str, str]

    def dsn(self, service: str) -> str:
        """A service's database."""
        return self.dsns[service]

    def write(self, folder: Path) -> None:
        """Leave a note, for the owner only: it holds the roles' passwords."""
        file = folder / FILE
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(self), indent=1))


def erase(folder: Path) -> None:
    """The system is gone."""
    (folder / FILE).unlink(missing_ok=True)


def running(folder: Path) -> Running:
    """Raises PlatformError when nothing runs there."""
    try:
        return Running(**json.loads((folder / FILE).read_text()))
    except FileNotFoundError:
        raise PlatformError("the system does not run", "start it with `python -m ops up`") from None
