"""Requests that the requests service forgot are ended where they are still waited for.

Their persons are gone, so nobody can be visited: requests states that they are cancelled, as duplicates of the
letters that are filed again. What was recorded already goes on in dispatch, to the card and the hand.
"""

from uuid import UUID

import asyncpg

from ops.system.discovery import Reachable
from shared import clock, outbox
from shared.db import Database
from shared.envelope import Cause
from shared.events import RequestCancelled
from shared.fields import ClosingReason

_WAITING = """
select request_id, max(greatest(position, told)) as position from cases group by request_id
having bool_and(stage not in ('recorded', 'print_ready', 'printed'))
    and bool_or(stage not in ('rejected', 'cancelled', 'handed_over'))
"""
_RAISE = """
insert into stream as s (topic, key, sequence) values ('requests', $1, $2)
on conflict (topic, key) do update set sequence = greatest(s.sequence, excluded.sequence)
"""


async def withdraw(system: Reachable) -> list[str]:
    """Do it, after `advance`; safe to repeat. Returns the ids of the requests."""
    conn = await asyncpg.connect(system.dsn("dispatch"), timeout=10)
    try:
        waiting: dict[UUID, int] = {row["request_id"]: row["position"] for row in await conn.fetch(_WAITING)}
    finally:
        await conn.close()
    db = await Database.connect(system.dsn("requests"), size=1, name="reconcile")
    try:
        async with db.transaction() as held:
            at = await clock.business_time(held)
            known = await held.fetch("select id from request where id = any($1)", [*waiting])
            unknown = sorted(waiting.keys() - {row["id"] for row in known})
            for request_id in unknown:
                await held.execute(_RAISE, str(request_id), waiting[request_id])
                ended = RequestCancelled(at=at, request_id=request_id, reason=ClosingReason.DUPLICATE)
                await outbox.add(held, "requests", Cause.new(), [ended])
    finally:
        await db.close()
    return [str(request_id) for request_id in unknown]
