"""Alive means that a restart would not help; ready means that nothing is missing. On a real broker and database."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.observability.conftest import Seen, filed, locked_out
from tests.support.polling import until
from tests.support.serving import app_of

Start = Callable[..., Awaitable[Seen]]


def answers(client: httpx.AsyncClient, path: str, status: int) -> Callable[[], Awaitable[dict[str, str] | None]]:
    async def look() -> dict[str, str] | None:
        answer = await client.get(path)
        return answer.json() if answer.status_code == status else None

    return look


async def test_a_consumer_that_hangs_in_its_batch_is_not_alive(started: Start) -> None:
    """The brokers answer, the database answers, there is lag, and it does not poll: nothing but a restart helps."""
    go_on = asyncio.Event()
    seen = await started(go_on.wait, check_every=0.1, stalled_after=1)
    await seen.send(filed())
    said = await until(answers(seen.client, "/health/live", 503), what="not alive")
    assert said["status"] == "stuck"
    assert said["dispatch.requests"].startswith("stands still for")
    go_on.set()
    await until(answers(seen.client, "/health/live", 200), what="alive again")
    assert await seen.noted() == 1


@pytest.mark.long
async def test_a_client_that_fetches_nothing_is_dead_until_restarted(started: Start) -> None:
    """Paused by hand: nothing fails, only the offsets tell. Three looks later the client is started anew."""
    seen = await started(check_every=1.0, stalled_after=0.3)
    (member,) = seen.consumer.members
    client = member.consumer
    client.pause(*client.assignment())
    await seen.send(filed())
    await until(answers(seen.client, "/health/live", 503), what="not alive")
    assert await seen.noted() == 0

    async def taken() -> bool:
        return await seen.noted() == 1

    await until(taken, what="taken by a new client")
    assert member.consumer is not client
    await until(answers(seen.client, "/health/live", 200), what="alive again")


async def test_without_its_database_a_service_is_alive_and_says_so(started: Start, admin_dsn: str) -> None:
    seen = await started(check_every=0.1, stalled_after=0.5)
    async with locked_out(admin_dsn, seen.conn):
        await seen.send(filed())
        said = await until(answers(seen.client, "/health/ready", 503), what="not ready")
        assert "waiting" in said["database"]
        assert said["broker"] == "ok"

        async def failed_often() -> bool:
            return seen.consumer.failures >= 3  # 0.4, 0.8 and 1.6 s: longer than a stuck one would be left

        looks = asyncio.create_task(until(failed_often, what="three failed batches"))
        while not looks.done():
            assert (await seen.client.get("/health/live")).status_code == 200
            await asyncio.wait({looks}, timeout=0.1)
        await looks
        told = await seen.metrics()
        assert 'service_ready{dependency="database"} 0.0' in told
        assert 'service_ready{dependency="broker"} 1.0' in told
        assert 'consumer_waiting_partitions{group="dispatch.requests"} 1.0' in told
        assert "outbox_unsent_events" not in told
    await until(answers(seen.client, "/health/ready", 200), what="ready again")


@pytest.mark.long
async def test_without_its_broker_a_service_is_alive_and_says_so(
    settings: Callable[[str], Awaitable[dict[str, object]]],
) -> None:
    from services.notify.app import build
    from services.notify.settings import Settings

    service = build(Settings(**{**await settings("notify"), "kafka_bootstrap_servers": "127.0.0.1:1"}))
    app = app_of(service)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client,
    ):

        async def only_the_broker_is_missing() -> bool:
            return (await client.get("/health/ready")).json() == {"database": "ok", "broker": "waiting"}

        await until(only_the_broker_is_missing, what="the database found")
        assert (await client.get("/health/ready")).status_code == 503
        assert (await client.get("/health/live")).status_code == 200
        told = (await client.get("/metrics")).text
        assert 'service_ready{dependency="broker"} 0.0' in told
