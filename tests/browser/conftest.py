"""One Chromium a worker, for all tests that open pages."""

from collections.abc import AsyncIterator

import pytest

from tests.browser import pages


@pytest.fixture(scope="session", autouse=True)
async def _chromium_ends() -> AsyncIterator[None]:
    yield
    await pages.close()
