"""Rows of an outbox on their way to the brokers: packed as batches, sent, and waited for.

A page may be packed while another travels; `await_acks` is when the brokers have it.
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

DEADLINE = 30.0
SPEAK = 1.0
"""Seconds after which the leader's session is spoken to while something travels."""
Future = asyncio.Future[object]
Batches = dict[tuple[str, int], list[BatchBuilder]]


def idempotent_producer(brokers: Brokers, client_id: str) -> AIOKafkaProducer:
    """The client that relays publish with: every broker in sync has what it acknowledged, once and in order."""
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
    """Rows as batches of a partition, in order; nothing is sent yet.

    Batches of our own are faster than a send() a record, and can be made while others travel.
    """
    packed: Batches = {}
    for number, row in enumerate(rows):
        if number % 250 == 0:
            await asyncio.sleep(0)  # let what travels go on
        _, topic, partition, key, sequence, folded, value = row
        headers = split_headers(folded)
        headers.append(("ce_sequence", sequence))
        batches = packed.setdefault((namespace + topic, partition), [])
        if not batches or batches[-1].append(key=key, value=value, timestamp=None, headers=headers) is None:
            batches.append(producer.create_batch())
            batches[-1].append(key=key, value=value, timestamp=None, headers=headers)
    return packed


async def send_batches(producer: AIOKafkaProducer, packed: Batches) -> list[Future]:
    """Hand batches to the producer; returns the deliveries to wait for."""
    return [
        await producer.send_batch(batch, topic, partition=partition)
        for (topic, partition), batches in packed.items()
        for batch in batches
    ]


async def send_rows(producer: AIOKafkaProducer, rows: list[asyncpg.Record], namespace: str = "") -> list[Future]:
    """Pack rows and hand them over."""
    return await send_batches(producer, await build_batches(producer, rows, namespace))


async def await_acks(conn: Session, deliveries: list[Future]) -> None:
    """Wait until the broker has all; speaks to the database meanwhile, so that the session is kept.

    Raises the first failure, or TimeoutError: then this producer is done for, and the rows are read again.
    """
    pending, waited = set(deliveries), 0.0
    while pending:
        done, pending = await asyncio.wait(pending, timeout=SPEAK)
        for delivery in done:
            delivery.result()
        if pending:
            waited += SPEAK
            if waited > DEADLINE:
                raise TimeoutError(f"{len(pending)} batches not delivered within {DEADLINE} s")
            await conn.execute("select 1")


async def close(producer: AIOKafkaProducer) -> None:
    """Close a producer for good, even one that cannot flush: left alive it would deliver stale batches later."""
    try:
        async with asyncio.timeout(5):
            await producer.stop()
    except (Exception, asyncio.CancelledError) as error:
        await producer._sender.close()
        await producer.client.close()
        if isinstance(error, asyncio.CancelledError):
            raise
