"""The mark of a relay: which rows of the outbox are published; kept in the table `relay_mark`.

It is a snapshot, not an id: see `shared/messaging/relay.py`. A snapshot means something in its own cluster only, so
the cluster is kept beside it. In another one, where a dump was restored, all that is kept is published again; no row
is rewritten.
"""

from dataclasses import dataclass

import asyncpg
import structlog

from shared.database.connection import Session

log = structlog.get_logger()

LAST_ID = "select case when is_called then last_value else 0 end from outbox_id_seq"
"""The latest id that the outbox gave out. A sequence that was never drawn from says 1, as it does after its first."""
_LOAD = """
select m.published, m.window_, m.upto, m.floor, m.next_floor, m.next_floor_xid, c.system_identifier as cluster,
    (select system_identifier from pg_control_system()) as here,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint as xmax
from relay_mark m left join relay_cluster c on true
"""
# A cluster's first relay after the upgrade looks at all rows, once. A row that a statement sees has an id below its
# own snapshot's xmax; below the xmax of an earlier statement it need not be.
_FROM_THE_FUTURE = "select exists (select from outbox where xid >= pg_snapshot_xmax(pg_current_snapshot()))"
_HERE = """
insert into relay_cluster (system_identifier) values ($1)
on conflict (one) do update set system_identifier = excluded.system_identifier
"""
_NOW = f"""
select pg_current_snapshot()::text as snapshot,
    greatest(({LAST_ID}), (select coalesce(max(id), 0) from outbox)) as last_id
"""  # noqa: S608  constants only
# All that the snapshot sees has an id up to $2: it is replayed. What it does not see yet is in the windows after it.
_BEGIN_ANEW = """
update relay_mark set published = $1, window_ = null, upto = 0, floor = 0,
    next_floor = $2, next_floor_xid = pg_current_xact_id()::text::bigint,
    replayed = case when $2::bigint > 0 then 0 end, replay_to = nullif($2::bigint, 0)
"""
_MARK = """
update relay_mark set published = $1, window_ = $2, upto = $3, floor = $4,
    next_floor = $5, next_floor_xid = $6
returning pg_current_xact_id()::text
"""


@dataclass
class RelayCursor:
    """How far the relay is; see the table `relay_mark`."""

    published: str
    window: str | None
    upto: int
    floor: int
    next_floor: int
    next_floor_xid: int

    def finish_window(self) -> None:
        """Everything the window sees is out."""
        if self.window is not None:
            self.published, self.window, self.upto = self.window, None, 0

    @property
    def floor_is_due(self) -> bool:
        """Whether every transaction that may have drawn an id up to `next_floor` has ended and is published."""
        return self.next_floor > self.floor and _bounds(self.published)[0] >= self.next_floor_xid


def _bounds(snapshot: str) -> tuple[int, int]:
    """xmin and xmax of a pg_snapshot in its text form, "xmin:xmax:xip,xip"."""
    xmin, xmax, _ = snapshot.split(":")
    return int(xmin), int(xmax)


async def load(conn: Session) -> RelayCursor:
    """How far the relay is. In another cluster than before everything begins anew, in one transaction."""
    row = await conn.fetchrow(_LOAD)
    assert row is not None
    if await _is_foreign(conn, row):
        log.warning("outbox comes from another cluster; publishing all that is kept again")
        async with conn.transaction():
            now = await conn.fetchrow(_NOW)
            assert now is not None
            await conn.execute(_BEGIN_ANEW, now["snapshot"], now["last_id"])
            await conn.execute(_HERE, row["here"])
        row = await conn.fetchrow(_LOAD)
        assert row is not None
    elif row["cluster"] is None:
        await conn.execute(_HERE, row["here"])
    return RelayCursor(
        row["published"], row["window_"], row["upto"], row["floor"], row["next_floor"], row["next_floor_xid"]
    )


async def _is_foreign(conn: Session, row: asyncpg.Record) -> bool:
    """Whether the mark and the rows tell transaction ids of another cluster."""
    ends = [_bounds(snapshot)[1] for snapshot in (row["published"], row["window_"]) if snapshot]
    if max(ends) > row["xmax"] or row["cluster"] not in (None, row["here"]):
        return True
    return row["cluster"] is None and bool(await conn.fetchval(_FROM_THE_FUTURE))


async def save(conn: Session, mark: RelayCursor, last_id: int) -> None:
    """Keep it, with a higher floor where one is due. `last_id` is the latest id that was given out before.

    The transaction id of this statement was given out after `last_id` was seen: every later transaction draws larger
    ids. So `last_id` is a floor once all transactions before this one have ended and are published. A snapshot's xmax
    would not do: it tells which transactions have ended, and one that is open may have drawn its ids long before.
    """
    if mark.floor_is_due:
        mark.floor = mark.next_floor
    xid = await conn.fetchval(
        _MARK, mark.published, mark.window, mark.upto, mark.floor, mark.next_floor, mark.next_floor_xid
    )
    if mark.next_floor <= mark.floor:
        mark.next_floor, mark.next_floor_xid = last_id, int(xid)
