"""Posting movements: each changes accounts, and the level of an office that it leads to is published with it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.inventory.domain import accounts, levels
from services.inventory.domain.accounts import Movement
from services.inventory.store import posting, reports, stock
from services.inventory.store.posting import LedgerPlace, Posted
from shared.contract.envelope import MessageContext
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.problems import NotFound
from shared.reference.offices import Offices

SERVICE = "inventory"


def place_of(offices: Offices, code: str) -> LedgerPlace:
    """An office, or a province with the zone of its first office. Raises NotFound (404) for neither."""
    if not accounts.is_province(code):
        return LedgerPlace(code, offices[code].zone, offices[code])
    zones = [office.zone for office in offices if office.province == code]
    if not zones:
        raise NotFound(f"provinsi {code} tidak dikenal", field="place")
    return LedgerPlace(code, zones[0], None)


async def post(
    conn: Connection,
    offices: Offices,
    context: MessageContext,
    movements: Sequence[Movement],
    at: datetime | None = None,
) -> None:
    """Post movements and publish the changed levels, at `at`; without it at the latest time of the movements."""
    places = [place_of(offices, code) for code in sorted({m.place for m in movements})]
    for posted in await posting.post(conn, places, movements):
        await settle(conn, offices, context, posted if at is None else replace(posted, at=at))


async def settle(conn: Connection, offices: Offices, context: MessageContext, posted: Posted) -> None:
    """Publish the level that the office is at now, if that is new. The posting has locked the office's row."""
    after = levels.settle(posted.stock)
    if after != posted.stock:
        await stock.save(conn, after)
        if after.rationing != posted.stock.rationing:
            day = offices[after.office].day_of(posted.at)
            await reports.add_rationed_days(conn, after.office, day, day)
        await outbox.add(conn, SERVICE, context, levels.announcements(posted.stock, after, posted.at))
