"""Cleans the object store: files whose row was deleted, and files of a day ago that never got a row.

Bytes are put before their row is committed, and deleted after the row is gone: what has a row has bytes, at every
moment and after every kill. Names that are not a UUID of ours stay.
"""

from datetime import timedelta

from services.requests.attachments.object_store import ObjectStore
from services.requests.store import attachments
from shared.database.pool import Database
from shared.system_clock import utc_now

ORPHANED_AFTER = timedelta(days=1)
"""No command takes as long: a file without a row by then will never have one."""
BATCH = 100


async def delete_discarded(db: Database, store: ObjectStore) -> int:
    """Delete the bytes of files whose rows were deleted; returns how many. Raises StoreUnavailable."""
    cleared = 0
    while True:
        async with db.connection() as conn:
            names = await attachments.waste(conn, BATCH)
        if not names:
            return cleared
        await store.delete(names)
        async with db.transaction() as conn:
            await attachments.cleared(conn, names)
        cleared += len(names)


async def discard_orphans(db: Database, store: ObjectStore) -> int:
    """Mark files without a row, a day old or older, to be deleted; returns how many. Raises StoreUnavailable."""
    lost = 0
    async for names in store.older_than(utc_now() - ORPHANED_AFTER):
        async with db.transaction() as conn:
            lost += await attachments.discard_unknown(conn, names)
    return lost
