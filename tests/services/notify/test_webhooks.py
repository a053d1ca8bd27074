"""Webhooks on a real receiver: signed, tried again with the same id, ended by 410, kept out of private networks."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest

from services.notify.adapters.resolver import RefusedAddress
from services.notify.adapters.webhook_client import WebhookClient
from services.notify.store import deliveries
from shared.contract.fields import StockLevel
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.notify.desk import Desk, Receiver, fall, recovery
from tests.services.notify.receiver import sent, settled, subscribed, working
from tests.support.polling import until

LOW, CRITICAL = StockLevel.LOW, StockLevel.CRITICAL
WORKER = """
import asyncio, sys
from services.notify.domain.secret_cipher import SecretCipher
from services.notify.settings import Settings
from services.notify.usecases.deliveries import deliver
from shared.database.pool import Database

async def main():
    settings = Settings.model_validate_json(sys.argv[1])
    cipher = SecretCipher(settings.service_key())
    await deliver(settings, cipher, await Database.connect(settings.database_url))

asyncio.run(main())
"""


async def test_a_failing_receiver_gets_one_message_until_it_takes_it(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver
) -> None:
    desk = await open_with()
    receiver.answers = [500, 302, None]
    desk.settings.webhook_timeout = 0.3
    subscription_id, secret = await subscribed(desk, receiver.url)
    async with working(desk):
        await desk.takes(fall(LOW, 1))
        (delivery,) = await settled(desk, subscription_id)
    assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == ("delivered", 4, 204)
    assert receiver.ids == [delivery["message_id"]] * 4
    said = receiver.verified(secret)
    assert said == [said[0]] * 4
    assert (said[0]["id"], said[0]["subject"]) == (delivery["message_id"], "17.02")
    headers = receiver.posts[0][0]
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["host"].startswith("localhost:")


async def test_alerts_arrive_in_order_and_acknowledged_is_not_sent(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver
) -> None:
    desk = await open_with()
    subscription_id, secret = await subscribed(desk, receiver.url)
    async with working(desk):
        await desk.takes(fall(LOW, 1))
        await desk.clock("2026-11-24T14:00:00+07:00")
        (alert,) = await desk.alerts()
        await desk.post(f"/alerts/{alert['alert_id']}/acknowledge")
        await desk.takes(recovery(2))
        assert len(await settled(desk, subscription_id)) == 3
    kinds = [said["type"] for said in receiver.verified(secret)]
    assert kinds == [f"id.jemputbola.Alert{what}.v1" for what in ("Raised", "Escalated", "Resolved")]
    assert len(set(receiver.ids)) == 3


async def test_a_subscription_gets_its_province_and_its_levels(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver
) -> None:
    desk = await open_with()
    subscription_id, _ = await subscribed(desk, receiver.url, levels=["critical"])
    await desk.takes(fall(LOW, 1), fall(CRITICAL, 2), fall(CRITICAL, 1, office="32.74"), recovery(3))
    found = await sent(desk, subscription_id)
    assert [d["type"].split(".")[2] for d in found] == ["AlertRaised", "AlertResolved"]


async def test_410_ends_the_subscription_and_drops_the_rest(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver
) -> None:
    desk = await open_with()
    receiver.answers = [410]
    subscription_id, _ = await subscribed(desk, receiver.url)
    await desk.takes(fall(LOW, 1), fall(CRITICAL, 2))
    async with working(desk):
        assert [d["state"] for d in await settled(desk, subscription_id)] == ["dropped", "dropped"]
        await desk.takes(fall(StockLevel.OUT, 3))
    assert len(receiver.posts) == 1
    assert len(await sent(desk, subscription_id)) == 2
    (subscription,) = (await desk.get("/subscriptions")).json()["items"]
    assert subscription["state"] == "gone"


async def test_a_message_that_nobody_takes_is_given_up(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver
) -> None:
    desk = await open_with()
    receiver.answers = [500] * 10
    subscription_id, _ = await subscribed(desk, receiver.url)
    await desk.takes(fall(LOW, 1))
    async with working(desk):
        (delivery,) = await settled(desk, subscription_id)
    assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == ("given_up", 4, 500)


async def test_a_receiver_that_hangs_keeps_nobody_else_waiting(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver, stack: AsyncExitStack
) -> None:
    desk = await open_with()
    hanging = await stack.enter_async_context(Receiver(answers=[None] * 9))
    slow_id, _ = await subscribed(desk, hanging.url)
    quick_id, _ = await subscribed(desk, receiver.url)
    async with working(desk):
        await desk.takes(*(fall(LOW, crossing) for crossing in range(1, 31)))
        assert len(await settled(desk, quick_id)) == 30
        assert len(hanging.posts) == 1
    assert {d["state"] for d in await sent(desk, slow_id)} == {"pending"}


async def test_a_killed_worker_is_followed_by_one_that_posts_the_same(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver
) -> None:
    desk = await open_with(webhook_lease=1, webhook_timeout=20)
    receiver.answers = [None]
    subscription_id, secret = await subscribed(desk, receiver.url)
    await desk.takes(fall(LOW, 1))
    told = desk.settings.model_dump_json()
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, told, env={**os.environ})

    async def posting_now() -> bool:
        return bool(receiver.posts)

    await until(posting_now, what="the first post")
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    desk.settings.webhook_lease = 60  # the next one may be slow
    async with working(desk):
        (delivery,) = await settled(desk, subscription_id)
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 2)
    assert receiver.ids == [delivery["message_id"]] * 2
    assert len(receiver.verified(secret)) == 2


async def test_two_workers_at_once_deliver_each_message_once(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver
) -> None:
    desk = await open_with()
    subscription_id, _ = await subscribed(desk, receiver.url)
    await desk.takes(*(fall(LOW, crossing) for crossing in range(1, 41)))
    async with working(desk), working(desk):
        found = await settled(desk, subscription_id)
    assert receiver.ids == [d["message_id"] for d in found]


async def test_a_claim_is_nobody_elses_until_its_lease_ends(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver
) -> None:
    desk = await open_with()
    await subscribed(desk, receiver.url)
    await desk.takes(fall(LOW, 1), fall(CRITICAL, 2))

    async def claimed(lease: float) -> list[int]:
        async with desk.db.transaction() as conn:
            return [c.attempt for c in await deliveries.claim(conn, 20, 20, timedelta(seconds=lease))]

    assert await claimed(0.001) == [1]

    async def again() -> list[int]:
        return await claimed(60)

    assert await until(again, what="the lease's end") == [2]
    assert await claimed(60) == []


async def test_a_new_delivery_leaves_within_a_moment(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver
) -> None:
    desk = await open_with(webhook_poll=30)
    subscription_id, _ = await subscribed(desk, receiver.url)
    async with working(desk):
        started = asyncio.get_running_loop().time()
        for crossing in range(1, 6):
            await desk.takes(fall(LOW, crossing))
            await settled(desk, subscription_id)
        assert asyncio.get_running_loop().time() - started < 5


INSIDE = (
    "http://127.0.0.1:8000/",
    "http://localhost/",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://2130706433/",
    "http://0x7f.1/",
    "ftp://dukcapil.example/",
    "https://nama:sandi@dukcapil.example/",
    "file:///etc/passwd",
    "http:///tanpa-host",
)


async def test_a_webhook_may_not_go_inside(open_with: Callable[..., Awaitable[Desk]]) -> None:
    desk = await open_with(allow_private_webhooks=False)
    for url in INSIDE:
        answer = await desk.post("/subscriptions", province="17", url=url)
        assert (url, answer.status_code, answer.json()["errors"][0]["field"]) == (url, 422, "url")


async def test_a_name_that_now_points_inside_is_refused_at_delivery(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver
) -> None:
    desk = await open_with(allow_private_webhooks=False)
    async with WebhookClient(desk.settings) as poster:
        with pytest.raises(RefusedAddress):
            await poster.post(receiver.url, "whsec_c2VjcmV0", new_id(), "{}")
    assert receiver.posts == []
    desk.settings.allow_private_webhooks = True
    async with WebhookClient(desk.settings) as poster:
        with pytest.raises(httpx.HTTPError):
            await poster.post("http://localhost:9/", "whsec_c2VjcmV0", new_id(), "{}")


async def test_a_subscription_is_its_owners_and_ends_once(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver
) -> None:
    desk = await open_with()
    key = new_id()
    body = {"key": key, "subject": "sistem-a", "province": "17", "url": receiver.url}
    answers = [await desk.post("/subscriptions", Role.SUBSCRIBER, **body) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    path = f"/subscriptions/{answers[0].json()['subscription_id']}"
    await desk.takes(fall(LOW, 1))

    stranger = desk.token(Role.SUBSCRIBER, "17", "sistem-b")
    elsewhere = desk.token(Role.PROVINCIAL, "32")
    for headers in (stranger, elsewhere):
        assert (await desk.http.get("/subscriptions", headers=headers)).json()["items"] == []
        assert (await desk.http.get(f"{path}/deliveries", headers=headers)).status_code == 404
        assert (await desk.http.delete(path, headers=headers)).status_code == 404

    owner = desk.token(Role.SUBSCRIBER, "17", "sistem-a")
    (listed,) = (await desk.http.get("/subscriptions", headers=owner)).json()["items"]
    assert "secret" not in listed
    for _ in range(2):
        assert (await desk.http.delete(path, headers=owner)).json()["state"] == "ended"
    found = (await desk.http.get(f"{path}/deliveries", headers=owner)).json()["items"]
    assert [delivery["state"] for delivery in found] == ["dropped", "dropped"]
    assert (await desk.get("/subscriptions")).json()["items"][0]["state"] == "ended"


async def test_only_provinces_of_the_own_wilayah_can_be_subscribed_to(
    open_with: Callable[..., Awaitable[Desk]], receiver: Receiver
) -> None:
    desk = await open_with()
    foreign = await desk.post("/subscriptions", province="32", url=receiver.url)
    assert (foreign.status_code, foreign.json()["errors"][0]["field"]) == (403, "wilayah")
    office = await desk.post("/subscriptions", Role.SUBSCRIBER, "17.02", province="17", url=receiver.url)
    assert office.status_code == 403
    nothing = await desk.post("/subscriptions", province="17", url=receiver.url, levels=[])
    assert nothing.status_code == 422
