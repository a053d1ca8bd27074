"""Counts of guesses by whose they are, each in a window that its first guess opens."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import asyncpg

from services.requests.store.batch_conflict import conflict_details
from shared.connection import Connection
from shared.db import Database
from shared.statement import Part

# In the order of the keys, or two guesses could wait for each other. Whoever waits for a row sees the count that the
# one before left: a thousand at once are not all the first.
_COUNT = """
counted as (
    insert into guess as g (whose, count, until)
    select whose, 1, now() + span from unnest($1::bytea[], $2::interval[]) as t(whose, span) order by whose
    on conflict (whose) do update set
        count = case when g.until > now() then g.count + 1 else 1 end,
        until = case when g.until > now() then g.until else excluded.until end
    returning whose, count, until
), spent as (
    select n, ceil(extract(epoch from until - now()))::int as seconds
    from unnest($1::bytea[], $3::int[]) with ordinality as t(whose, most, n) join counted using (whose)
    where count > most order by n limit 1
)"""
_STAND = "select abandon(to_jsonb(spent)) from spent"
_HELD = "held as (select whose from guess where whose = any($1) order by whose for update)"
_TAKE_BACK = """
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
    """Count a guess in all windows, or in none: raises Spent for the first that is used up."""
    whose, most, spans = ([window[part] for window in windows] for part in range(3))
    try:
        await db.at_once(Part(_COUNT, (whose, spans, most)), then=_STAND)
    except asyncpg.RaiseError as error:
        spent = conflict_details(error)
        raise RateExceeded(spent["n"] - 1, max(1, spent["seconds"])) from None


async def take_back(db: Database, whose: Sequence[bytes]) -> None:
    """Count one less in each window that is open."""
    await db.at_once(Part(_HELD, (whose,)), then=_TAKE_BACK)


async def sweep(conn: Connection) -> None:
    """Forget the windows that have ended."""
    await conn.execute(_SWEEP)
