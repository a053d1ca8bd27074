"""The platform's data folder: one run at a time, and room enough on the disk."""

import fcntl
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from ops.platform.errors import PlatformError

NEEDED_BYTES = 1_000_000_000


def require_disk(folder: Path, needed: int = NEEDED_BYTES) -> None:
    """Refuse to start a database on a disk that is nearly full."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise PlatformError(
            f"only {free / 1e9:.1f} GB are free at {folder}, and {needed / 1e9:.1f} GB are needed",
            "free some disk (`make clean` removes this clone's data)",
        )


class FolderLock:
    """Held by one process at a time; the kernel lets go of it when that process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        # Beside the folder's contents, which a fresh start removes.
        self._path = folder / "lock"
        self._file: TextIO | None = None

    def acquire(self) -> None:
        """Take it, or name the process that has it."""
        if self._file is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            file.close()
            raise PlatformError(
                f"another run (pid {pid}) already uses {self._path.parent}",
                f"stop that one first (Ctrl-C in its terminal, or `kill {pid}`)",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go of it."""
        if self._file is not None:
            self._file.close()
            self._file = None


def remove(folder: Path, *, keep: str) -> None:
    """Remove everything in the folder but one name."""
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            if path.name == keep:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
