"""Sends outbox rows to the brokers in three steps: build the batches, send them, wait for the acknowledgements.

The next page can be built while one page is being sent.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.contract.envelope import split_headers
from shared.database.connection import Session
from shared.settings.kafka import Brokers

ACK_SECONDS = 30.0
"""Time limit for the acknowledgements of a page."""
KEEPALIVE_SECONDS = 1.0
"""Interval of the queries that keep the leader's database session alive while it waits for the brokers."""
Future = asyncio.Future[object]
Batches = dict[tuple[str, int], list[BatchBuilder]]
"""Record batches by topic and partition."""


def idempotent_producer(brokers: Brokers, client_id: str) -> AIOKafkaProducer:
    """A producer whose acknowledged records are on every in-sync broker, once and in order."""
    return AIOKafkaProducer(
        **brokers.client(),
        client_id=client_id,
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
        max_batch_size=1_000_000,
        request_timeout_ms=5000,
    )


async def build_batches(producer: AIOKafkaProducer, rows: Sequence[Any], namespace: str = "") -> Batches:
    """Build record batches from outbox rows, in their order. Nothing is sent yet.

    This is faster than one `send` for each record, and it can be done while other batches are being sent.
    """
    built: Batches = {}
    for number, row in enumerate(rows):
        if number % 250 == 0:
            await asyncio.sleep(0)  # let the sending tasks run
        _, topic, partition, key, sequence, stored_headers, value = row
        headers = split_headers(stored_headers)
        headers.append(("ce_sequence", sequence))
        batches = built.setdefault((namespace + topic, partition), [])
        if not batches or batches[-1].append(key=key, value=value, timestamp=None, headers=headers) is None:
            batches.append(producer.create_batch())
            batches[-1].append(key=key, value=value, timestamp=None, headers=headers)
    return built


async def send_batches(producer: AIOKafkaProducer, built: Batches) -> list[Future]:
    """Give the batches to the producer. Returns the futures of their acknowledgements."""
    return [
        await producer.send_batch(batch, topic, partition=partition)
        for (topic, partition), batches in built.items()
        for batch in batches
    ]


async def send_rows(producer: AIOKafkaProducer, rows: list[asyncpg.Record], namespace: str = "") -> list[Future]:
    """Build batches from rows and send them. Returns the futures of their acknowledgements."""
    return await send_batches(producer, await build_batches(producer, rows, namespace))


async def await_acks(conn: Session, acks: list[Future]) -> None:
    """Wait until the brokers have acknowledged all batches, and keep the database session alive meanwhile.

    Raises the first error, or TimeoutError after ACK_SECONDS. The producer must be closed then, and the rows are read
    again.
    """
    pending, waited = set(acks), 0.0
    while pending:
        done, pending = await asyncio.wait(pending, timeout=KEEPALIVE_SECONDS)
        for ack in done:
            ack.result()
        if pending:
            waited += KEEPALIVE_SECONDS
            if waited > ACK_SECONDS:
                raise TimeoutError(f"{len(pending)} batches not delivered within {ACK_SECONDS} s")
            await conn.execute("select 1")
