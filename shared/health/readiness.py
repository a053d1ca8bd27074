"""Whether a service is ready, and whether a restart would help it.

Ready: nothing is missing. Alive: a restart of the process would not help. So a service whose database or brokers are
away is alive, but not ready.
"""

import asyncio

import asyncpg

from shared.database.errors import TRANSIENT_ERRORS
from shared.running import RunningService

MAX_SILENCE = 15.0
"""Seconds without a poll after which a consumer group is not ready."""


async def dependencies(running: RunningService) -> dict[str, str]:
    """The state of each dependency by name; "ok" for all of them when the service is ready."""
    found = {"database": "ok", "broker": "ok" if running.consuming else "waiting"}
    if running.failure:
        found["service"] = f"broken ({running.failure})"
    if error := await _database_error(running):
        found["database"] = f"waiting ({error})"
    for consumer in running.service.consumers if running.consuming else ():
        silence = consumer.silence()
        if silence is not None and silence > MAX_SILENCE:
            found[consumer.group] = f"not polled for {silence:.0f} s"
    return found


async def stalled_groups(running: RunningService) -> dict[str, str]:
    """The consumer groups that make no progress, although the database and the brokers answer and hold more events.

    It is empty while the database or the brokers are away: a restart of the process would not bring them back.
    """
    seconds = {consumer.group: consumer.stalled_for() for consumer in running.service.consumers if running.consuming}
    limit = running.service.stalled_after
    stalled = {group: f"stands still for {since:.0f} s" for group, since in seconds.items() if since > limit}
    return stalled if stalled and not await _database_error(running) else {}


async def _database_error(running: RunningService) -> str:
    """The class name of the error when the database does not answer within a second; "" when it answers."""
    try:
        async with asyncio.timeout(1), running.ready_db.connection() as conn:
            await conn.execute("select 1")
    except (*TRANSIENT_ERRORS, asyncpg.PostgresError) as error:
        return type(error).__name__
    return ""
