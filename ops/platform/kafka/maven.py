"""What comes from Maven Central: exactly what a lock names, each file checked by its sha256 before every start."""

import hashlib
import os
import tempfile
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ops.paths import ROOT
from ops.platform.errors import PlatformError

LOCK = ROOT / "requirements" / "kafka.lock.toml"
KAFKA_VERSION = "4.3.1"
THREADS = 8
ATTEMPTS = 3
TIMEOUT_S = 30


@dataclass(frozen=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str
    packaging: str = "jar"

    @property
    def file_name(self) -> str:
        """Its name in the folder."""
        return f"{self.artifact}-{self.version}.{self.packaging}"

    def intact_in(self, folder: Path) -> bool:
        """Whether the folder has it, unharmed."""
        try:
            with (folder / self.file_name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256
        except OSError:
            return False


def cache_folder(name: str = f"kafka-{KAFKA_VERSION}") -> Path:
    """This user's cache for a program in one version, shared by all clones."""
    given = os.environ.get("XDG_CACHE_HOME")
    base = Path(given) if given and Path(given).is_absolute() else Path.home() / ".cache"
    return base / "jemput-bola" / name


def locked_jars(lock: Path = LOCK) -> list[Jar]:
    """The files of the lock."""
    with lock.open("rb") as file:
        entries = tomllib.load(file)["dependencies"]
    return [Jar(e["groupId"], e["artifactId"], e["version"], e["sha256"], e.get("packaging", "jar")) for e in entries]


def ensure_jars(console: Console | None = None, folder: Path | None = None) -> list[Path]:
    """Kafka's class path: every jar of the lock, intact."""
    return ensure(f"Apache Kafka {KAFKA_VERSION}", locked_jars(), folder or cache_folder(), console)


def ensure(what: str, jars: list[Jar], folder: Path, console: Console | None = None) -> list[Path]:
    """The files in their order, all intact; missing and harmed ones are fetched first."""
    missing = [jar for jar in jars if not jar.intact_in(folder)]
    if missing:
        _fetch_all(what, missing, folder, console)
    return [folder / jar.file_name for jar in jars]


def _fetch_all(what: str, jars: list[Jar], folder: Path, console: Console | None) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Below the folder itself, so that the last step is a rename and never a half-written jar.
        temporary = tempfile.TemporaryDirectory(prefix="fetch-", dir=folder)
    except OSError as error:
        raise PlatformError(
            f"the cache {folder} cannot be written: {error}", "free the disk, or set XDG_CACHE_HOME"
        ) from error
    progress = Progress(*columns, console=console, transient=True) if console else nullcontext()
    with temporary as scratch, progress as bar, ThreadPoolExecutor(THREADS) as pool:
        task = bar.add_task(what, total=len(jars)) if bar else None
        fetches = [pool.submit(_fetch, jar, Path(scratch), folder) for jar in jars]
        try:
            for fetch in as_completed(fetches):
                fetch.result()
                if bar and task is not None:
                    bar.advance(task)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _fetch(jar: Jar, scratch: Path, folder: Path) -> None:
    for attempt in range(ATTEMPTS):
        # A cache of its own per attempt: jgo takes what it finds there for good.
        cache = scratch / f"{jar.artifact}-{attempt}"
        path = _resolve(jar, cache, last=attempt == ATTEMPTS - 1)
        if path is not None and hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256:
            path.replace(folder / jar.file_name)
            return
    raise PlatformError(
        f"{jar.file_name} comes with other contents than the lock says",
        "something on the way changes downloads, such as a proxy: try another network",
    )


def _resolve(jar: Jar, cache: Path, *, last: bool) -> Path | None:
    # Imported here: the usual start finds every jar in place and needs no HTTP client.
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=cache, timeout=TIMEOUT_S)
    try:
        component = context.project(jar.group, jar.artifact).at_version(jar.version)
        return Path(component.artifact(packaging=jar.packaging).resolve())
    except OSError as error:
        if not last:
            return None
        raise PlatformError(
            f"{jar.file_name} cannot be fetched from Maven Central: {_reason(error)}",
            "see to the network (HTTPS_PROXY is honoured) and try again: what is fetched is kept",
        ) from error
    except RuntimeError as error:
        if last:
            raise PlatformError(f"{jar.file_name} cannot be fetched: {error}", "try again later") from error
        return None


def _reason(error: BaseException) -> str:
    return type(error).__name__


def class_path(jars: Iterable[Path]) -> str:
    """The jars as Java takes them."""
    return os.pathsep.join(map(str, jars))
