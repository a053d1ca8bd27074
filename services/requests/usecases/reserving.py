"""Tracking codes for a family that leaves before its request arrives: an operator's device holds some.

A code is given by the operator who holds it, once. It counts for longer than a device may hand it out, so that an
entry has time to arrive.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from services.requests.domain.people import Application
from services.requests.domain.rules.checks import Warned
from services.requests.domain.tracking.codes import new_code
from services.requests.store.tracking import reserved_codes as store
from shared.database.connection import Connection
from shared.security.auth import Identity

GOOD_FOR = timedelta(days=30)
HANDED_OUT_FOR = timedelta(days=14)
"""A device gives no code that is older."""
AT_ONCE = 30
MOST = 120
"""Codes that an operator holds, on all devices together."""
SWEPT = 500


async def reserve(conn: Connection, who: Identity, office: str) -> list[str]:
    """Codes for the operator's device, to be given in letters to an office; none while they hold enough."""
    await store.sweep(conn, SWEPT)
    room = MOST - await store.held(conn, who)
    codes = [new_code() for _ in range(min(AT_ONCE, room))]
    return await store.insert(conn, who, office, codes, GOOD_FOR)


async def redeem(
    conn: Connection, who: Identity, office: str, applications: Sequence[Application]
) -> tuple[list[Application], list[Warned]]:
    """The applications with those codes that the caller may give, each once; others get new ones, and a warning."""
    given = [each.tracking for each in applications if each.tracking]
    if not given:
        return list(applications), []
    mine = await store.take(conn, who, office, given)
    redeemed, warnings = [], []
    for number, each in enumerate(applications):
        if each.tracking and each.tracking not in mine:
            warnings.append(_redrawn(number))
            each = replace(each, tracking=None)
        mine.discard(each.tracking or "")
        redeemed.append(each)
    return redeemed, warnings


def _redrawn(number: int) -> Warned:
    return Warned(
        f"residents.{number}.tracking",
        "kode pada slip tidak berlaku lagi: beri keluarga kode yang baru",
        "tracking.redrawn",
        "the code on the slip counts no more: give the family the new one",
    )
