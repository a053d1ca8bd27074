"""The mark of a relay: which rows of the outbox are published; kept in the table `relay_mark`.

It is a snapshot, not an id: see `shared/relay.py`.
"""

from dataclasses import dataclass

import structlog

from shared.connection import Session

log = structlog.get_logger()

LAST_ID = "select case when is_called then last_value else 0 end from outbox_id_seq"
"""The latest id that the outbox gave out. A sequence that was never drawn from says 1, as it does after its first."""
_MARK = """
update relay_mark set published = $1, window_ = $2, upto = $3, floor = $4,
    next_floor = $5, next_floor_xid = $6
returning pg_current_xact_id()::text
"""


@dataclass
class Mark:
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

    def raise_floor(self, last_id: int, xid: int) -> None:
        """`xid` was given out after `last_id` was seen: every later transaction draws larger ids. So `last_id` is
        a floor once all transactions before `xid` have ended and are published. A snapshot's xmax would not do:
        it tells which transactions have ended, and one that is still open may have drawn its ids long before.
        """
        if _bounds(self.published)[0] >= self.next_floor_xid:
            self.floor = self.next_floor
            self.next_floor, self.next_floor_xid = last_id, xid


def _bounds(snapshot: str) -> tuple[int, int]:
    """xmin and xmax of a pg_snapshot in its text form, "xmin:xmax:xip,xip"."""
    xmin, xmax, _ = snapshot.split(":")
    return int(xmin), int(xmax)


async def load(conn: Session) -> Mark:
    """How far the relay is."""
    row = await conn.fetchrow("select *, pg_current_snapshot()::text as now from relay_mark")
    assert row is not None
    if _bounds(row["published"])[1] > _bounds(row["now"])[1]:
        # A dump of another cluster was restored here: its transaction ids mean nothing. Publish what is kept
        # again; every inbox knows it.
        async with conn.transaction():
            await conn.execute("update outbox set xid = default")
            await conn.execute("update relay_mark set published = '1:1:', window_ = null, floor = 0")
        log.warning("outbox comes from another cluster; publishing all that is kept again")
        return Mark("1:1:", None, 0, 0, 0, 0)
    return Mark(row["published"], row["window_"], row["upto"], row["floor"], row["next_floor"], row["next_floor_xid"])


async def save(conn: Session, mark: Mark) -> int:
    """Keep it; returns the number of the transaction that saved it."""
    saving = await conn.fetchval(
        _MARK, mark.published, mark.window, mark.upto, mark.floor, mark.next_floor, mark.next_floor_xid
    )
    return int(saving)
