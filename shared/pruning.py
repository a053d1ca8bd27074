"""What was kept for long enough goes. The limits hold together: see each."""

import asyncio
from datetime import timedelta

import structlog

from shared.db import TRANSIENT, Database

log = structlog.get_logger()

OUTBOX = timedelta(days=14)
"""As long as the topics keep what was published: so long it can be published again."""
INBOX = timedelta(days=45)
"""Longer than topic and outbox together: whatever can still arrive is known."""
COMMANDS = timedelta(days=30)
"""A device that was offline for a month may still send its commands again."""
BATCH = 5000

# In small bites, so that no lock is held for long. An outbox row goes only once it is marked as published.
_OUTBOX = """
delete from outbox where id in (
    select id from outbox, relay_mark where recorded_at < now() - $1::interval
    and pg_visible_in_snapshot(xid, published::pg_snapshot) limit $2)
"""
_INBOX = """
delete from inbox where ctid in (select ctid from inbox where received_at < now() - $1::interval limit $2)
"""
_COMMAND = """
delete from command where ctid in (select ctid from command where recorded_at < now() - $1::interval limit $2)
"""


async def prune(db: Database) -> int:
    """Delete what is older than its limit, by the database's clock; returns how many rows."""
    gone = 0
    for statement, age in ((_OUTBOX, OUTBOX), (_INBOX, INBOX), (_COMMAND, COMMANDS)):
        while True:
            async with db.transaction() as conn:
                count = int((await conn.execute(statement, age, BATCH)).split()[-1])
            gone += count
            if count < BATCH:
                break
    return gone


async def prune_daily(db: Database) -> None:
    """Prune at start and then once a day, until cancelled."""
    while True:
        try:
            log.info("pruned", rows=await prune(db))
        except TRANSIENT as error:
            log.warning("not pruned", error=type(error).__name__)
        await asyncio.sleep(24 * 3600)
