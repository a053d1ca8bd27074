"""Notify without a broker: its routes and its consumer on a real database, and a receiver of webhooks."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from faststream.kafka import KafkaBroker
from standardwebhooks import Webhook

from lab.simulate.webhook import challenge_in
from ops.system import Issuer
from services.notify.app import build
from services.notify.settings import Settings
from shared.contract.events import Event, StockCritical, StockLow, StockOut, StockRecovered
from shared.contract.fields import StockLevel
from shared.contract.ids import new_id
from shared.database.pool import Database
from shared.security.auth import Role
from shared.service import Service
from tests.support.records import attributes, record
from tests.support.serving import app_of

MORNING = "2026-11-24T10:00:00+07:00"
_FALLS = {StockLevel.LOW: StockLow, StockLevel.CRITICAL: StockCritical, StockLevel.OUT: StockOut}


def fall(level: StockLevel, crossing: int, *, office: str = "17.02", at: str = MORNING) -> Event:
    """An office fell to a level."""
    on_hand = 0 if level is StockLevel.OUT else 99
    return _FALLS[level](
        at=at, office=office, province=office[:2], crossing=crossing, on_hand=on_hand, cover=on_hand / 33, usage=33.0
    )


def recovery(crossing: int, *, office: str = "17.02", at: str = "2026-11-26T10:00:00+07:00") -> StockRecovered:
    """An office recovered."""
    return StockRecovered(
        at=at, office=office, province=office[:2], crossing=crossing, on_hand=990, cover=30.0, usage=33.0
    )


def _name(headers: str) -> str:
    """The event's class name, of the headers of an outbox row."""
    return str(attributes(headers)["ce_type"].split(".")[2])


@dataclass
class Desk:
    """What a test of notify holds in its hands."""

    service: Service
    settings: Settings
    db: Database
    http: httpx.AsyncClient
    token: Callable[..., dict[str, str]]

    async def takes(self, *events: Event, event_id: UUID | None = None) -> None:
        """The consumer takes these events as one batch."""
        (stock,) = self.service.consumers
        stock.attach(KafkaBroker(), self.db)
        await stock.process([record(event, event_id=event_id) for event in events])

    async def get(self, path: str, role: Role = Role.PROVINCIAL, wilayah: str = "17", **query: str) -> httpx.Response:
        return await self.http.get(path, params=query, headers=self.token(role, wilayah))

    async def post(
        self,
        path: str,
        role: Role = Role.PROVINCIAL,
        wilayah: str = "17",
        *,
        key: UUID | None = None,
        subject: str = "penguji",
        **body: Any,
    ) -> httpx.Response:
        headers = {**self.token(role, wilayah, subject), "Idempotency-Key": str(key or new_id())}
        return await self.http.post(path, json={"at": MORNING, **body}, headers=headers)

    async def clock(self, at: str) -> None:
        """A tick of business time."""
        answer = await self.post("/clock", Role.OPS, "", at=at, force=True)
        assert answer.status_code == 200, answer.text

    async def alerts(self, **query: str) -> list[dict[str, Any]]:
        """The province's alerts, the oldest first."""
        items: list[dict[str, Any]] = (await self.get("/alerts", **query)).json()["items"]
        return items[::-1]

    async def stated(self) -> list[tuple[str, dict[str, Any]]]:
        """Every event in the outbox, by name, in order."""
        async with self.db.connection() as conn:
            rows = await conn.fetch("select headers, value from outbox order by id")
        return [(_name(row["headers"]), json.loads(row["value"])) for row in rows]


@dataclass
class Receiver:
    """A receiver of webhooks on a free port. `answers` are the statuses to give to messages, then 204; None is
    silence. A challenge is no message: it is repeated, or answered as `proof` has it."""

    answers: list[int | None] = field(default_factory=list)
    proof: Callable[[str, bytes], tuple[int | None, bytes]] = lambda challenge, _: (200, challenge.encode())
    more: str = ""
    """Headers of every answer to a message, each with its line's end."""
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    challenges: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    server: asyncio.Server | None = None

    async def __aenter__(self) -> "Receiver":
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.server is not None
        self.server.close()

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://localhost:{self.server.sockets[0].getsockname()[1]}/peringatan?dari=dukcapil"

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.posts]

    def verified(self, secret: str, posts: Sequence[tuple[dict[str, str], bytes]] | None = None) -> list[Any]:
        """What every message says, or each of `posts`; raises when a signature is not good."""
        return [Webhook(secret).verify(body, headers) for headers, body in (self.posts if posts is None else posts)]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        body = await reader.readexactly(int(headers["content-length"]))
        challenge = challenge_in(body)
        (self.posts if challenge is None else self.challenges).append((headers, body))
        if challenge is not None:
            status, said = self.proof(challenge, body)
        else:
            status, said = self.answers.pop(0) if self.answers else 204, b""
        if status is None:
            await reader.read()  # until the caller gives up
        else:
            place = f"Location: {self.url}\r\n" if 300 <= status < 400 else ""
            head_of_answer = f"HTTP/1.1 {status} -\r\n{self.more}{place}Content-Length: {len(said)}\r\n\r\n"
            writer.write(head_of_answer.encode() + said)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def open_desk(
    database_url: str, issuer: Issuer, token: Callable[..., dict[str, str]], **changes: object
) -> AsyncIterator[Desk]:
    """A desk on a fresh database."""
    given = {"database_url": database_url, "jwks_file": issuer.jwks_file, "kafka_bootstrap_servers": "localhost:1"}
    settings = Settings.model_validate({**given, **changes})
    service = build(settings)
    db = await Database.connect(settings.database_url)
    transport = httpx.ASGITransport(app_of(service, db))
    async with httpx.AsyncClient(transport=transport, base_url="http://notify") as http:
        yield Desk(service, settings, db, http, token)
    await db.close()
