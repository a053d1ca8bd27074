"""Each print of dispatch has one movement of inventory: two databases compared without moving millions of rows.

Both sides sum up each day: how many attempts, and a mix of their ids. Only days that differ are read one by one.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from uuid import UUID

from ops.admin.connections import database
from ops.system.discovery import Reachable
from shared.connection import Session

Kind = Literal["print", "spoil"]
Day = tuple[date, Kind]
PATIENCE = 5.0
"""Seconds that an event may be on its way between the two."""

_PRINTS = {
    "dispatch": "select at, print_id, case kind when 'printed' then 'print' else 'spoil' end as kind"
    " from print_attempt",
    "inventory": "select at, print_id, kind::text from movement where print_id is not null",
}
_DAYS = """
select (at at time zone 'UTC')::date as day, kind, count(*) as n, bit_xor(hashtextextended(print_id::text, 0)) as mix
from ({}) p group by 1, 2
"""
_OF_DAY = "select print_id, kind from ({}) p where at >= $1 and at < $2"


@dataclass
class Prints:
    """Attempts that only one of the two knows, or knows differently, by id with the day."""

    compared: int = 0
    without_movement: dict[UUID, Day] = field(default_factory=dict)
    without_print: dict[UUID, Day] = field(default_factory=dict)


async def compare(where: Reachable) -> Prints:
    """Compare; what differs is looked at again for some seconds, since events take a moment."""
    until = time.monotonic() + PATIENCE
    while True:
        found = await _compare(where)
        if not (found.without_movement or found.without_print) or time.monotonic() > until:
            return found
        await asyncio.sleep(0.5)


async def _compare(where: Reachable) -> Prints:
    async with database(where, "dispatch") as dispatch, database(where, "inventory") as inventory:
        made, moved = await asyncio.gather(_days(dispatch, "dispatch"), _days(inventory, "inventory"))
        differing = sorted(key for key in made.keys() | moved.keys() if made.get(key) != moved.get(key))
        found = Prints(compared=sum(n for n, _ in made.values()))
        for day in sorted({day for day, _ in differing}):
            ours, theirs = await asyncio.gather(
                _of_day(dispatch, "dispatch", day), _of_day(inventory, "inventory", day)
            )
            found.without_movement |= {key: (day, kind) for key, kind in ours.items() if theirs.get(key) != kind}
            found.without_print |= {key: (day, kind) for key, kind in theirs.items() if ours.get(key) != kind}
    return found


async def _days(conn: Session, service: str) -> Mapping[Day, tuple[int, int]]:
    rows = await conn.fetch(_DAYS.format(_PRINTS[service]))
    return {(row["day"], row["kind"]): (row["n"], row["mix"]) for row in rows}


async def _of_day(conn: Session, service: str, day: date) -> dict[UUID, Kind]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rows = await conn.fetch(_OF_DAY.format(_PRINTS[service]), start, start + timedelta(days=1))
    return {row["print_id"]: row["kind"] for row in rows}
