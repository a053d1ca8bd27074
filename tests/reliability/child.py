"""A child process that relays or consumes, and kills itself at its Nth database or broker call.

usage: python -m tests.reliability.child relay|consume DSN SERVERS NAMESPACE EXPECTED N
N of 0 never kills; the number of calls made is printed at the end.
"""

import asyncio
import os
import signal
import sys
from typing import Any

import asyncpg.protocol.protocol as pg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from faststream.kafka import KafkaBroker

from shared.contract.envelope import Message
from shared.contract.events import REQUESTS, CaseAdded, RequestFiled
from shared.contract.fields import ServiceCode, Urgency
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.database.pool import Database
from shared.messaging import outbox
from shared.messaging.consumer import Consumer
from shared.messaging.relay import Relay
from shared.settings.kafka import Brokers

calls = 0


def count_and_die(owner: type, name: str, at: int) -> None:
    """Let `owner.name` count; the process dies by SIGKILL before the call that is number `at`."""
    original = getattr(owner, name)

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        global calls
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(self, *args, **kwargs)

    setattr(owner, name, counted)


async def relay(dsn: str, servers: str, namespace: str, expected: int) -> None:
    """Publish the outbox until nothing is left."""
    publishing = Relay(dsn, Brokers(servers), namespace=namespace, page=4)
    running = asyncio.create_task(publishing.run())
    while publishing.published < expected:
        await asyncio.sleep(0.001)
    publishing.stop()
    await running


def reacting_consumer() -> Consumer:
    """Notes each RequestFiled and states a fact of its own, in one transaction."""
    consumer = Consumer("requests", REQUESTS)

    @consumer.on(RequestFiled)
    async def react(conn: Connection, message: Message[RequestFiled]) -> None:
        event = message.event
        await conn.execute("insert into noted values ($1)", event.request_id)
        fact = CaseAdded(
            at=event.at,
            request_id=event.request_id,
            case_id=new_id(),
            office=event.office,
            kelurahan=event.kelurahan,
            service=ServiceCode.FIRST,
            minutes=15,
            team_size=2,
            skills=(),
            urgency=Urgency.NORMAL,
            print_on_hold=False,
        )
        await outbox.add(conn, "requests", message.context, [fact])

    return consumer


async def consume(dsn: str, servers: str, namespace: str, expected: int) -> None:
    """Take events through the real consumer until `expected` new ones are taken and their offsets committed."""
    db = await Database.connect(dsn, size=1)
    consumer = reacting_consumer()
    broker = KafkaBroker(servers, allow_auto_create_topics=False, graceful_timeout=10, apply_types=False, logger=None)
    consumer.attach(broker, db, namespace=namespace, session_timeout_ms=1000, heartbeat_interval_ms=300)
    await broker.start()
    while consumer.handled < expected:
        await asyncio.sleep(0.001)
    await broker.stop()
    await db.close()


async def main(role: str, dsn: str, servers: str, namespace: str, expected: str, die_at: str) -> None:
    """Do one role's work, dying at call number `die_at`."""
    for name in ("query", "bind_execute", "prepare"):
        count_and_die(pg.Protocol, name, int(die_at))
    count_and_die(AIOKafkaProducer, "send_batch", int(die_at))
    count_and_die(AIOKafkaConsumer, "commit", int(die_at))
    await {"relay": relay, "consume": consume}[role](dsn, servers, namespace, int(expected))
    print(calls)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
