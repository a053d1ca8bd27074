"""The four services as processes of their own, on the databases and the brokers that a test gives them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from ops.platform import PortBook
from ops.system import SERVICES
from ops.system.services import ServiceProcess


@dataclass(frozen=True)
class Caller:
    """Somebody with a token, which is the Authorization header, and the addresses of the services."""

    http: httpx.AsyncClient
    urls: Mapping[str, str]
    token: Mapping[str, str]

    async def post(self, service: str, path: str, **body: Any) -> Any:
        """The answer to a command, sent under a key of its own. Raises AssertionError when it is refused."""
        headers = {**self.token, "Idempotency-Key": str(uuid4())}
        return _accepted(await self.http.post(self.urls[service] + path, json=body, headers=headers))

    async def get(self, service: str, path: str, **query: str) -> Any:
        """What a route shows. Raises AssertionError when it is refused."""
        return _accepted(await self.http.get(self.urls[service] + path, params=query, headers=self.token))


def _accepted(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
    return answer.json()


@asynccontextmanager
async def running_services(
    folder: Path,
    settings: Callable[[str], Awaitable[dict[str, object]]],
    token: Callable[..., dict[str, str]],
    **more: object,
) -> AsyncIterator[Callable[..., Caller]]:
    """Start the four services, each with its `settings` and `more`, and stop them at the end.

    Yields `caller(Role.OFFICER, "17.02")`: whoever has such a token.
    """
    processes = []
    for name, port in zip(SERVICES, PortBook(folder / "ports.json").settle(*SERVICES), strict=True):
        variables = {key.upper(): str(value) for key, value in {**await settings(name), **more}.items()}
        processes.append(ServiceProcess(name, folder, port, variables))
    urls = {process.name: process.url for process in processes}
    try:
        await asyncio.gather(*(asyncio.to_thread(process.start) for process in processes))
        async with httpx.AsyncClient(timeout=30) as http:
            yield lambda *who: Caller(http, urls, token(*who))
    finally:
        await asyncio.gather(*(asyncio.to_thread(process.stop) for process in processes))
