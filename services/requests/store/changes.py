"""What changed lately: the version of a list, by which a page that is open knows whether to read it again."""

from collections.abc import Sequence
from datetime import timedelta

from shared.database.connection import Connection

LATEST = 20
"""Changes that make a version: one that commits late, under a lower id than another, is among them still."""
KEPT = timedelta(days=1)
_KELURAHAN = len("17.02.06.1004")


async def version(conn: Connection, wilayah: str, offices: Sequence[str]) -> str:
    """Another one whenever something of the wilayah changed; of a part of an office it may be the whole office."""
    column, places = ("kelurahan", [wilayah]) if len(wilayah) == _KELURAHAN else ("office", [*offices])
    rows = await conn.fetch(
        f"select t.place, array(select id from list_change where {column} = t.place order by id desc limit $2) as ids"  # noqa: S608  our own words
        " from unnest($1::text[]) as t(place)",
        *(places, LATEST),
    )
    ids = [each for row in rows for each in row["ids"]]
    return f"{max(ids, default=0)}-{sum(ids):x}"


async def forget(conn: Connection, limit: int) -> int:
    """Delete what no open page asks for any more; returns how many."""
    done = await conn.execute(
        "delete from list_change where id in ("
        "select id from list_change where at < clock_timestamp() - $1::interval order by at limit $2)",
        *(KEPT, limit),
    )
    return int(done.split()[-1])
