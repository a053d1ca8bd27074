"""Loopback ports that stay the same for the life of a data folder."""

import json
import random
import socket
import threading
from pathlib import Path

from ops.platform.errors import PlatformError
from ops.platform.process.tree import holder_of

HOST = "127.0.0.1"
# Below the ephemeral range: the kernel hands a port above it to any outgoing connection while the
# server is down, and a client that reconnects in a loop can even connect to itself.
RANGE = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        # Connections of a killed server linger in TIME_WAIT; they are no obstacle to a new listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def require_free(port: int, what: str) -> None:
    """Refuse a port that somebody else listens on, by name."""
    if not is_free(port):
        raise PlatformError(
            f"port {port}, which {what} needs, is taken by {holder_of(port)}",
            "end that program, or choose another port",
        )


def pick_port(avoid: set[int]) -> int:
    """A free loopback port that is not in `avoid`."""
    for port in random.sample(RANGE, 200):
        if port not in avoid and is_free(port):
            return port
    raise PlatformError("no free loopback port", "end programs that hold many ports")


class PortBook:
    """Ports by name, kept in a file, so that a restart finds its clients where they left it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def settle(self, *names: str) -> list[int]:
        """The remembered port of each name where it is free, else a new one, remembered from now on."""
        with self._lock:
            book = self._read()
            for name in names:
                if name not in book or not is_free(book[name]):
                    book[name] = pick_port(avoid=set(book.values()))
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new = self._path.with_suffix(".new")
            new.write_text(json.dumps(book, indent=1))
            new.replace(self._path)
            return [book[name] for name in names]

    def _read(self) -> dict[str, int]:
        try:
            return {str(name): int(port) for name, port in json.loads(self._path.read_text()).items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}
