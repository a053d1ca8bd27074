"""What the modules share whose tests open pages: one Chromium a worker, and two running systems.

Their modules are listed in tests/support/scheduling.py.
"""

from collections.abc import AsyncIterator, Iterator

import pytest

from ops.system import System
from tests.browser.support import pages, town


@pytest.fixture(scope="package", autouse=True)
async def _chromium_ends() -> AsyncIterator[None]:
    yield
    await pages.close()


@pytest.fixture(scope="package")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system by the wall clock; a test has letters of its own, and leaves all services well."""
    with pages.running_system(tmp_path_factory.mktemp("portal")) as system:
        yield system


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system at a fixed moment; `ids` are in it."""
    with pages.running_system(tmp_path_factory.mktemp("office")) as system:
        yield system


@pytest.fixture(scope="package")
def ids(office: System) -> dict[str, str]:
    """Requests of the office at every stage, by name; a test that changes one files its own.

    Before any test files a letter: what is filed later is not late, for no tick follows.
    """
    return town.filled(office)
