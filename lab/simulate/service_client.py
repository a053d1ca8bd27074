"""An HTTP client of the services: sends each command under its own idempotency key until it is answered."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any
from uuid import UUID, uuid5

import httpx

from shared.security.auth import Role

NAMESPACE = UUID("6f3f0a8e-2b0c-5d3e-9a41-5f8d1c7b2e90")
AT_ONCE = 8
PATIENCE = 60.0
AGAIN = frozenset({429, 502, 503, 504})

Token = Callable[[Role, str], str]
Journal = Callable[["Command", Any], None]


@dataclass(frozen=True)
class Command:
    """A write: who sends it where. `what` names it within a simulation; its Idempotency-Key follows from that."""

    what: str
    service: str
    path: str
    role: Role
    wilayah: str
    at: datetime
    body: Mapping[str, Any] = field(default_factory=dict)
    method: str = "POST"


class CommandRejected(Exception):
    """A service rejected a command: `status`, its message, and the `errors` of single fields (RFC 9457)."""

    def __init__(self, status: int, words: str, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(f"{status}: {words}")
        self.status, self.errors = status, errors


class ServiceClient:
    """At most `at_once` requests at a time to each service, over kept connections.

    `journal` is told of every command that was acknowledged, with its answer.
    """

    def __init__(
        self,
        urls: Mapping[str, str],
        token: Token,
        *,
        seed: int = 1,
        patience: float = PATIENCE,
        at_once: int = AT_ONCE,
        journal: Journal = lambda command, answer: None,
    ) -> None:
        self.seed, self.patience, self.journal = seed, patience, journal
        self.commands = 0
        self.repeated = 0
        self._token = token
        self._tokens: dict[tuple[Role, str], str] = {}
        # A client a service, and no more requests than connections: the pool looks at each of its connections,
        # and at each request that waits, whenever one is sent.
        limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        self._turns = {name: asyncio.Semaphore(at_once) for name in urls}
        self._clients = {
            name: httpx.AsyncClient(base_url=url, timeout=20, limits=limits) for name, url in urls.items()
        }

    async def __aenter__(self) -> "ServiceClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def post(self, command: Command) -> Any:
        """Send a command until it is answered. Raises CommandRejected when the answer is no."""
        key = str(uuid5(NAMESPACE, f"{self.seed}/{command.what}"))
        body = {"at": command.at.isoformat(), **command.body}
        headers = {**self._who(command.role, command.wilayah), "Idempotency-Key": key}
        answer = await self._send(command.method, command.service, command.path, headers, body, command.what)
        self.commands += 1
        self.journal(command, answer)
        return answer

    async def get(self, service: str, path: str, role: Role, wilayah: str, **query: str) -> Any:
        """Read, with the same patience."""
        return await self._send("GET", service, path, self._who(role, wilayah), None, path, query)

    def _who(self, role: Role, wilayah: str) -> dict[str, str]:
        if (role, wilayah) not in self._tokens:
            self._tokens[role, wilayah] = self._token(role, wilayah)
        return {"Authorization": f"Bearer {self._tokens[role, wilayah]}"}

    async def _send(
        self,
        method: str,
        service: str,
        path: str,
        headers: dict[str, str],
        body: Any,
        what: str,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        until, pause = time.monotonic() + self.patience, 0.1
        while True:
            try:
                async with self._turns[service]:
                    response = await self._clients[service].request(
                        method, path, json=body, params=query, headers=headers
                    )
                if response.is_success:
                    return response.json()
                if response.status_code not in AGAIN or time.monotonic() > until:
                    raise CommandRejected(response.status_code, f"{what}: {response.text[:500]}", _errors(response))
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
            self.repeated += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2)


def _errors(response: httpx.Response) -> Sequence[Mapping[str, Any]]:
    if response.headers.get("content-type", "").partition(";")[0] != "application/problem+json":
        return ()
    errors: Sequence[Mapping[str, Any]] = response.json().get("errors", ())
    return errors
