"""What aiokafka's consumer does not say of itself: whether its own tasks go on, and how it is let go when they hang.

It reaches into the client's private parts, which is why it is all in this one place. What is looked for was seen with
brokers killed under load: on uvloop a write to a connection closed at the wrong moment raises what the client's tasks
do not expect, and the one in which that happens ends; whatever waits for it then waits without end.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

CLIENT_ERRORS = (KafkaError, OSError, RuntimeError, TimeoutError, AssertionError, LookupError)
"""What a client raises when its brokers come and go: its own errors, and those of its connections and tables."""

LEAVE_SECONDS = 5.0
"""That a client may take to stop. It needs as many milliseconds while its brokers answer, and no time helps else."""


def has_failed(client: AIOKafkaConsumer) -> bool:
    """Whether a task has ended without which no answer, no assignment or no record ever comes."""
    if client._coordinator is None:  # not started yet
        return False
    needed = (client._client._sync_task, client._coordinator._coordination_task, client._fetcher._fetch_task)
    return any(task is not None and task.done() for task in needed)


def is_assigned(client: AIOKafkaConsumer) -> bool:
    """Whether it has its share of the group's partitions, which may be none; not while the group shares anew."""
    return not client._subscription.reassignment_in_progress


async def brokers_reachable(client: AIOKafkaConsumer) -> bool:
    """Whether the brokers answer on a connection of its own."""
    try:
        async with asyncio.timeout(5):
            await client._client.bootstrap()
    except CLIENT_ERRORS:
        return False
    return True


async def wait_closed(work: Coroutine[Any, Any, Any], seconds: float = 30.0) -> bool:
    """Wait for work on a client, for so long at the most; whether it ended well.

    While brokers are away the client's own cancelled fetch comes out of its stop, and would be taken for a
    cancellation of whoever awaits it.
    """
    task = asyncio.create_task(work)
    await asyncio.wait({task}, timeout=seconds)
    task.cancel()
    return task.done() and not task.cancelled() and task.exception() is None


async def force_close(client: AIOKafkaConsumer | None, stopping: Coroutine[Any, Any, Any]) -> None:
    """Stop a client; one that does not is cut off, or its heartbeat would go on holding partitions nobody reads."""
    if await wait_closed(stopping, LEAVE_SECONDS) or client is None:
        return
    coordinator = client._coordinator
    tasks = {client._client._sync_task}
    if coordinator is not None:  # else it was not started
        fetcher = client._fetcher
        tasks |= {coordinator._coordination_task, coordinator._heartbeat_task, coordinator._commit_refresh_task}
        tasks |= {fetcher._fetch_task, *fetcher._pending_tasks}
    going = [task for task in tasks if task is not None and not task.done()]
    for task in going:
        task.cancel()
    if going:
        await asyncio.wait(going, timeout=1)
    if coordinator is not None:
        await wait_closed(coordinator._maybe_leave_group(), 1)
    client._client._sync_task = None  # ended, and its error would come out of the closing
    await wait_closed(client._client.close(), 1)
