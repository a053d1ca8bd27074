"""How a database's outbox stands: what waits, for how long, who publishes it, how far a replay is."""

from dataclasses import dataclass
from datetime import datetime

from shared.connection import Connection

# The relay's lock is hashtext('relay') as a bigint, which pg_locks shows in two halves.
_STATUS = """
with unsent as (
    select o.id, o.recorded_at from relay_mark m join outbox o on o.id > m.floor
     and not pg_visible_in_snapshot(o.xid, m.published::pg_snapshot)
     and not (m.window_ is not null and o.id <= m.upto and pg_visible_in_snapshot(o.xid, m.window_::pg_snapshot))
), leader as (
    select a.pid, a.backend_start, a.state_change from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted
      and l.database = (select oid from pg_database where datname = current_database())
      and (l.classid::bigint << 32 | l.objid::bigint) = hashtext('relay')::bigint
)
select (select count(*) from unsent) as unsent,
    (select extract(epoch from clock_timestamp() - min(recorded_at))::float8 from unsent) as oldest,
    (select case when is_called then last_value else 0 end from outbox_id_seq) as last_id,
    (select count(*) from outbox) as kept, m.floor, m.published,
    (select pid from leader) as leader, (select backend_start from leader) as leading_since,
    m.replayed, m.replay_to,
    (select count(*) from outbox o where o.id > m.replayed and o.id <= m.replay_to) as to_replay
from relay_mark m
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
