"""Cancels requests that the requests service forgot, where other services still wait for them.

Their persons are gone, so nobody can be visited: requests publishes that they are cancelled, as duplicates of the
letters that are filed again. Cases that were recorded already go on in dispatch, until the card is handed over.
"""

import asyncpg

from ops.system.discovery import Reachable
from services.dispatch.maintenance import waiting_requests
from services.requests.maintenance import cancel_unknown
from shared.database.pool import Database


async def cancel_orphans(system: Reachable) -> list[str]:
    """Run it after `advance`; safe to repeat. Returns the ids of the requests."""
    conn = await asyncpg.connect(system.dsn("dispatch"), timeout=10)
    try:
        waiting = await waiting_requests(conn)
    finally:
        await conn.close()
    db = await Database.connect(system.dsn("requests"), size=1, name="reconcile")
    try:
        async with db.transaction() as transaction:
            return [str(request_id) for request_id in await cancel_unknown(transaction, waiting)]
    finally:
        await db.close()
