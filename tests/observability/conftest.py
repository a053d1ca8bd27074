"""A service with one consumer, to be looked into."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest
from fastapi import APIRouter

from shared.contract.envelope import Message
from shared.contract.events import REQUESTS, RequestCancelled, RequestFiled
from shared.contract.fields import ClosingReason, RequestKind
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.messaging.consumer import Consumer, NonRetryableError
from shared.service import Service
from shared.settings import Settings
from shared.system_clock import utc_now
from tests.support.kafka import send_raw
from tests.support.records import record
from tests.support.serving import serve


@dataclass
class Seen:
    """A running service that notes RequestFiled and refuses RequestCancelled, and what to look at it with."""

    service: Service
    client: httpx.AsyncClient
    conn: asyncpg.Connection
    servers: str
    namespace: str

    @property
    def consumer(self) -> Consumer:
        return self.service.consumers[0]

    async def send(self, *events: RequestFiled | RequestCancelled) -> None:
        made = [record(event) for event in events]
        sent = [{"value": m.value, "key": m.key, "headers": m.headers, "partition": m.partition} for m in made]
        await send_raw(self.servers, self.namespace + "requests", sent)

    async def noted(self) -> int:
        return int(await self.conn.fetchval("select count(*) from noted"))

    async def metrics(self) -> str:
        answer = await self.client.get("/metrics")
        assert answer.status_code == 200
        return answer.text


def filed() -> RequestFiled:
    return RequestFiled(
        at=utc_now(), request_id=new_id(), office="17.02", kelurahan="17.02.06.1004", kind=RequestKind.DRIVE
    )


def cancelled() -> RequestCancelled:
    return RequestCancelled(at=utc_now(), request_id=new_id(), reason=ClosingReason.DUPLICATE)


@pytest.fixture
async def started(
    settings: Callable[[str], Awaitable[dict[str, object]]],
    tmp_path: Path,
    stack: AsyncExitStack,
    bootstrap_servers: str,
) -> Callable[..., Awaitable[Seen]]:
    """`await started(note, check_every=0.2)`: `note` is called for each RequestFiled before it is written down."""

    async def start(note: Callable[[], Awaitable[None]] | None = None, **about: float) -> Seen:
        given = await settings("")
        conn = await asyncpg.connect(given["database_url"])
        stack.push_async_callback(conn.close)
        await conn.execute("create table noted (request_id uuid)")
        consumer = Consumer("dispatch", REQUESTS)

        @consumer.on(RequestFiled)
        async def write_down(conn: Connection, message: Message[RequestFiled]) -> None:
            if note is not None:
                await note()
            await conn.execute("insert into noted values ($1)", message.event.request_id)

        @consumer.on(RequestCancelled)
        async def refuse(conn: Connection, message: Message[RequestCancelled]) -> None:
            raise NonRetryableError("nothing to cancel")

        async def no_tick(conn: Connection, at: object) -> None: ...

        empty = tmp_path / "migrations"
        empty.mkdir()
        service = Service("dispatch", Settings(**given), empty, [APIRouter()], [consumer], no_tick, **about)
        client = await stack.enter_async_context(serve(service))
        return Seen(service, client, conn, bootstrap_servers, str(given["namespace"]))

    return start


@asynccontextmanager
async def locked_out(admin_dsn: str, conn: asyncpg.Connection) -> AsyncIterator[None]:
    """Nobody may connect to the database of `conn`, and whoever was connected no longer is."""
    name = await conn.fetchval("select current_database()")
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute(f"alter database {name} allow_connections false")
    await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
    try:
        yield
    finally:
        await admin.execute(f"alter database {name} allow_connections true")
        await admin.close()
