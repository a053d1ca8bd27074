"""What the system is made of: keys, roles and databases, topics, and the look that says when it is quiet."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from ops.platform import PlatformError
from ops.system import SERVICES, Issuer, QuiescenceMonitor, provision
from ops.system.consumer_groups import GROUPS
from ops.system.discovery import RunningSystem, find_system, forget_system
from shared.contract.envelope import MessageContext
from shared.contract.events import AlertRaised
from shared.contract.fields import StockLevel
from shared.database.pool import Database
from shared.messaging import outbox
from shared.problems import Unauthorized
from shared.security.auth import Identity, Role
from shared.security.tokens import TokenKeys, TokenPolicy, usable_keys
from shared.settings.kafka import Brokers


def test_tokens_are_taken_and_keys_last(tmp_path: Path) -> None:
    first, second = Issuer(tmp_path), Issuer(tmp_path)
    first.ensure()
    token = first.token(Role.OFFICER, "17.02", "budi")
    second.ensure()
    keys = TokenKeys(usable_keys(second.jwks_file.read_text()), TokenPolicy())
    assert keys.identify(token) == Identity.of("budi", Role.OFFICER, "17.02")
    with pytest.raises(Unauthorized):
        keys.identify(first.token(Role.OFFICER, ttl=timedelta(minutes=-1)))
    assert all(file.stat().st_mode & 0o077 == 0 for file in tmp_path.iterdir() if file.name != "jwks.json")


async def test_each_role_enters_its_own_database_only(admin_dsn: str) -> None:
    mine, other = (f"p{uuid4().hex[:10]}" for _ in range(2))
    passwords = {mine: "a'b\"c", other: "x"}
    await provision.databases(admin_dsn, passwords)
    await provision.databases(admin_dsn, passwords)
    admin = await asyncpg.connect(admin_dsn)
    try:
        conn = await asyncpg.connect(_as(admin_dsn, mine, mine))
        await conn.execute("create table mine (id int)")
        await conn.close()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(_as(admin_dsn, mine, other))
    finally:
        for name in passwords:
            await admin.execute(f"drop database {name} with (force)")
            await admin.execute(f"drop role {name}")
        await admin.close()


def _as(dsn: str, role: str, database: str) -> str:
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}", path=f"/{database}"))


async def test_topics_may_be_made_again(bootstrap_servers: str) -> None:
    await provision.topics(Brokers(bootstrap_servers))
    await provision.topics(Brokers(bootstrap_servers))


def test_the_groups_are_those_of_the_services(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path)
    issuer.ensure()
    found = set()
    for name in SERVICES:
        given = {"database_url": "", "kafka_bootstrap_servers": "", "jwks_file": issuer.jwks_file}
        if name == "requests":
            given["person_key_file"] = issuer.person_key_file
        settings = import_module(f"services.{name}.settings").Settings(**given)
        found |= {consumer.group for consumer in import_module(f"services.{name}.app").build(settings).consumers}
    assert found == set(GROUPS)


async def test_a_fact_that_is_not_published_is_not_quiet(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str
) -> None:
    await provision.topics(Brokers(bootstrap_servers))
    dsns = {name: await database("") for name in SERVICES}
    db = await Database.connect(dsns["notify"])
    async with QuiescenceMonitor(RunningSystem(bootstrap_servers, dsns, {})) as monitor:
        await monitor.wait()
        event = AlertRaised(
            at=datetime.now(UTC), office="17.02", province="17", alert_id=uuid4(), level=StockLevel.LOW, crossing=1
        )
        async with db.transaction() as conn:
            await outbox.add(conn, "notify", MessageContext.new(), [event])
        assert (await monitor.snapshot()).unpublished["notify"] == 1
        with pytest.raises(PlatformError, match="outbox notify 1"):
            await monitor.wait(0.2)
        waiting = asyncio.create_task(monitor.wait(10))
        async with db.transaction() as conn:
            await conn.execute("update relay_mark set published = pg_current_snapshot()::text")
        await waiting
    await db.close()


def test_another_command_finds_only_a_running_system(tmp_path: Path) -> None:
    here = RunningSystem("127.0.0.1:1", {"notify": "postgresql://x"}, {"notify": "http://x"})
    here.write(tmp_path)
    assert find_system(tmp_path) == here
    forget_system(tmp_path)
    with pytest.raises(PlatformError, match="tidak berjalan"):
        find_system(tmp_path)
