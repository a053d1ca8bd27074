"""Nobody waits for another one's receiver: shares of owners and hosts, silence asked for, names that hang."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from services.notify.adapters.resolver import RefusedAddress, UnknownHost
from services.notify.adapters.webhook_client import WebhookClient
from services.notify.store import deliveries
from shared.contract.fields import StockLevel
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.notify.desk import Desk, Receiver, fall
from tests.services.notify.receiver import listed, sent, settled, subscribed, working
from tests.support.polling import until
from tests.support.servers.nameserver import NameServer

LOW = StockLevel.LOW
SECRET = "whsec_c2VjcmV0"
Open = Callable[..., Awaitable[Desk]]


async def old_subscriptions(desk: Desk, url: str, owner: str, count: int, host: str = "localhost") -> None:
    """Subscriptions that need no proof, as there were before there was one."""
    async with desk.db.transaction() as conn:
        await conn.executemany(
            "insert into subscription (subscription_id, owner, province, url, levels, secret, subscribed_at)"
            " values ($1, $2, '17', $3, '{low}', $4, now())",
            [(new_id(), owner, url.replace("localhost", host), SECRET) for _ in range(count)],
        )


async def test_fifty_subscriptions_to_a_hanging_host_delay_no_other(
    open_with: Open, receiver: Receiver, stack: AsyncExitStack
) -> None:
    desk = await open_with(webhook_timeout=20, webhook_slots=20)
    hanging = await stack.enter_async_context(Receiver(answers=[None] * 99))
    await old_subscriptions(desk, hanging.url, "hanging", 50)
    healthy, _ = await subscribed(desk, receiver.url.replace("localhost", "127.0.0.1"))
    async with working(desk):
        await desk.takes(fall(LOW, 1))
        loop = asyncio.get_running_loop()
        started = loop.time()
        assert len(await settled(desk, healthy)) == 1
        assert loop.time() - started < 2
        assert 0 < len(hanging.posts) <= desk.settings.webhook_share


async def claimed(desk: Desk, slots: int, share: int) -> list[str]:
    """The hosts of what is claimed now."""
    async with desk.db.transaction() as conn:
        found = await deliveries.claim(conn, slots, share, timedelta(seconds=60))
        return [claim.url.split("/")[2] for claim in found]


async def test_an_owner_and_a_host_each_have_no_more_than_their_share(
    open_with: Open,
) -> None:
    desk = await open_with()
    await old_subscriptions(desk, "http://localhost/", "a", 9, "tarpit.example")
    await old_subscriptions(desk, "http://localhost/", "b", 9, "tarpit.example")
    await old_subscriptions(desk, "http://localhost/", "b", 9, "healthy.example")
    await desk.takes(fall(LOW, 1))
    first = await claimed(desk, 100, 4)
    assert (first.count("tarpit.example"), first.count("healthy.example")) == (4, 4)
    assert await claimed(desk, 100, 4) == []
    assert len(await claimed(desk, 100, 6)) == 2 + 2


async def test_what_is_due_first_is_sent_first(open_with: Open) -> None:
    desk = await open_with()
    for host in ("first.example", "second.example", "third.example"):
        await old_subscriptions(desk, "http://localhost/", host, 1, host)
    await desk.takes(fall(LOW, 1))
    async with desk.db.transaction() as conn:
        await conn.execute(
            "update delivery d set due_at = now() - case host when 'second.example' then interval '2 hours'"
            " when 'third.example' then interval '1 hour' else interval '0' end"
            " from subscription s where s.subscription_id = d.subscription_id"
        )
    assert [await claimed(desk, 1, 9) for _ in range(3)] == [
        ["second.example"],
        ["third.example"],
        ["first.example"],
    ]


async def test_a_receiver_that_asks_for_a_pause_is_left_alone(open_with: Open, receiver: Receiver) -> None:
    desk = await open_with()
    subscription_id, _ = await subscribed(desk, receiver.url)
    receiver.answers, receiver.more = [429], "Retry-After: 1\r\n"
    loop = asyncio.get_running_loop()
    async with working(desk):
        await desk.takes(fall(LOW, 1), fall(LOW, 2))

        async def refused() -> bool:
            return bool((await sent(desk, subscription_id))[0]["last_status"])

        await until(refused, what="the first answer")
        asked = loop.time()
        assert (await listed(desk, subscription_id))["resumes_at"] is not None
        found = await settled(desk, subscription_id)
    assert loop.time() - asked > 0.8
    assert [(delivery["state"], delivery["attempts"]) for delivery in found] == [("delivered", 2), ("delivered", 1)]
    assert receiver.ids == [found[0]["message_id"], *(delivery["message_id"] for delivery in found)]


async def test_a_hanging_name_server_holds_up_only_its_own_receivers(open_with: Open, receiver: Receiver) -> None:
    async with NameServer() as silent:
        desk = await open_with(webhook_nameservers=(silent.address,), webhook_resolve_timeout=2)
        await old_subscriptions(desk, "http://localhost/", "hanging", 30, "silent.example")
        healthy, _ = await subscribed(desk, receiver.url.replace("localhost", "127.0.0.1"))
        async with working(desk):
            await desk.takes(fall(LOW, 1))
            loop = asyncio.get_running_loop()
            started = loop.time()
            assert len(await settled(desk, healthy)) == 1
            assert loop.time() - started < 2
            assert silent.asked
        started = loop.time()
        refused = await desk.post("/subscriptions", province="17", url="http://silent.example/")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "url")
        assert loop.time() - started < 3


async def test_a_name_is_resolved_once_and_the_checked_address_used(open_with: Open, receiver: Receiver) -> None:
    async with NameServer(["103.10.10.10", "127.0.0.1"]) as changing:
        desk = await open_with(webhook_nameservers=(changing.address,), allow_private_webhooks=False)
        url = receiver.url.replace("localhost", "changing.example")
        answer = await desk.post("/subscriptions", Role.SUBSCRIBER, province="17", url=url)
        assert answer.status_code == 201, answer.text
        async with WebhookClient(desk.settings) as poster:
            with pytest.raises(RefusedAddress):
                await poster.post(url, SECRET, new_id(), "{}")
        assert receiver.posts == []

        desk.settings.allow_private_webhooks = True
        changing.answers, changing.asked = ["127.0.0.1", "103.10.10.10"], []
        async with WebhookClient(desk.settings) as poster:
            assert (await poster.post(url, SECRET, new_id(), "{}")).status == 204
        assert changing.asked == ["changing.example"]
        assert receiver.posts[0][0]["host"].startswith("changing.example:")


async def test_a_name_nobody_knows_is_told_as_such(open_with: Open) -> None:
    async with NameServer(["::1"]) as server:
        desk = await open_with(webhook_nameservers=(server.address,), allow_private_webhooks=False)
        refused = await desk.post("/subscriptions", Role.SUBSCRIBER, province="17", url="http://inside.example/")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "url")
        desk.settings.webhook_nameservers = ("127.0.0.1:9",)
        async with WebhookClient(desk.settings) as poster:
            with pytest.raises(UnknownHost):
                await poster.post("http://nobody.example/", SECRET, new_id(), "{}")
