"""The close of a day: the daily reports, then usage and thresholds, and the rationing published again."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from services.inventory.domain import levels
from services.inventory.domain.levels import Stock, Thresholds
from services.inventory.domain.reports import due_day, event_of, reports_to_publish
from services.inventory.domain.usage import REACH, History, usage_of
from services.inventory.store import reports, stock
from services.inventory.usecases.movements import SERVICE
from shared.contract.envelope import MessageContext
from shared.contract.events import StockEvent
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.reference.offices import Office, Offices


async def close_days(conn: Connection, offices: Offices, at: datetime) -> None:
    """Publish each report that is due at `at` and new or changed. A repeat publishes nothing."""
    context = MessageContext.new()
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
                await _close(conn, context, office, each, min(pending), due, at)


async def _close(
    conn: Connection, context: MessageContext, office: Office, before: Stock, start: date, due: date, at: datetime
) -> None:
    opening, days = await reports.days(conn, office.code, start, due)
    published = await reports.published(conn, office.code, start)
    fresh = reports_to_publish(office.code, opening, days, published, start, due)
    await reports.save(conn, fresh, at)
    await reports.mark_compared(conn, office.code, due)
    events: list[StockEvent] = [event_of(report, at) for report in fresh]
    if before.closed is None or before.closed < due:
        events += await _update_stock(conn, office, before, due, at)
    await outbox.add(conn, SERVICE, context, events)


async def _update_stock(conn: Connection, office: Office, before: Stock, due: date, at: datetime) -> list[StockEvent]:
    """Compute usage, thresholds and level again after a closed day; returns the events to publish."""
    if before.rationing:
        await reports.add_rationed_days(conn, office.code, _after(before.closed, due), due)
    usage = await _usage(conn, office, before, due)
    planned = replace(before, usage=usage, thresholds=Thresholds.of(office, usage), closed=due)
    after = levels.settle(planned)
    await stock.save(conn, after)
    events = levels.announcements(planned, after, at)
    if after.state_version == planned.state_version:
        events.append(levels.rationing_state(after, at))
    elif after.rationing:
        await reports.add_rationed_days(conn, office.code, office.day_of(at), office.day_of(at))
    return events


def _after(closed: date | None, due: date) -> date:
    """The first of the days that close now."""
    return due if closed is None else closed + timedelta(days=1)


async def _usage(conn: Connection, office: Office, before: Stock, due: date) -> float:
    first = await reports.first_day(conn, office.code)
    start = max(first or due, due - REACH)
    opening, days = await reports.days(conn, office.code, start, due)
    rationed = await reports.rationed(conn, office.code, start, due)
    return usage_of(office, before.usage, History(start, due, opening, days, rationed))
