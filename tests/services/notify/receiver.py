"""A worker of webhooks in a test's hands, and what became of subscriptions and deliveries."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from services.notify.domain.secret_cipher import SecretCipher
from services.notify.domain.webhooks import VERIFICATION
from services.notify.usecases.deliveries import deliver
from tests.services.notify.desk import Desk
from tests.support.polling import until


@asynccontextmanager
async def working(desk: Desk) -> AsyncIterator[None]:
    worker = asyncio.create_task(deliver(desk.settings, SecretCipher(desk.settings.service_key()), desk.db))
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


async def subscribed(desk: Desk, url: str, **more: Any) -> tuple[str, str]:
    """The id and the secret of a new subscription whose receiver has proven itself."""
    answer = await desk.post("/subscriptions", province="17", url=url, **more)
    assert answer.status_code == 201, answer.text
    subscription_id = answer.json()["subscription_id"]
    async with working(desk):
        await until(lambda: is_active(desk, subscription_id), what="the receiver's proof")
    return subscription_id, answer.json()["secret"]


async def is_active(desk: Desk, subscription_id: str) -> bool:
    return (await listed(desk, subscription_id))["state"] == "active"


async def listed(desk: Desk, subscription_id: str) -> dict[str, Any]:
    """A subscription, as its owner sees it."""
    items: list[dict[str, Any]] = (await desk.get("/subscriptions")).json()["items"]
    (found,) = (item for item in items if item["subscription_id"] == subscription_id)
    return found


async def sent(desk: Desk, subscription_id: str) -> list[dict[str, Any]]:
    """Deliveries of messages, the oldest first; challenges are none."""
    found: list[dict[str, Any]] = (await desk.get(f"/subscriptions/{subscription_id}/deliveries")).json()["items"]
    return [delivery for delivery in found[::-1] if delivery["type"] != VERIFICATION]


async def settled(desk: Desk, subscription_id: str) -> list[dict[str, Any]]:
    """Deliveries, once none is pending."""

    async def ended() -> list[dict[str, Any]]:
        found = await sent(desk, subscription_id)
        return found if all(d["state"] != "pending" for d in found) else []

    return await until(ended, what="all deliveries settled")
