"""Finds a running system: named by the environment, or noted by `up` of the same clone.

The environment names a system by <SERVICE>_DATABASE_URL, or by a file <service>.database_url in /run/secrets, for
each service, and by KAFKA_BOOTSTRAP_SERVERS; <SERVICE>_URL says where a service answers.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from ops.platform import PlatformError
from ops.system.services import SERVICES
from shared.settings.kafka import Brokers, KafkaSettings

FILE = "running.json"
SECRETS = (Path("/run/secrets"), Path("secrets"))
"""The second counts only beside KAFKA_BOOTSTRAP_SERVERS: a clone has it for containers that may not run."""


class Reachable(Protocol):
    """What is needed to inspect a system."""

    @property
    def bootstrap_servers(self) -> str:
        """The brokers."""

    def dsn(self, service: str) -> str:
        """A service's database."""


@dataclass(frozen=True)
class RunningSystem:
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


def brokers_of(system: Reachable) -> Brokers:
    """The brokers of a system, asked in the name that the environment gives (KAFKA_USERNAME, KAFKA_PASSWORD)."""
    return KafkaSettings(kafka_bootstrap_servers=system.bootstrap_servers).brokers


def forget_system(folder: Path) -> None:
    """The system is gone."""
    (folder / FILE).unlink(missing_ok=True)


def find_system(
    folder: Path, environment: Mapping[str, str] = os.environ, secrets: Sequence[Path] = SECRETS
) -> RunningSystem:
    """The system that the environment names, else the one that runs in this folder.

    Raises PlatformError when there is neither, or when the environment names only a part of one.
    """
    mounted, of_clone = secrets
    named = {name: dsn for name in SERVICES if (dsn := _dsn(name, environment, [mounted]))}
    if named:
        return _named(named, environment)
    try:
        return RunningSystem(**json.loads((folder / FILE).read_text()))
    except FileNotFoundError:
        pass
    except (ValueError, TypeError):
        raise PlatformError(f"{folder / FILE} tidak terbaca", "hapus berkas itu, lalu `python -m ops up`") from None
    if environment.get("KAFKA_BOOTSTRAP_SERVERS"):
        named = {name: dsn for name in SERVICES if (dsn := _dsn(name, environment, [of_clone]))}
        if named:
            return _named(named, environment)
    raise PlatformError(
        "sistem tidak berjalan di sini",
        "jalankan `python -m ops up`, atau `docker compose run --rm ops ...` untuk sistem dalam kontainer",
    )


def _dsn(name: str, environment: Mapping[str, str], folders: Sequence[Path]) -> str:
    given = environment.get(f"{name.upper()}_DATABASE_URL", "")
    files = [file for folder in folders if (file := folder / f"{name}.database_url").is_file()]
    return given or (files[0].read_text().strip() if files else "")


def _named(dsns: Mapping[str, str], environment: Mapping[str, str]) -> RunningSystem:
    missing = [f"{name.upper()}_DATABASE_URL" for name in SERVICES if name not in dsns]
    brokers = environment.get("KAFKA_BOOTSTRAP_SERVERS", "")
    if not brokers:
        missing.append("KAFKA_BOOTSTRAP_SERVERS")
    if missing:
        raise PlatformError(
            f"lingkungan hanya menyebut sebagian sistem: {', '.join(missing)} belum ada",
            "isi variabel itu (database juga boleh berupa berkas /run/secrets/<layanan>.database_url)",
        )
    urls = {name: environment.get(f"{name.upper()}_URL") or f"http://{name}:8000" for name in SERVICES}
    return RunningSystem(brokers, dsns, urls)
