"""Runs in a service's own container, with that service's own credentials: tries everything it must not be able to do.

Prints what became of each attempt: the name of the error, or "done".
"""

import asyncio
import json
import sys
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.settings import Settings
from shared.settings.kafka import Brokers

SETTINGS = Settings()
READ, WRITE, GROUPS, DATABASES = (words.split(",") for words in sys.argv[1:5])


async def write(topic: str, brokers: Brokers = SETTINGS.brokers) -> None:
    producer = AIOKafkaProducer(**brokers.client(), request_timeout_ms=5000)
    try:
        await producer.start()
        await producer.send_and_wait(topic, b"forged", partition=0)
    finally:
        await producer.stop()


async def read(topic: str) -> None:
    # In no group: the service's own would be disturbed.
    consumer = AIOKafkaConsumer(topic, **SETTINGS.brokers.client(), request_timeout_ms=5000)
    try:
        await consumer.start()
        await asyncio.wait_for(consumer.getone(), 5)
    finally:
        await consumer.stop()


async def join(topic_and_group: str) -> None:
    topic, group = topic_and_group.split("/")
    consumer = AIOKafkaConsumer(topic, group_id=group, **SETTINGS.brokers.client(), request_timeout_ms=5000)
    try:
        await consumer.start()
        await asyncio.wait_for(consumer.getone(), 5)
    finally:
        await consumer.stop()


async def enter(database: str) -> None:
    mine = urlsplit(SETTINGS.database_url)
    await (await asyncpg.connect(mine._replace(path=f"/{database}").geturl())).close()


async def without_a_name(topic: str) -> None:
    await write(topic, Brokers(SETTINGS.kafka_bootstrap_servers))


async def tried(attempt: Any, what: str) -> str:
    try:
        await attempt(what)
    except (KafkaError, asyncpg.PostgresError, TimeoutError, OSError) as error:
        return type(error).__name__
    return "done"


async def main() -> None:
    attempts = ((read, READ), (write, WRITE), (join, GROUPS), (enter, DATABASES), (without_a_name, WRITE[:1]))
    print(json.dumps({a.__name__: {what: await tried(a, what) for what in whats} for a, whats in attempts}))


asyncio.run(main())
