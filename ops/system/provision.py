"""What must exist before the services start: a role and a database each, and the topics.

Safe to repeat: what is there stays, and a password that changed is set anew.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from ops.platform import PlatformError
from shared.contract.envelope import MAX_BYTES
from shared.contract.events import DEAD_LETTERS, PARTITIONS, TOPICS, Topic
from shared.settings.kafka import Brokers

RETENTION_MS = 14 * 24 * 3600 * 1000
HEADROOM = 64 * 1024
ALREADY_EXISTS = 36
"""TOPIC_ALREADY_EXISTS in Kafka's table of error codes."""


async def databases(superuser_dsn: str, passwords: Mapping[str, str]) -> None:
    """For each service a role that may log in, and a database that only it may enter, both of its name."""
    conn = await asyncpg.connect(superuser_dsn, timeout=10)
    try:
        roles = {row["rolname"] for row in await conn.fetch("select rolname from pg_roles")}
        present = {row["datname"] for row in await conn.fetch("select datname from pg_database")}
        for name, password in passwords.items():
            # A utility statement takes no parameters: the server itself quotes both parts.
            verb = "alter" if name in roles else "create"
            statement = "select format($1 || ' role %I login password %L', $2::text, $3::text)"
            await conn.execute(await conn.fetchval(statement, verb, name, password))
            if name not in present:
                await conn.execute(f'create database "{name}" owner "{name}"')
            await conn.execute(f'revoke connect, temporary on database "{name}" from public')
    finally:
        await conn.close()


@asynccontextmanager
async def _administering(brokers: Brokers) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**brokers.client(), request_timeout_ms=10_000)
    try:
        await admin.start()
        yield admin
    except KafkaError as error:
        raise PlatformError(f"the brokers cannot be prepared: {error!r}", "see that they answer") from error
    finally:
        await admin.close()


async def topics(brokers: Brokers, namespace: str = "") -> None:
    """The topics of the contract, with as many copies as the cluster can hold (3 at the most).

    Raises PlatformError with the broker's word when one cannot be created.
    """
    async with _administering(brokers) as admin:
        copies = 3 if len((await admin.describe_cluster())["brokers"]) >= 3 else 1
        answer = await admin.create_topics([_topic(topic, namespace, copies) for topic in TOPICS], timeout_ms=10_000)
    # create_topics never raises: each topic's own code says what became of it.
    for name, code, *message in answer.topic_errors:
        if code not in (0, ALREADY_EXISTS):
            raise PlatformError(f"topic {name} cannot be created: {code} {message}", "see the broker's log")


def _topic(topic: Topic, namespace: str, copies: int) -> NewTopic:
    # Room for headers and framing beside the value; a dead letter may carry more.
    limit = (MAX_BYTES + HEADROOM) * (4 if topic is DEAD_LETTERS else 1)
    return NewTopic(
        namespace + topic.name,
        PARTITIONS,
        copies,
        topic_configs={
            "retention.ms": str(RETENTION_MS),
            "min.insync.replicas": "2" if copies == 3 else "1",
            "max.message.bytes": str(limit),
        },
    )


async def everything(superuser_dsn: str, passwords: Mapping[str, str], brokers: Brokers) -> None:
    """Databases and topics, at the same time."""
    await asyncio.gather(databases(superuser_dsn, passwords), topics(brokers))
