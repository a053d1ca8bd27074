"""The four services on real sockets, PostgreSQL and Kafka, in a thread of their own."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import httpx
from fastapi import FastAPI

from shared.service import Service


T = TypeVar("T")


@contextmanager
def serving(services: Mapping[str, Service], apps: Mapping[str, FastAPI]) -> Iterator[dict[str, str]]:
    """Yields the address of each service once all are ready. Each needs `port=0` in its settings."""
    servers = {name: service.server(apps[name]) for name, service in services.items()}

    async def serve() -> None:
        await asyncio.gather(*(server.serve() for server in servers.values()))

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        wait(lambda: all(server.started for server in servers.values()), "the servers")
        urls = {
            name: f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            for name, server in servers.items()
        }
        for url in urls.values():
            wait(lambda url=url: httpx.get(f"{url}/health/ready").status_code == 200, url)  # type: ignore[misc]
        yield urls
    finally:
        for server in servers.values():
            server.should_exit = True
        thread.join(30)


def wait(look: Callable[[], T], what: str, seconds: float = 60) -> T:
    """The first true answer of `look`. Raises AssertionError after `seconds`."""
    until = time.monotonic() + seconds
    while not (answer := look()):
        assert time.monotonic() < until, f"{what} did not come within {seconds} s"
        time.sleep(0.01)
    return answer
