"""What the tests of several services sit down at."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
import pytest

from ops.system import Issuer
from services.requests.app import build
from services.requests.settings import Settings
from shared.database.pool import Database
from shared.security.auth import Identity, Role
from shared.security.session_tokens import SessionKey
from tests.services.notify.desk import Desk as NotifyDesk
from tests.services.notify.desk import Receiver, open_desk
from tests.services.requests.desk import Desk, desk_on, key_file
from tests.support.serving import app_of

SAME_ORIGIN = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}
CLERK = Identity.of("siti", Role.OPERATOR, "17.02")


@pytest.fixture
async def desk(
    database: Callable[[str], Awaitable[str]],
    issuer: Issuer,
    tmp_path: Path,
    token: Callable[..., dict[str, str]],
) -> AsyncIterator[Desk]:
    """The requests service on a database of its own, without a broker."""
    async with desk_on(await database("requests"), issuer.jwks_file, key_file(tmp_path), token) as desk:
        yield desk


@pytest.fixture
async def open_with(
    database: Callable[[str], Awaitable[str]],
    issuer: Issuer,
    token: Callable[..., dict[str, str]],
    stack: AsyncExitStack,
) -> Callable[..., Awaitable[NotifyDesk]]:
    """`await open_with(allow_private_webhooks=False)`: a desk of notify with other settings."""

    async def opened(**changes: object) -> NotifyDesk:
        quick = {"webhook_retries": (0.05, 0.05, 0.05), "webhook_poll": 0.05, "allow_private_webhooks": True}
        return await stack.enter_async_context(
            open_desk(await database("notify"), issuer, token, **{**quick, **changes})
        )

    return opened


@pytest.fixture
async def receiver(stack: AsyncExitStack) -> Receiver:
    """A receiver of webhooks."""
    return await stack.enter_async_context(Receiver())


@pytest.fixture
async def dsn(database: Callable[[str], Awaitable[str]]) -> str:
    return await database("requests")


@pytest.fixture
async def ask(dsn: str, tmp_path: Path, issuer: Issuer) -> AsyncIterator[Callable[..., Awaitable[httpx.Response]]]:
    """Ask the requests service on the database of `dsn` as a page in somebody's session does."""
    settings = Settings(
        database_url=dsn,
        kafka_bootstrap_servers="127.0.0.1:1",
        jwks_file=issuer.jwks_file,
        person_key_file=key_file(tmp_path),
        session_key_file=issuer.session_key_file,
    )
    service = build(settings)
    db = await Database.connect(settings.database_url, size=2)
    app = app_of(service, db)
    conn = await asyncpg.connect(settings.database_url)
    await app.state.dependencies.vault.prepare(conn)
    await conn.close()
    transport = httpx.ASGITransport(app)
    key = SessionKey.load(issuer.session_key_file)
    async with httpx.AsyncClient(transport=transport, base_url="http://kantor", headers=SAME_ORIGIN) as http:

        async def asked(method: str, path: str, who: Identity | None = CLERK, **given: object) -> httpx.Response:
            http.cookies.clear()
            if who is not None:
                http.cookies.set("sesi", key.sign(who, "00", datetime.now(UTC), 240))
            return await http.request(method, path, **given)  # type: ignore[arg-type]

        yield asked
    await db.close()
