"""HTTP servers on real sockets, in a thread of their own."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import httpx
import uvicorn

T = TypeVar("T")


@contextmanager
def serving(servers: Mapping[str, uvicorn.Server]) -> Iterator[dict[str, str]]:
    """Yields the address of each server once all accept connections. Each is told `port=0` in its settings."""

    async def serve() -> None:
        await asyncio.gather(*(server.serve() for server in servers.values()))

    # Outside of the main thread uvicorn leaves the signals alone.
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        wait(lambda: all(server.started for server in servers.values()), "the servers")
        yield {
            name: f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            for name, server in servers.items()
        }
    finally:
        for server in servers.values():
            server.should_exit = True
        thread.join(30)


def ready(url: str) -> None:
    """Wait until a service can work."""
    wait(lambda: httpx.get(f"{url}/health/ready").status_code == 200, url)


def wait(look: Callable[[], T], what: str, seconds: float = 60) -> T:
    """The first true answer of `look`. Raises AssertionError after `seconds`."""
    until = time.monotonic() + seconds
    while not (answer := look()):
        assert time.monotonic() < until, f"{what} did not come within {seconds} s"
        time.sleep(0.01)
    return answer
