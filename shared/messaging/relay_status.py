"""The state of a database's outbox: unpublished events and their age, the leading relay, and a running replay."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from shared.database.connection import Connection
from shared.messaging.relay_cursor import LAST_ID

_UNSENT = """
    o.id > m.floor
    and not pg_visible_in_snapshot(o.xid, m.published::pg_snapshot)
    and not (m.window_ is not null and o.id <= m.upto and pg_visible_in_snapshot(o.xid, m.window_::pg_snapshot))
"""
# The relay's lock is hashtext('relay') as a bigint; pg_locks shows it in two halves.
_STATUS = f"""
with unsent as (
    select o.id, o.recorded_at from relay_mark m join outbox o on {_UNSENT}
), leader as (
    select a.pid, a.backend_start, a.state_change from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted
      and l.database = (select oid from pg_database where datname = current_database())
      and (l.classid::bigint << 32 | l.objid::bigint) = hashtext('relay')::bigint
)
select (select count(*) from unsent) as unsent,
    (select extract(epoch from clock_timestamp() - min(recorded_at))::float8 from unsent) as oldest,
    ({LAST_ID}) as last_id,
    (select count(*) from outbox) as kept, m.floor, m.published,
    (select pid from leader) as leader, (select backend_start from leader) as leading_since,
    m.replayed, m.replay_to,
    (select count(*) from outbox o where o.id > m.replayed and o.id <= m.replay_to) as to_replay
from relay_mark m
"""  # noqa: S608  constants only
_BACKLOG = f"""
select ({LAST_ID}) as last_id, count(o.id) as unsent
from relay_mark m left join outbox o on {_UNSENT}
"""  # noqa: S608  constants only
# Subqueries instead of a join: the index is then scanned from the cursor on, whatever the planner's statistics say.
_DEPTH = """
select count(*) as unsent, coalesce(extract(epoch from clock_timestamp() - min(recorded_at)), 0) as age
from (
    select recorded_at from outbox
    where id > (select greatest(floor, upto) from relay_mark)
      and not pg_visible_in_snapshot(xid, (select published::pg_snapshot from relay_mark))
    order by id limit $1
) unsent
"""


@dataclass(frozen=True, slots=True)
class RelayStatus:
    """The state of an outbox; times are by the database's clock."""

    unsent: int
    oldest: float | None
    """Age of the oldest unpublished event in seconds; None without any."""
    last_id: int
    kept: int
    """Rows in the outbox: all of them can be published again."""
    floor: int
    """No unpublished row has this id or a lower one."""
    published: str
    """The snapshot whose rows are all published."""
    leader: int | None
    """The process id of the leader's database session; None without a leader."""
    leading_since: datetime | None
    replayed: int | None
    replay_to: int | None
    to_replay: int
    """Rows that a replay still has to publish."""


async def status(conn: Connection) -> RelayStatus:
    """Read the state. It counts the rows of the outbox, which takes some milliseconds for 100,000 rows."""
    row = await conn.fetchrow(_STATUS)
    assert row is not None
    return RelayStatus(**row)


class Backlog(NamedTuple):
    """The last id that the outbox has assigned, and the number of rows that are not published yet."""

    last_id: int
    unsent: int


async def backlog(conn: Connection) -> Backlog:
    """Read how many rows the relay still has to publish."""
    row = await conn.fetchrow(_BACKLOG)
    assert row is not None
    return Backlog(*row)


async def depth(conn: Connection, most: int = 10_000) -> tuple[int, float]:
    """The number of unpublished events, counted up to `most`, and the age of the oldest in seconds (0 without any).

    The cost does not depend on the size of the outbox, because rows below the cursor are not read. So a row of a
    transaction that was open when the window began is counted only after that window.
    """
    row = await conn.fetchrow(_DEPTH, most)
    assert row is not None
    return int(row["unsent"]), float(row["age"])
