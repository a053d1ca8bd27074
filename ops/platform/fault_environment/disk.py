"""A small file system on a file, for one server's data: it can be filled, and freed again. Root only, on Linux.

The file is removed as soon as it is mounted: whatever is unmounted leaves nothing behind.
"""

import os
import subprocess
from contextlib import suppress
from pathlib import Path

from ops.platform.errors import PlatformError
from ops.platform.fault_environment.ownership import abandoned, mark

SIZE = 2 << 30
"""Bytes, of which the disk beneath holds only those that are written."""
HOMES = Path("/var/tmp")  # noqa: S108  (where PostgreSQL's unprivileged user can go)
_BLOCK = 4096


class Disk:
    """Mounted at `path` between `mount` and `unmount`."""

    def __init__(self, name: str) -> None:
        self.path = HOMES / mark() / name
        self._ballast = self.path / "ballast"

    def mount(self) -> None:
        """Make it. Raises PlatformError where that is not allowed."""
        self.path.mkdir(parents=True)
        image = self.path.with_suffix(".img")
        try:
            with image.open("wb") as file:
                file.truncate(SIZE)
            # No block is kept back for root: full is full for everybody.
            run("mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1", str(image))
            run("mount", "-o", "loop,discard", str(image), str(self.path))
        finally:
            image.unlink(missing_ok=True)

    def fill(self) -> None:
        """Take all that is left; whoever writes from now on gets ENOSPC. Again takes what was freed meanwhile."""
        with self._ballast.open("ab") as file:
            size, piece = file.seek(0, os.SEEK_END), SIZE
            while piece >= _BLOCK:
                try:
                    os.posix_fallocate(file.fileno(), size, piece)
                except OSError:
                    piece //= 2
                else:
                    size += piece

    def free(self) -> None:
        """Give back what `fill` took."""
        self._ballast.unlink(missing_ok=True)

    def unmount(self) -> None:
        """Away with it, even if a dying process still has a file open."""
        _remove(self.path)


def remove_abandoned() -> None:
    """Unmount what a killed run left mounted."""
    for home in HOMES.glob("jemput-*"):
        if abandoned(home.name):
            for path in home.iterdir():
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_mount():
        run("umount", "--lazy", str(path))
    with suppress(OSError):
        path.with_suffix(".img").unlink(missing_ok=True)
        path.rmdir()
        path.parent.rmdir()


def run(*command: str) -> str:
    """A program of the system, and what it says. Raises PlatformError with its complaint."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise PlatformError(f"{command[0]} cannot be run: {error.strerror}", "install it") from error
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines() or [f"it ended with {done.returncode}"]
        raise PlatformError(f"{' '.join(command[:4])}: {words[-1]}", "see whether this machine allows it to root")
    return done.stdout
