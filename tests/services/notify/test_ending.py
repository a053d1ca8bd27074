"""A subscription that ends while it is told: nothing stays on its way, whichever is first."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from services.notify.domain.webhooks import GivenUp
from services.notify.store import deliveries, subscriptions
from shared.contract.fields import StockLevel
from shared.contract.ids import new_id
from shared.database.pool import Database
from tests.services.notify.desk import Desk
from tests.support.polling import until

Open = Callable[..., Awaitable[Desk]]
URL = "http://localhost:9/peringatan"


async def subscribed(desk: Desk) -> UUID:
    return UUID((await desk.post("/subscriptions", province="17", url=URL)).json()["subscription_id"])


async def told(db: Database, inside: Callable[[], Awaitable[None]]) -> None:
    """A message to every subscription of the province, and something before it is committed."""
    async with db.transaction() as conn:
        await deliveries.add(conn, new_id(), "type", "{}", "17", StockLevel.LOW)
        await inside()


async def ended(db: Database, subscription_id: UUID, inside: Callable[[], Awaitable[None]]) -> None:
    async with db.transaction() as conn:
        await subscriptions.end(conn, subscription_id, "ended")
        await inside()


async def pending(db: Database) -> int:
    async with db.connection() as conn:
        return await deliveries.count_pending(conn)


async def waits_or_is_done(db: Database, task: "asyncio.Task[None]") -> None:
    """Go on once the other one has come to its end, or to a lock."""

    async def reached() -> bool:
        async with db.connection() as conn:
            locked = await conn.fetchval("select count(*) from pg_locks where not granted")
        return task.done() or locked > 0

    await until(reached, what="the other transaction")


async def nothing() -> None:
    pass


async def test_a_message_told_while_a_subscription_ends_is_dropped(open_with: Open) -> None:
    desk = await open_with()
    subscription_id = await subscribed(desk)
    ending: list[asyncio.Task[None]] = []

    async def it_ends() -> None:
        ending.append(asyncio.create_task(ended(desk.db, subscription_id, nothing)))
        await waits_or_is_done(desk.db, ending[0])

    await told(desk.db, it_ends)
    await ending[0]
    assert await pending(desk.db) == 0


async def test_an_ended_subscription_gets_nothing_told_meanwhile(open_with: Open) -> None:
    desk = await open_with()
    subscription_id = await subscribed(desk)
    telling: list[asyncio.Task[None]] = []

    async def it_is_told() -> None:
        telling.append(asyncio.create_task(told(desk.db, nothing)))
        await waits_or_is_done(desk.db, telling[0])

    await ended(desk.db, subscription_id, it_is_told)
    await telling[0]
    assert await pending(desk.db) == 0


async def test_a_message_told_while_a_challenge_ends_is_dropped(open_with: Open) -> None:
    desk = await open_with()
    await subscribed(desk)
    async with desk.db.transaction() as conn:
        (challenge,) = await deliveries.claim(conn, 9, 9, timedelta(seconds=60))
    settling: list[asyncio.Task[None]] = []

    async def give_up() -> None:
        async with desk.db.transaction() as conn:
            await deliveries.settle(conn, challenge, GivenUp(), 500, None)

    async def it_is_given_up() -> None:
        settling.append(asyncio.create_task(give_up()))
        await waits_or_is_done(desk.db, settling[0])

    await told(desk.db, it_is_given_up)
    await settling[0]
    assert await pending(desk.db) == 0
