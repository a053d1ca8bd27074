"""On which day a print counts whose event comes late, or has a time in the future."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from services.inventory.domain.late import Books, closings, counted_on
from services.inventory.store import reports, stock
from services.inventory.store.posting import Printed
from shared.database.connection import Connection
from shared.reference.offices import Offices


async def days_of(conn: Connection, offices: Offices, prints: Sequence[Printed], now: datetime) -> list[date | None]:
    """The day on which each print counts; None for the day of its own time, as nearly all do."""
    codes = sorted({message.event.office for message in prints})
    closed = await stock.closed(conn, codes)
    books = {code: Books.of(offices[code], closed.get(code), now) for code in codes}
    late: defaultdict[str, list[int]] = defaultdict(list)
    for number, message in enumerate(prints):
        if not books[message.event.office].takes(message.event.at):
            late[message.event.office].append(number)
    days: list[date | None] = [None] * len(prints)
    for code, numbers in late.items():
        moments = [prints[number].event.at for number in numbers]
        for number, day in zip(numbers, await _counted_on(conn, books[code], moments), strict=True):
            days[number] = day
    return days


async def _counted_on(conn: Connection, books: Books, late: Sequence[datetime]) -> list[date]:
    start = min(books.office.day_of(at) for at in late)
    if books.closed is None or start > books.closed:
        return counted_on(books, late, {})
    opening, days = await reports.days(conn, books.office.code, start, books.closed)
    return counted_on(books, late, closings(opening, days, start, books.closed))
