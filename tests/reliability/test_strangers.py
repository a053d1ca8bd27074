"""A client that is not ours (librdkafka, which kcat is made of) reads what the relay published."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Awaitable, Callable

import pytest
from confluent_kafka import Consumer

from shared.contract.envelope import MessageContext
from shared.contract.events import RequestCancelled
from shared.contract.fields import ClosingReason
from shared.contract.ids import new_id
from shared.database.pool import Database
from shared.messaging import outbox
from shared.messaging.relay import Relay
from shared.settings.kafka import Brokers
from shared.system_clock import utc_now
from tests.support.kafka import read_all


async def published(database: Callable[[str], Awaitable[str]], servers: str, namespace: str) -> RequestCancelled:
    """One event, written to an outbox and brought to Kafka by the relay."""
    dsn = await database("")
    db = await Database.connect(dsn)
    event = RequestCancelled(at=utc_now(), request_id=new_id(), reason=ClosingReason.DUPLICATE)
    async with db.transaction() as conn:
        await outbox.add(conn, "requests", MessageContext.new(), [event])
    relay = Relay(dsn, Brokers(servers), namespace=namespace)
    running = asyncio.create_task(relay.run())
    await read_all(servers, namespace + "requests", 1)
    relay.stop()
    await running
    await db.close()
    return event


async def test_librdkafka_sees_a_cloudevent(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    event = await published(database, bootstrap_servers, namespace)
    reader = Consumer(
        {"bootstrap.servers": bootstrap_servers, "group.id": namespace, "auto.offset.reset": "earliest"}
    )
    reader.subscribe([namespace + "requests"])
    record = await asyncio.to_thread(reader.poll, 30)
    reader.close()
    headers = dict(record.headers())
    assert record.key().decode() == headers["ce_subject"].decode() == str(event.request_id)
    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_type"] == b"id.jemputbola.RequestCancelled.v1"
    assert headers["ce_source"] == b"/requests"
    assert headers["content-type"] == b"application/json"
    assert json.loads(record.value())["reason"] == "duplicate"


@pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed (Debian: apt-get install kcat)")
async def test_kcat_sees_a_cloudevent(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    event = await published(database, bootstrap_servers, namespace)
    shown = await asyncio.to_thread(
        subprocess.run,
        ["kcat", "-b", bootstrap_servers, "-t", namespace + "requests", "-C", "-e", "-q", "-f", "%k %h"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert str(event.request_id) in shown.stdout
    assert "ce_type=id.jemputbola.RequestCancelled.v1" in shown.stdout
