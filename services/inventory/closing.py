"""The close of a day: reports, usage and thresholds, and the rationing announced again."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from services.inventory.domain import levels
from services.inventory.domain.levels import Stock, Thresholds
from services.inventory.domain.reports import due_day, event_of, to_tell
from services.inventory.store import reports, stock
from services.inventory.usecases import SERVICE
from shared import outbox
from shared.connection import Connection
from shared.envelope import Cause
from shared.events import StockEvent
from shared.offices import Office, Offices


async def close_days(conn: Connection, offices: Offices, at: datetime) -> None:
    """Tell every report that is due at `at` and was not told so. What was told is kept: a repeat tells nothing."""
    cause = Cause.new()
    held = await stock.lock_all(conn)
    changed = await reports.changed_days(conn)
    for each in held:
        if each.office in offices:
            office = offices[each.office]
            due = due_day(office, at)
            pending = [day for day in changed.get(each.office, []) if day <= due]
            if each.closed is not None and each.closed < due:
                pending.append(each.closed + timedelta(days=1))
            if pending:
                await _close(conn, cause, office, each, min(pending), due, at)


async def _close(
    conn: Connection, cause: Cause, office: Office, before: Stock, start: date, due: date, at: datetime
) -> None:
    opening, days = await reports.days(conn, office.code, start, due)
    told = await reports.told(conn, office.code, start)
    fresh = to_tell(office.code, opening, days, told, start, due)
    await reports.save(conn, fresh, at)
    await reports.compared(conn, office.code, due)
    events: list[StockEvent] = [event_of(report, at) for report in fresh]
    if before.closed is None or before.closed < due:
        events += await _plan_anew(conn, office, before, due, at)
    await outbox.add(conn, SERVICE, cause, events)


async def _plan_anew(conn: Connection, office: Office, before: Stock, due: date, at: datetime) -> list[StockEvent]:
    """Recompute usage and thresholds after a closed day, and the level by them."""
    usage = levels.usage_of(office, await _prints_in_window(conn, office, due))
    planned = replace(before, usage=usage, thresholds=Thresholds.of(office, usage), closed=due)
    after = levels.settle(planned)
    await stock.save(conn, after)
    events = levels.announcements(planned, after, at)
    if after.state_version == planned.state_version:
        events.append(levels.rationing_state(after, at))
    return events


async def _prints_in_window(conn: Connection, office: Office, due: date) -> int | None:
    start = levels.usage_window(office.works_on, due)
    first = await reports.first_day(conn, office.code)
    if start is None or first is None or first > start:
        return None
    return await reports.prints(conn, office.code, start, due)
