"""How far an archive is behind its server, asked of the server itself: any role may ask."""

from dataclasses import dataclass

from shared.database.connection import Connection

# The slot stands where the receiver has everything on disk.
_LAG = """
select active, coalesce(wal_status, '') <> 'lost' as whole,
    pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint as behind
from pg_replication_slots where slot_name = 'keep'
"""


@dataclass(frozen=True, slots=True)
class Lag:
    """`behind` bytes of WAL are not in the archive yet; `active` while a receiver streams; not `whole` once the
    archive has a gap and needs a new base."""

    active: bool
    whole: bool
    behind: int


async def lag(conn: Connection) -> Lag | None:
    """The archive of the server that this connection is to; None when it has none."""
    row = await conn.fetchrow(_LAG)
    return Lag(row["active"], row["whole"], row["behind"] or 0) if row else None
