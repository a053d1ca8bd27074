"""Cards that dispatch printed, spoiled or destroyed. The unique event id of a movement is the inbox."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.inventory.domain import accounts, levels
from services.inventory.store import posting, stock
from services.inventory.store.posting import Printed
from services.inventory.usecases.late_prints import days_of
from services.inventory.usecases.movements import place_of, settle
from shared.clock import business_time
from shared.contract.envelope import Message
from shared.contract.events import CardDestroyed
from shared.database.connection import Connection
from shared.messaging.consumer import NonRetryableError
from shared.reference.device_time import at_most_now
from shared.reference.offices import Offices


async def record_prints(conn: Connection, offices: Offices, prints: Sequence[Printed]) -> int:
    """Each print, good or spoiled, takes one card out of its tray, once. Returns the number of repeats.

    Raises NonRetryableError for an unknown office, and for a card or an attempt that the ledger has with another
    result.
    """
    codes = _known_offices(offices, (m.event.office for m in prints))
    await stock.lock_order(conn)
    now = await business_time(conn)
    days = await days_of(conn, offices, prints, now)
    posted = await posting.post_prints(conn, [place_of(offices, code) for code in codes], prints, days)
    repeats = len(prints) - sum(each.movements for each in posted)
    if repeats:
        contradiction = await posting.contradiction(conn, prints)
        if contradiction:
            raise NonRetryableError(contradiction)
    for each in posted:
        if levels.settle(each.stock) != each.stock:
            last = next(m for m in reversed(prints) if m.event.office == each.stock.office)
            await settle(conn, offices, last.context, replace(each, at=at_most_now(each.at, now)))
    return repeats


async def record_destroyed_cards(
    conn: Connection, offices: Offices, messages: Sequence[Message[CardDestroyed]]
) -> int:
    """Move each card from the printed to the destroyed, once; no blank card is taken. Returns the number of repeats.

    Raises NonRetryableError for an unknown office.
    """
    codes = _known_offices(offices, (m.event.office for m in messages))
    movements = [
        accounts.destruction(m.id, m.event.at, m.event.office, m.event.print_id, m.event.cause) for m in messages
    ]
    await stock.lock_order(conn)
    posted = await posting.post(conn, [place_of(offices, code) for code in codes], movements)
    for each in posted:
        await settle(conn, offices, messages[-1].context, each)
    return len(messages) - sum(each.movements for each in posted)


def _known_offices(offices: Offices, codes: Iterable[str]) -> list[str]:
    """The different codes, sorted. Raises NonRetryableError when one is not in the offices' file."""
    found = sorted(set(codes))
    unknown = [code for code in found if code not in offices]
    if unknown:
        raise NonRetryableError(f"no such office: {', '.join(unknown)}")
    return found
