"""Counts of guesses by whose they are, each in a window that its first guess opens."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from shared.database.connection import Connection
from shared.database.pool import Database

# In the order of the keys, or two guesses could wait for each other. Whoever waits for a row sees the count that the
# one before left: a thousand at once are not all the first.
_COUNT = """
with counted as (
    insert into guess as g (whose, count, until)
    select whose, 1, now() + span from unnest($1::bytea[], $2::interval[]) as t(whose, span) order by whose
    on conflict (whose) do update set
        count = case when g.until > now() then g.count + 1 else 1 end,
        until = case when g.until > now() then g.until else excluded.until end
    returning whose, count, until
)
select n, ceil(extract(epoch from until - now()))::int as seconds
from unnest($1::bytea[], $3::int[]) with ordinality as t(whose, most, n) join counted using (whose)
where count > most order by n limit 1
"""
_TAKE_BACK = """
with held as (select whose from guess where whose = any($1) order by whose for update)
update guess g set count = count - 1 from held where g.whose = held.whose and count > 0 and until > now()
"""
# A row that somebody counts in just now is left to the next time.
_SWEEP = """
delete from guess where whose in (select whose from guess where until <= now() for update skip locked)
"""


class RateWindow(NamedTuple):
    """What is counted: whose guesses, how many at most, and for how long."""

    whose: bytes
    most: int
    span: timedelta


class RateExceeded(Exception):
    """A guess too many in the window at this place, which ends in so many seconds (1 or more): it is not counted."""

    def __init__(self, place: int, seconds: int) -> None:
        super().__init__(f"window {place}, {seconds} s")
        self.place, self.seconds = place, seconds


async def count(db: Database, windows: Sequence[RateWindow]) -> None:
    """Count a guess in all windows, or in none: raises RateExceeded for the first that is used up."""
    whose, most, spans = ([window[part] for window in windows] for part in range(3))
    async with db.transaction() as conn:
        spent = await conn.fetchrow(_COUNT, whose, spans, most)
        if spent is not None:
            raise RateExceeded(spent["n"] - 1, max(1, spent["seconds"]))  # takes the transaction back


async def take_back(db: Database, whose: Sequence[bytes]) -> None:
    """Count one less in each window that is open."""
    async with db.transaction() as conn:
        await conn.execute(_TAKE_BACK, whose)


async def sweep(conn: Connection) -> None:
    """Forget the windows that have ended."""
    await conn.execute(_SWEEP)
