"""What the tests of several services sit down at."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from ops.system import Issuer
from tests.services.notify_desk import Desk as NotifyDesk
from tests.services.notify_desk import Receiver, open_desk
from tests.services.requests_desk import Desk, desk_on, key_file


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
