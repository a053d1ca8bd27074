"""A platform for these tests alone: they kill and pause its servers."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.platform import Platform, PostgresServer
from ops.platform.external import DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS


@pytest.fixture(autouse=True)
def _embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATABASE_URL, raising=False)
    monkeypatch.delenv(KAFKA_BOOTSTRAP_SERVERS, raising=False)


@pytest.fixture(scope="session")
def own_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """PostgreSQL and one broker that a test may kill, if it starts them again."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv(DATABASE_URL, raising=False)
        environment.delenv(KAFKA_BOOTSTRAP_SERVERS, raising=False)
        platform = Platform(tmp_path_factory.mktemp("own-platform"), fresh=True)
    with platform:
        yield platform
    platform.clean()


@pytest.fixture(scope="session")
def three_brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Three brokers that a test may kill, if it starts them again. Its PostgreSQL is that of the run."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(DATABASE_URL, os.environ["TEST_DATABASE_URL"])
        environment.delenv(KAFKA_BOOTSTRAP_SERVERS, raising=False)
        platform = Platform(tmp_path_factory.mktemp("three-brokers"), brokers=3, fresh=True)
    with platform:
        yield platform
    platform.clean()


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL that was not started yet."""
    server = PostgresServer(tmp_path / "postgres")
    yield server
    server.wipe()
