"""What the tests of several services sit down at."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from ops.system import Issuer
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
