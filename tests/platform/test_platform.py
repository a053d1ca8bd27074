"""Servers keep their data and ports through crashes, and two runs never share a folder."""

import os
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from ops.platform import Platform, PlatformError
from ops.platform.kafka.probe import live_brokers
from ops.platform.process.ports import HOST
from tests.support.kafka import read_all

ROOT = Path(__file__).parents[2]


async def make_topic(servers: str, name: str, copies: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 1, copies)])
    finally:
        await admin.close()


async def send(servers: str, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", request_timeout_ms=5000)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


@pytest.mark.long
def test_postgres_killed_keeps_what_it_committed(own_platform: Platform) -> None:
    postgres = own_platform.postgres
    postgres.psql("create table kept (id int); insert into kept values (1)")
    before, backends = postgres.dsn(), psutil.Process(postgres.pid).children(recursive=True)
    postgres.kill()
    assert not postgres.running
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in backends)
    postgres.start()
    assert postgres.dsn() == before
    assert postgres.psql("select id from kept") == "1"
    postgres.psql("drop table kept")


@pytest.mark.long
def test_postgres_commits_to_disk_and_speaks_utf8(own_platform: Platform) -> None:
    ask = "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where name in "
    names = "('fsync', 'synchronous_commit', 'server_encoding', 'listen_addresses', 'TimeZone')"
    shown = own_platform.postgres.psql(ask + names)
    assert set(shown.split()) == {
        "fsync=on",
        "synchronous_commit=on",
        "server_encoding=UTF8",
        "listen_addresses=127.0.0.1",
        "TimeZone=UTC",
    }


@pytest.mark.long
def test_a_paused_server_does_not_answer_until_resumed(own_platform: Platform) -> None:
    broker = own_platform.kafka.brokers[0]
    for server in (own_platform.postgres, broker):
        server.pause()
        assert server.running
        assert not server.probe()
        server.resume()
        # A broker that was away for longer than its session has to join again.
        server.await_ready()


@pytest.mark.long
async def test_kafka_killed_keeps_what_it_acknowledged(own_platform: Platform) -> None:
    servers, broker = own_platform.bootstrap_servers, own_platform.kafka.brokers[0]
    await make_topic(servers, "kept", 1)
    await send(servers, "kept", b"acknowledged")
    broker.kill()
    assert live_brokers(HOST, broker.address.port) == set()
    broker.start()
    assert own_platform.bootstrap_servers == servers
    assert [record.value for record in await read_all(servers, "kept", 1)] == [b"acknowledged"]


@pytest.mark.long
async def test_three_brokers_acknowledge_without_one(three_brokers: Platform) -> None:
    servers, (first, second, _) = three_brokers.bootstrap_servers, three_brokers.kafka.brokers
    await make_topic(servers, "copied", 3)
    first.kill()
    await send(servers, "copied", b"to two")
    first.start()
    second.kill()
    try:
        assert [record.value for record in await read_all(servers, "copied", 1)] == [b"to two"]
    finally:
        second.start()


@pytest.mark.long
def test_a_second_run_in_one_folder_is_told_who_has_it(own_platform: Platform) -> None:
    code = "import sys, pathlib; from ops.platform import Platform; Platform(pathlib.Path(sys.argv[1])).start()"
    command = [sys.executable, "-c", code, str(own_platform.data)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert f"another run (pid {os.getpid()}) already uses {own_platform.data}" in second.stderr
    assert f"kill {os.getpid()}" in second.stderr
    assert own_platform.postgres.probe()


def test_servers_from_outside_are_used_and_cannot_be_killed(
    own_platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", own_platform.database_url)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", own_platform.bootstrap_servers)
    with Platform(tmp_path) as given:
        assert given.database_url == own_platform.database_url
        assert given.bootstrap_servers == own_platform.bootstrap_servers
        assert given.dsn("other").endswith("/other")
        with pytest.raises(PlatformError, match="given from outside by DATABASE_URL"):
            _ = given.postgres
        with pytest.raises(PlatformError, match="given from outside by KAFKA_BOOTSTRAP_SERVERS"):
            _ = given.kafka
    assert own_platform.postgres.running


def test_a_server_from_outside_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:9/postgres")
    with pytest.raises(PlatformError, match="unset DATABASE_URL"):
        Platform(tmp_path).start()


def test_a_full_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        free = 10_000_000

    monkeypatch.setattr("ops.platform.data_folder.shutil.disk_usage", lambda _: Full)
    with pytest.raises(PlatformError, match="GB are free"):
        Platform(tmp_path).start()


def test_java_that_does_not_run_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA", str(tmp_path / "no-java"))
    platform = Platform(tmp_path)
    with pytest.raises(PlatformError, match="unset JAVA"):
        platform.start()
    assert not platform._postgres.running
    platform.clean()
