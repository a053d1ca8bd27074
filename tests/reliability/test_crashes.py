"""A real child process is killed (SIGKILL) at each of its database and broker calls in turn.

Every run adds new work; whatever the killed children left undone, the next ones finish. At the end each fact
was published at least once, in order, and took effect exactly once.
"""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest

from shared.contract.envelope import MessageContext
from shared.contract.events import RequestFiled
from shared.contract.fields import RequestKind
from shared.contract.ids import new_id
from shared.database.pool import Database
from shared.messaging import outbox
from shared.messaging.relay_status import backlog
from shared.system_clock import utc_now
from tests.support.kafka import read_all, send_raw
from tests.support.records import record

PER_RUN = 6


def filed(request_id: UUID) -> RequestFiled:
    return RequestFiled(
        at=utc_now(), request_id=request_id, office="17.02", kelurahan="17.02.06.1004", kind=RequestKind.DRIVE
    )


async def run_child(*arguments: object) -> int:
    """Its exit code: 0, or -9 when it killed itself. Anything else is an error of the child."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.reliability.child", *map(str, arguments)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        _, errors = await child.communicate()
    assert child.returncode in (0, -signal.SIGKILL), errors.decode()[-3000:]
    return int(child.returncode)


@pytest.mark.long
async def test_a_relay_killed_at_any_call_loses_nothing_in_order(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    dsn = await database("")
    db = await Database.connect(dsn)
    keys = [new_id() for _ in range(3)]
    written = 0
    for die_at in range(1, 200):
        async with db.transaction() as conn:
            await outbox.add(conn, "requests", MessageContext.new(), [filed(keys[n % 3]) for n in range(PER_RUN)])
        written += PER_RUN
        async with db.connection() as conn:
            left = (await backlog(conn)).unsent
        if await run_child("relay", dsn, bootstrap_servers, namespace, left, die_at) == 0:
            break
    assert 8 < die_at < 199, "the child made no calls, or never came to an end"
    async with db.connection() as conn:
        assert (await backlog(conn)).unsent == 0
    await db.close()
    records = await read_all(bootstrap_servers, namespace + "requests", written)
    first: dict[bytes, list[int]] = {}
    for each in records:
        numbers, number = first.setdefault(each.key, []), int(dict(each.headers)["ce_sequence"])
        if number not in numbers:
            numbers.append(number)
    assert all(numbers == list(range(1, written // 3 + 1)) for numbers in first.values())
    print(f"\nrelay: killed at {die_at - 1} calls, {written} written, {len(records) - written} sent again")


@pytest.mark.long
async def test_a_consumer_killed_at_every_call_takes_each_event_once(
    database: Callable[[str], Awaitable[str]], bootstrap_servers: str, namespace: str
) -> None:
    dsn = await database("")
    conn = await asyncpg.connect(dsn)
    await conn.execute("create table noted (request_id uuid)")
    sent = 0
    for die_at in range(1, 200):
        # Always one batch of work: more would only take longer to come to the next call.
        missing = PER_RUN - (sent - await conn.fetchval("select count(*) from noted"))
        records = [record(filed(new_id())) for _ in range(missing)]
        await send_raw(
            bootstrap_servers,
            namespace + "requests",
            [{"value": r.value, "key": r.key, "headers": r.headers, "partition": 0} for r in records],
        )
        sent += missing
        left = sent - await conn.fetchval("select count(*) from noted")
        if await run_child("consume", dsn, bootstrap_servers, namespace, left, die_at) == 0:
            break
    assert 8 < die_at < 199, "the child made no calls, or never came to an end"
    assert await conn.fetchval("select count(*) from noted") == sent
    assert await conn.fetchval("select count(distinct request_id) from noted") == sent
    assert await conn.fetchval("select count(*) from outbox") == sent
    assert await conn.fetchval("select count(*) from dead_letter") == 0
    await conn.close()
    print(f"\nconsumer: killed at {die_at - 1} calls, {sent} events, each in effect once")
