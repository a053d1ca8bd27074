import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook

from lab.simulate.webhook import Receiver

SECRET = "whsec_" + "c2VjcmV0LWZvci10ZXN0cy1vbmx5LTEyMzQ="


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver(secret=SECRET)
    await made.start()
    yield made
    await made.stop()


async def post(receiver: Receiver, secret: str, message_id: str = "m1", body: object = None) -> httpx.Response:
    content, now = json.dumps(body or {"type": "low"}), datetime.now(UTC)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, now, content),
    }
    async with httpx.AsyncClient() as client:
        return await client.post(receiver.url, content=content, headers=headers)


async def test_a_signed_message_counts_once_however_often_it_comes(receiver: Receiver) -> None:
    assert (await post(receiver, SECRET)).status_code == 204
    assert (await post(receiver, SECRET)).status_code == 204
    assert receiver.received == {"m1": {"type": "low"}}


async def test_a_forged_message_is_refused(receiver: Receiver) -> None:
    assert (await post(receiver, "whsec_" + "Zm9yZ2VkLWZvci10ZXN0cy1vbmx5LTEyMzQ=")).status_code == 401
    assert (receiver.received, receiver.refused) == ({}, 1)


async def test_a_challenge_is_repeated_once_the_secret_is_known(receiver: Receiver) -> None:
    body = {"type": "webhook.verification", "data": {"challenge": "abc"}}
    receiver.secret = ""
    assert (await post(receiver, SECRET, body=body)).status_code == 503
    receiver.secret = SECRET
    answer = await post(receiver, SECRET, body=body)
    assert (answer.status_code, answer.text) == (200, "abc")
    assert (receiver.received, receiver.refused) == ({}, 0)
