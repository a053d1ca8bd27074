"""The state of aiokafka's clients that they do not publish: whether their background tasks run, and a forced close.

This is the only module that uses private attributes of aiokafka. There is no public way: with brokers killed under
load, and on uvloop, a write to a connection that was just closed raises an error that the client's background tasks
do not expect. The task ends, and every call that depends on it then waits without end.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

CLIENT_ERRORS = (KafkaError, OSError, RuntimeError, TimeoutError, AssertionError, LookupError)
"""Errors that a client raises while its brokers stop and start: its own, and those of its connections and tables."""

LEAVE_SECONDS = 5.0
"""Time limit for a client to stop. It needs some milliseconds if its brokers answer; otherwise waiting is useless."""


def has_failed(client: AIOKafkaConsumer) -> bool:
    """Whether one of the background tasks has ended that answers, assignments and records depend on."""
    if client._coordinator is None:  # not started yet
        return False
    required = (client._client._sync_task, client._coordinator._coordination_task, client._fetcher._fetch_task)
    return any(task is not None and task.done() for task in required)


async def brokers_reachable(client: AIOKafkaConsumer) -> bool:
    """Whether the brokers answer within 5 seconds on a new connection."""
    try:
        async with asyncio.timeout(5):
            await client._client.bootstrap()
    except CLIENT_ERRORS:
        return False
    return True


async def wait_closed(work: Coroutine[Any, Any, Any], seconds: float = 30.0) -> bool:
    """Wait at most `seconds` for a call on a client. Returns whether it ended without an error.

    It runs as a task of its own: while brokers are away a client's `stop` raises the CancelledError of its own fetch,
    which the caller would take for its own cancellation.
    """
    task = asyncio.create_task(work)
    await asyncio.wait({task}, timeout=seconds)
    task.cancel()
    return task.done() and not task.cancelled() and task.exception() is None


async def force_close(client: AIOKafkaConsumer | None, stopping: Coroutine[Any, Any, Any]) -> None:
    """Stop a consumer. If it does not stop in time, cancel its tasks and close its connections.

    Otherwise its heartbeat would keep partitions assigned that nobody consumes.
    """
    if await wait_closed(stopping, LEAVE_SECONDS) or client is None:
        return
    coordinator = client._coordinator
    tasks = {client._client._sync_task}
    if coordinator is not None:  # else the client was not started
        fetcher = client._fetcher
        tasks |= {coordinator._coordination_task, coordinator._heartbeat_task, coordinator._commit_refresh_task}
        tasks |= {fetcher._fetch_task, *fetcher._pending_tasks}
    running = [task for task in tasks if task is not None and not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running, timeout=1)
    if coordinator is not None:
        await wait_closed(coordinator._maybe_leave_group(), 1)
    client._client._sync_task = None  # it has ended, and `close` would raise its error
    await wait_closed(client._client.close(), 1)


async def close_producer(producer: AIOKafkaProducer) -> None:
    """Close a producer, even one that cannot flush: an open one would deliver outdated batches later."""
    try:
        async with asyncio.timeout(5):
            await producer.stop()
    except (Exception, asyncio.CancelledError) as error:
        await producer._sender.close()
        await producer.client.close()
        if isinstance(error, asyncio.CancelledError):
            raise
