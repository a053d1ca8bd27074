"""The scheduler: tells every service what time it is, each minute. Several of them do no harm."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import uuid5

import httpx

from ops.simulate.line import NAMESPACE
from shared.wall import utc_now

EVERY = 60.0


async def run(urls: Mapping[str, str], token: Callable[[], str], told: Callable[[str], None]) -> None:
    """Send ticks until cancelled. A service that is away is told again with the next tick, which says more."""
    async with httpx.AsyncClient(timeout=20) as client:
        while True:
            at = utc_now().replace(second=0, microsecond=0)
            for name, outcome in zip(urls, await _tick(client, urls, token(), at), strict=True):
                if outcome:
                    told(f"{name}: {outcome}")
            await asyncio.sleep(EVERY - utc_now().timestamp() % EVERY)


async def _tick(client: httpx.AsyncClient, urls: Mapping[str, str], token: str, at: datetime) -> list[str]:
    async def one(name: str, url: str) -> str:
        # The key follows from the minute: schedulers side by side send the same command.
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": str(uuid5(NAMESPACE, f"tick/{name}/{at.isoformat()}")),
        }
        try:
            response = await client.post(f"{url}/clock", json={"at": at.isoformat()}, headers=headers)
        except httpx.TransportError as error:
            return type(error).__name__
        return "" if response.is_success else f"{response.status_code} {response.text[:200]}"

    return list(await asyncio.gather(*(one(name, url) for name, url in urls.items())))
