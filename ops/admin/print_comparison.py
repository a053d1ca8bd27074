"""Compares prints of dispatch with movements of inventory without moving millions of rows.

Both sides sum up each day: how many attempts, and a mix of their ids. Only days that differ are read one by one.
"""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from ops.admin.connections import database
from ops.system.discovery import Reachable
from services.dispatch import maintenance as dispatch
from services.inventory import maintenance as inventory

Day = tuple[date, str]
"""A day and the kind of an attempt: print or spoil."""
PATIENCE = 5.0
"""Seconds that an event may be on its way between the two."""


@dataclass
class Prints:
    """Attempts that only one of the two knows, or knows differently, by id with the day."""

    compared: int = 0
    without_movement: dict[UUID, Day] = field(default_factory=dict)
    without_print: dict[UUID, Day] = field(default_factory=dict)


async def compare(where: Reachable) -> Prints:
    """Compare; a difference is checked again for some seconds, since events take a moment."""
    until = time.monotonic() + PATIENCE
    while True:
        found = await _compare(where)
        if not (found.without_movement or found.without_print) or time.monotonic() > until:
            return found
        await asyncio.sleep(0.5)


async def _compare(where: Reachable) -> Prints:
    async with database(where, "dispatch") as made_by, database(where, "inventory") as booked_by:
        made, moved = await asyncio.gather(dispatch.print_days(made_by), inventory.print_days(booked_by))
        differing = sorted(key for key in made.keys() | moved.keys() if made.get(key) != moved.get(key))
        found = Prints(compared=sum(n for n, _ in made.values()))
        for day in sorted({day for day, _ in differing}):
            ours, theirs = await asyncio.gather(
                dispatch.prints_of_day(made_by, day), inventory.prints_of_day(booked_by, day)
            )
            found.without_movement |= {key: (day, kind) for key, kind in ours.items() if theirs.get(key) != kind}
            found.without_print |= {key: (day, kind) for key, kind in theirs.items() if ours.get(key) != kind}
    return found
