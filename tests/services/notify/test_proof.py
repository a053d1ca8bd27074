"""A receiver proves itself before its first message: what it must answer, what is kept, what its owner sees."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.notify.domain.webhooks import VERIFICATION
from shared.contract.fields import StockLevel
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.notify.desk import Desk, Receiver, fall
from tests.services.notify.receiver import is_active, listed, sent, settled, subscribed, working
from tests.support.polling import until

LOW, CRITICAL = StockLevel.LOW, StockLevel.CRITICAL
Open = Callable[..., Awaitable[Desk]]


async def asked_for(desk: Desk, receiver: Receiver) -> str:
    """A new subscription's id; nobody works yet."""
    answer = await desk.post("/subscriptions", province="17", url=receiver.url)
    return str(answer.json()["subscription_id"])


async def challenge_of(desk: Desk, subscription_id: str, state: str) -> dict[str, Any]:
    """The subscription, once its challenge is in this state."""

    async def found() -> dict[str, Any] | None:
        item = await listed(desk, subscription_id)
        return item if item["challenge_state"] == state else None

    return await until(found, what=f"a challenge {state}")


async def test_nothing_but_a_signed_challenge_is_posted_before_proof(open_with: Open, receiver: Receiver) -> None:
    desk = await open_with()
    answer = await desk.post("/subscriptions", province="17", url=receiver.url)
    subscription_id, secret = answer.json()["subscription_id"], answer.json()["secret"]
    assert (await listed(desk, subscription_id))["state"] == "unverified"
    await desk.takes(fall(LOW, 1))
    posts_at_proof: list[int] = []
    receiver.proof = lambda challenge, _: (posts_at_proof.append(len(receiver.posts)), (200, challenge.encode()))[1]
    async with working(desk):
        (delivery,) = await settled(desk, subscription_id)
    assert (posts_at_proof, delivery["state"]) == ([0], "delivered")
    (told,) = receiver.verified(secret, receiver.challenges)
    assert (told["type"], told["subject"]) == (VERIFICATION, subscription_id)
    assert len(told["data"]["challenge"]) == 32
    assert len(receiver.verified(secret)) == 1
    assert (await listed(desk, subscription_id))["verified_at"] is not None


@pytest.mark.parametrize(
    ("status", "said", "error"),
    [
        (204, b"", "ChallengeNotEchoed"),
        (200, b"hello", "ChallengeNotEchoed"),
        (200, None, "ChallengeNotEchoed"),  # the whole request, mirrored
        (404, b"", None),
        (500, b"the challenge", None),
    ],
)
async def test_a_receiver_that_fails_its_challenge_gets_no_message(
    open_with: Open, receiver: Receiver, status: int, said: bytes | None, error: str | None
) -> None:
    desk = await open_with()
    receiver.proof = lambda _, body: (status, body if said is None else said)
    subscription_id = await asked_for(desk, receiver)
    await desk.takes(fall(LOW, 1))
    async with working(desk):
        item = await challenge_of(desk, subscription_id, "given_up")
        await desk.takes(fall(CRITICAL, 2))
    assert (item["state"], item["challenge_attempts"]) == ("unverified", 4)
    assert (item["challenge_status"], item["challenge_error"]) == (status, error)
    assert receiver.posts == []
    assert [delivery["state"] for delivery in await sent(desk, subscription_id)] == ["dropped"]


async def test_the_owner_asks_again_once_the_receiver_is_mended(open_with: Open, receiver: Receiver) -> None:
    desk = await open_with()
    proof, receiver.proof = receiver.proof, lambda *_: (500, b"")
    subscription_id = await asked_for(desk, receiver)
    async with working(desk):
        await challenge_of(desk, subscription_id, "given_up")
        receiver.proof = proof
        key = new_id()
        for _ in range(2):
            answer = await desk.post(f"/subscriptions/{subscription_id}/verify", key=key)
            assert (answer.status_code, answer.json()) == (200, {"subscription_id": subscription_id})
        await until(lambda: is_active(desk, subscription_id), what="the proof")
        await desk.takes(fall(LOW, 1))
        assert len(await settled(desk, subscription_id)) == 1
    told = [json.loads(body)["data"]["challenge"] for _, body in receiver.challenges]
    assert (len(told), len(set(told))) == (5, 2)


async def test_a_proven_receiver_that_fails_a_later_challenge_goes_on(open_with: Open, receiver: Receiver) -> None:
    desk = await open_with()
    subscription_id, _ = await subscribed(desk, receiver.url)
    receiver.proof = lambda *_: (200, b"")
    await desk.post(f"/subscriptions/{subscription_id}/verify")
    async with working(desk):
        item = await challenge_of(desk, subscription_id, "given_up")
        assert (item["state"], item["challenge_error"]) == ("active", "ChallengeNotEchoed")
        await desk.takes(fall(LOW, 1))
        assert [delivery["state"] for delivery in await settled(desk, subscription_id)] == ["delivered"]


async def test_a_receiver_that_answers_410_to_a_challenge_is_gone(open_with: Open, receiver: Receiver) -> None:
    desk = await open_with()
    receiver.proof = lambda *_: (410, b"")
    subscription_id = await asked_for(desk, receiver)
    async with working(desk):
        assert (await challenge_of(desk, subscription_id, "dropped"))["state"] == "gone"
    again = await desk.post(f"/subscriptions/{subscription_id}/verify")
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "subscription_id")


async def test_a_subscription_of_before_goes_on_without_proof(open_with: Open, receiver: Receiver) -> None:
    desk = await open_with()
    subscription_id = str(new_id())
    async with desk.db.transaction() as conn:
        await conn.execute(  # as version 0.1.0 does
            "insert into subscription (subscription_id, owner, province, url, levels, secret, subscribed_at)"
            " values ($1, 'penguji', '17', $2, '{low}', 'whsec_c2VjcmV0', now())",
            *(subscription_id, receiver.url),
        )
    assert (await listed(desk, subscription_id))["state"] == "active"
    await desk.takes(fall(LOW, 1))
    async with working(desk):
        assert [delivery["state"] for delivery in await settled(desk, subscription_id)] == ["delivered"]
    assert receiver.challenges == []


async def test_only_who_sees_a_subscription_asks_for_its_proof(open_with: Open, receiver: Receiver) -> None:
    desk = await open_with()
    answer = await desk.post("/subscriptions", Role.SUBSCRIBER, province="17", url=receiver.url, subject="sistem-a")
    path = f"/subscriptions/{answer.json()['subscription_id']}/verify"
    assert (await desk.post(path, Role.SUBSCRIBER, subject="sistem-b")).status_code == 404
    assert (await desk.post(path, wilayah="32")).status_code == 404
    assert (await desk.post(path, Role.SUBSCRIBER, subject="sistem-a")).status_code == 200


async def test_subscriptions_are_limited_for_each_owner_and_host(open_with: Open, receiver: Receiver) -> None:
    desk = await open_with(subscriptions_per_owner=4, subscriptions_per_host=2)

    async def subscribe(host: str, subject: str = "penguji") -> tuple[int, str]:
        url = receiver.url.replace("localhost", host)
        answer = await desk.post("/subscriptions", Role.SUBSCRIBER, province="17", url=url, subject=subject)
        return answer.status_code, answer.json().get("subscription_id", "")

    at_once = await asyncio.gather(*(subscribe("localhost") for _ in range(6)))
    assert sorted(status for status, _ in at_once) == [201, 201, 409, 409, 409, 409]
    assert [(await subscribe(host))[0] for host in ("127.0.0.1", "127.0.0.2", "127.0.0.3")] == [201, 201, 409]
    assert (await subscribe("localhost", "other"))[0] == 201
    ended = next(subscription_id for status, subscription_id in at_once if status == 201)
    headers = desk.token(Role.SUBSCRIBER, "17", "penguji")
    assert (await desk.http.delete(f"/subscriptions/{ended}", headers=headers)).status_code == 200
    assert (await subscribe("localhost"))[0] == 201
