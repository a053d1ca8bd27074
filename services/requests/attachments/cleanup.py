"""The store is swept: what was deleted here goes there too, and what was put but never noted down goes after a day.

Bytes are put before their row is committed, and deleted after it went: what has a row has bytes, at every moment and
after every kill. Names that are no id of ours are left alone.
"""

import asyncio
import time
from datetime import timedelta

import structlog

from services.requests.attachments.shelf import Away, Shelf
from services.requests.store import attachments
from shared.db import TRANSIENT, Database
from shared.wall import utc_now

log = structlog.get_logger()

EVERY = 10.0
"""Seconds between looks for what was deleted."""
LOST_EVERY = 24 * 3600.0
LOST_AFTER = timedelta(days=1)
"""No command takes as long: what has no row by then will never have one."""
BATCH = 100


async def clear_waste(db: Database, shelf: Shelf) -> int:
    """Delete the bytes of files that were deleted; returns how many. Raises Away when the store is."""
    cleared = 0
    while True:
        async with db.reading() as conn:
            names = await attachments.waste(conn, BATCH)
        if not names:
            return cleared
        await shelf.delete(names)
        async with db.transaction() as conn:
            await attachments.cleared(conn, names)
        cleared += len(names)


async def find_lost(db: Database, shelf: Shelf) -> int:
    """What has been in the store for a day and has no row becomes waste; returns how many. Raises Away."""
    lost = 0
    async for names in shelf.older_than(utc_now() - LOST_AFTER):
        async with db.transaction() as conn:
            lost += await attachments.discard_unknown(conn, names)
    return lost


async def sweep_steadily(shelf: Shelf, db: Database) -> None:
    """Both, at start and then every so often, until cancelled."""
    look_at = 0.0
    while True:
        try:
            if time.monotonic() >= look_at:
                lost = await find_lost(db, shelf)
                look_at = time.monotonic() + LOST_EVERY
                log.info("attachments looked through", lost=lost)
            await clear_waste(db, shelf)
        except (*TRANSIENT, Away) as error:
            log.warning("attachments not swept", error=type(error).__name__)
        await asyncio.sleep(EVERY)
