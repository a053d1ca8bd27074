"""Tracking codes that operators hold before a request is filed with them; each is taken once."""

from collections.abc import Sequence
from datetime import timedelta

from shared.database.connection import Connection
from shared.security.auth import Identity

# One at a time for an operator: two calls at once would both find room.
_LOCK = "select pg_advisory_xact_lock(hashtextextended('reserved_code/' || $1, 0))"
_HELD = "select count(*) from reserved_code where operator = $1 and until > now()"
_INSERT = """
insert into reserved_code (code, operator, office, until)
select code, $2, $3, now() + $4::interval from unnest($1::text[]) as t(code) on conflict do nothing returning code
"""
# Of somebody else or for another office, lapsed, or drawn for a case meanwhile: then it is not theirs to give.
_TAKE = """
delete from reserved_code r where code = any($1) and operator = $2 and office = $3 and until > now()
    and not exists (select from case_file c where c.tracking = r.code)
returning code
"""
_SWEEP = """
delete from reserved_code where code in (
    select code from reserved_code where until <= now() order by until limit $1 for update skip locked
)
"""


async def held(conn: Connection, who: Identity) -> int:
    """How many codes an operator holds; nobody reserves for the same operator until the transaction ends."""
    await conn.execute(_LOCK, who.subject)
    count: int = await conn.fetchval(_HELD, who.subject)
    return count


async def insert(conn: Connection, who: Identity, office: str, codes: Sequence[str], span: timedelta) -> list[str]:
    """Reserve codes for an operator's letters to an office; returns those that nobody held."""
    rows = await conn.fetch(_INSERT, codes, who.subject, office, span)
    return [row["code"] for row in rows]


async def take(conn: Connection, who: Identity, office: str, codes: Sequence[str]) -> set[str]:
    """Those of the codes that the operator may give in a letter to the office; they are reserved no more."""
    return {row["code"] for row in await conn.fetch(_TAKE, codes, who.subject, office)}


async def sweep(conn: Connection, most: int) -> None:
    """Forget codes that lapsed, so many at most."""
    await conn.execute(_SWEEP, most)
