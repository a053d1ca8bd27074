"""The relay cursor: which rows of the outbox are published. It is stored in the table `relay_mark`.

The cursor is a snapshot, not an id: see `shared/messaging/relay.py`. A snapshot is valid only in its own database
cluster, so the cluster's id is stored with it. In another cluster, after a dump was restored, the relay publishes all
stored rows again; no row is rewritten.
"""

from dataclasses import dataclass

import asyncpg
import structlog

from shared.database.connection import Session

log = structlog.get_logger()

LAST_ID = "select case when is_called then last_value else 0 end from outbox_id_seq"
"""The last id that the outbox has assigned; 0 before the first. The sequence alone shows 1 in both cases."""
_LOAD = """
select m.published, m.window_, m.upto, m.floor, m.next_floor, m.next_floor_xid, c.system_identifier as cluster,
    (select system_identifier from pg_control_system()) as here,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint as xmax
from relay_mark m left join relay_cluster c on true
"""
# After the upgrade that stores the cluster, the first relay checks all rows once. A row that a statement sees has a
# transaction id below the xmax of that statement's own snapshot, unless the row comes from another cluster.
_HAS_FOREIGN_ROWS = "select exists (select from outbox where xid >= pg_snapshot_xmax(pg_current_snapshot()))"
_SAVE_CLUSTER = """
insert into relay_cluster (system_identifier) values ($1)
on conflict (one) do update set system_identifier = excluded.system_identifier
"""
_CURRENT = f"""
select pg_current_snapshot()::text as snapshot,
    greatest(({LAST_ID}), (select coalesce(max(id), 0) from outbox)) as last_id
"""  # noqa: S608  constants only
# Every row that the snapshot sees has an id up to $2: a replay publishes it. Rows that it does not see yet belong to
# the following windows.
_RESET = """
update relay_mark set published = $1, window_ = null, upto = 0, floor = 0,
    next_floor = $2, next_floor_xid = pg_current_xact_id()::text::bigint,
    replayed = case when $2::bigint > 0 then 0 end, replay_to = nullif($2::bigint, 0)
"""
_SAVE = """
update relay_mark set published = $1, window_ = $2, upto = $3, floor = $4,
    next_floor = $5, next_floor_xid = $6
returning pg_current_xact_id()::text
"""


@dataclass
class RelayCursor:
    """The relay's position: one row of the table `relay_mark`."""

    published: str
    """The snapshot whose rows are all published."""
    window: str | None
    """The later snapshot whose rows are being published; None between two windows."""
    upto: int
    """Rows of the window are published up to this id."""
    floor: int
    """No unpublished row has this id or a lower one."""
    next_floor: int
    next_floor_xid: int
    """`next_floor` becomes the floor when all transactions before this one have ended and are published."""

    def finish_window(self) -> None:
        """Make the window the published snapshot: all of its rows are published."""
        if self.window is not None:
            self.published, self.window, self.upto = self.window, None, 0

    @property
    def floor_is_due(self) -> bool:
        """Whether all transactions that may have an id up to `next_floor` have ended and are published."""
        return self.next_floor > self.floor and _bounds(self.published)[0] >= self.next_floor_xid


def _bounds(snapshot: str) -> tuple[int, int]:
    """xmin and xmax of a pg_snapshot in its text form, "xmin:xmax:xip,xip"."""
    xmin, xmax, _ = snapshot.split(":")
    return int(xmin), int(xmax)


async def load(conn: Session) -> RelayCursor:
    """Load the cursor. In another cluster than before, first reset it in one transaction."""
    row = await conn.fetchrow(_LOAD)
    assert row is not None
    if await _is_foreign(conn, row):
        log.warning("outbox comes from another cluster; publishing all that is kept again")
        async with conn.transaction():
            current = await conn.fetchrow(_CURRENT)
            assert current is not None
            await conn.execute(_RESET, current["snapshot"], current["last_id"])
            await conn.execute(_SAVE_CLUSTER, row["here"])
        row = await conn.fetchrow(_LOAD)
        assert row is not None
    elif row["cluster"] is None:
        await conn.execute(_SAVE_CLUSTER, row["here"])
    return RelayCursor(
        row["published"], row["window_"], row["upto"], row["floor"], row["next_floor"], row["next_floor_xid"]
    )


async def _is_foreign(conn: Session, row: asyncpg.Record) -> bool:
    """Whether the cursor or the rows contain transaction ids of another cluster."""
    xmaxes = [_bounds(snapshot)[1] for snapshot in (row["published"], row["window_"]) if snapshot]
    if max(xmaxes) > row["xmax"] or row["cluster"] not in (None, row["here"]):
        return True
    return row["cluster"] is None and bool(await conn.fetchval(_HAS_FOREIGN_ROWS))


async def save(conn: Session, cursor: RelayCursor, last_id: int) -> None:
    """Save the cursor, and raise the floor if that is due. `last_id` is the last id that was assigned before.

    This statement's transaction id was assigned after `last_id` was read, so every later transaction has larger row
    ids. So `last_id` is a valid floor once all transactions before this one have ended and are published. The xmax of
    a snapshot is not enough: a transaction that is still open may have drawn its row ids long before.
    """
    if cursor.floor_is_due:
        cursor.floor = cursor.next_floor
    xid = await conn.fetchval(
        _SAVE, cursor.published, cursor.window, cursor.upto, cursor.floor, cursor.next_floor, cursor.next_floor_xid
    )
    if cursor.next_floor <= cursor.floor:
        cursor.next_floor, cursor.next_floor_xid = last_id, int(xid)
