"""How a database's outbox stands: what waits, for how long, who publishes it, how far a replay is."""

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
# The relay's lock is hashtext('relay') as a bigint, which pg_locks shows in two halves.
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
# Subqueries, not a join: so the index is searched from the mark on, whatever the planner believes of its place.
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
    """One look at an outbox, by the database's clock."""

    unsent: int
    oldest: float | None
    """Seconds that the oldest unsent event waits; None when none does."""
    last_id: int
    kept: int
    """Rows that can be published again."""
    floor: int
    """No unsent row has an id at or below it."""
    published: str
    """The snapshot whose rows are all published."""
    leader: int | None
    """The backend of the process that publishes; None when nobody does."""
    leading_since: datetime | None
    replayed: int | None
    replay_to: int | None
    to_replay: int
    """Rows that a replay still has to publish."""


async def status(conn: Connection) -> RelayStatus:
    """Look. Counts the rows of the outbox: some milliseconds for 100,000."""
    row = await conn.fetchrow(_STATUS)
    assert row is not None
    return RelayStatus(**row)


class Backlog(NamedTuple):
    """The latest id that the outbox gave out, and how many rows are not marked as published yet."""

    last_id: int
    unsent: int


async def backlog(conn: Connection) -> Backlog:
    """How far the relay is behind."""
    row = await conn.fetchrow(_BACKLOG)
    assert row is not None
    return Backlog(*row)


async def depth(conn: Connection, most: int = 10_000) -> tuple[int, float]:
    """Events not published yet, counted to `most`, and the age of the oldest in seconds (0 without any).

    Costs the same whatever the outbox holds: rows below the mark are not looked at. So a row of a transaction that
    was open when the window began is seen only after that window.
    """
    row = await conn.fetchrow(_DEPTH, most)
    assert row is not None
    return int(row["unsent"]), float(row["age"])
