"""Counts of one process, for the library `limits`: a dictionary, no thread and no lock.

The library's own memory storage starts a thread each ten milliseconds of load. All callers here are in one event
loop, and what has expired is swept by whoever counts a minute later.
"""

import time

from limits.storage import Storage

SWEEP = 60.0


class MemoryCounters(Storage):
    """Windows by key: how often, and until when (seconds since the epoch)."""

    STORAGE_SCHEME = ["counters"]  # noqa: RUF012  the base class says what it is

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions)
        self._windows: dict[str, tuple[int, float]] = {}
        self._sweep_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing here fails by itself."""
        return OSError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count once more; a window begins with its first count and lasts `expiry` seconds."""
        now = time.time()
        if now >= self._sweep_at:
            self._sweep(now)
        count, until = self._windows.get(key, (0, 0.0))
        if until <= now:
            count, until = 0, now + expiry
        self._windows[key] = (count + amount, until)
        return count + amount

    def get(self, key: str) -> int:
        """The count of the window that is open, else 0."""
        count, until = self._windows.get(key, (0, 0.0))
        return count if until > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends."""
        return self._windows.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Always there."""
        return True

    def reset(self) -> int:
        """Forget all."""
        count = len(self._windows)
        self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget one."""
        self._windows.pop(key, None)

    def _sweep(self, now: float) -> None:
        self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
        self._sweep_at = now + SWEEP
