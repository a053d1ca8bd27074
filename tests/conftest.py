"""The platform the tests run on, a database and topics of its own for each test, and signed tokens.

PLATFORM=embedded (the default), containers (testcontainers, where Docker and the images are there), or given
(DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS from outside). One platform serves all workers of a run.
"""

import os
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import hypothesis
import pytest

from ops.system import Issuer, provision
from shared.database.migrate import MESSAGING, migrate
from shared.security.auth import Role
from shared.settings.kafka import Brokers
from tests.support import platforms, scheduling
from tests.support.running.services import Caller, running_services

ROOT = Path(__file__).parent.parent


def pytest_configure(config: pytest.Config) -> None:
    # A run in a shell's background inherits an ignored Ctrl-C, and so would all that tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Services under test take tokens of the development issuer.
    os.environ["ENVIRONMENT"] = "development"
    # Where a test says nothing of its own; a clone's `build` is not kept.
    os.environ["ATTACHMENTS_URL"] = (ROOT / "build" / "attachments").as_uri()
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        platforms.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        platforms.stop()


def pytest_report_header() -> str:
    return f"platform: {os.environ.get('TEST_PLATFORM', 'none')}"


@pytest.fixture(scope="session")
def admin_dsn() -> str:
    """A superuser's address of the PostgreSQL server under test."""
    return os.environ["TEST_DATABASE_URL"]


@pytest.fixture(scope="session")
def bootstrap_servers() -> str:
    """Apache Kafka's address."""
    return os.environ["TEST_BOOTSTRAP_SERVERS"]


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """Signs tokens that the services under test accept."""
    made = Issuer(tmp_path_factory.mktemp("keys"))
    made.ensure()
    return made


@pytest.fixture
def token(issuer: Issuer) -> Callable[..., dict[str, str]]:
    """`token(Role.OPERATOR, "17.02")`: the Authorization header of a caller."""

    def header(role: Role, wilayah: str = "", subject: str = "penguji") -> dict[str, str]:
        return {"Authorization": f"Bearer {issuer.token(role, wilayah, subject)}"}

    return header


async def _template(admin: asyncpg.Connection, dsn: str, service: str) -> str:
    """A migrated database to copy from, made once a run by whichever worker comes first."""
    name = f"template_{service or 'messaging'}"
    await admin.execute("select pg_advisory_lock(4711)")
    try:
        if not await admin.fetchval("select 1 from pg_database where datname = $1", name):
            place = os.environ.get("TEST_TABLESPACE", "pg_default")
            await admin.execute(f"create database {name}_new tablespace {place}")
            conn = await asyncpg.connect(_with_database(dsn, f"{name}_new"))
            folders = [MESSAGING] + ([ROOT / "services" / service / "migrations"] if service else [])
            await migrate(conn, *folders)
            await conn.close()
            await admin.execute(f"alter database {name}_new rename to {name}")
    finally:
        await admin.execute("select pg_advisory_unlock(4711)")
    return name


def _with_database(dsn: str, name: str) -> str:
    return re.sub(r"/[^/]*$", f"/{name}", dsn)


@pytest.fixture
async def database(admin_dsn: str) -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """`await database("inventory")`: the address of a fresh, migrated database; "" has the shared tables only."""
    admin = await asyncpg.connect(admin_dsn)
    made = []

    async def fresh(service: str = "") -> str:
        template = await _template(admin, admin_dsn, service)
        name = f"test_{uuid4().hex[:12]}"
        await admin.execute(f"create database {name} template {template}")
        made.append(name)
        return _with_database(admin_dsn, name)

    yield fresh
    for name in made:
        await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@pytest.fixture
async def namespace(bootstrap_servers: str) -> str:
    """Topics of this test alone: their names begin with it."""
    prefix = f"t{uuid4().hex[:10]}."
    await provision.topics(Brokers(bootstrap_servers), prefix)
    return prefix


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Closes at the end of the test whatever was entered."""
    async with AsyncExitStack() as entered:
        yield entered


@pytest.fixture
def settings(
    database: Callable[[str], Awaitable[str]], namespace: str, bootstrap_servers: str, issuer: Issuer
) -> Callable[[str], Awaitable[dict[str, object]]]:
    """`Settings(**await settings("notify"))`: what a service under test is told; add its own fields."""

    async def of(service: str) -> dict[str, object]:
        return {
            "database_url": await database(service),
            "kafka_bootstrap_servers": bootstrap_servers,
            "jwks_file": issuer.jwks_file,
            "namespace": namespace,
        }

    return of


@pytest.fixture
async def caller(
    settings: Callable[[str], Awaitable[dict[str, object]]],
    token: Callable[..., dict[str, str]],
    issuer: Issuer,
    tmp_path: Path,
) -> AsyncIterator[Callable[..., Caller]]:
    """`caller(Role.OFFICER, "17.02")`: somebody who asks the four services, which run as processes of their own."""
    keys = {"person_key_file": issuer.person_key_file}
    async with running_services(tmp_path, settings, token, **keys) as caller:
        yield caller


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    scheduling.must_be_ordered(metafunc.definition)


@pytest.hookimpl(trylast=True)  # after pytest-randomly
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("long") or item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.timeout(1800))
    scheduling.in_order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return scheduling.by_group(config, log)


# A shared machine is sometimes slow; how long one example takes says nothing here.
hypothesis.settings.register_profile("shared-machine", deadline=None)
hypothesis.settings.load_profile("shared-machine")
