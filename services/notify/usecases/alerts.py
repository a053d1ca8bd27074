"""Alerts: raised by a fall, acknowledged by the province, escalated by silence, resolved by the recovery."""

from datetime import datetime
from uuid import UUID

import structlog

from services.notify.domain.alerts import Alert, AlertState, answered_by, ended_by, escalations, level_of
from services.notify.store import alerts as store
from services.notify.usecases.telling import state, tell
from shared.auth import Identity
from shared.connection import Connection
from shared.envelope import Cause
from shared.events import (
    AlertAcknowledged,
    AlertEscalated,
    AlertRaised,
    AlertResolved,
    StockLevelEvent,
    StockRecovered,
)
from shared.fields import StockLevel
from shared.ids import new_id
from shared.offices import Offices
from shared.problems import Conflict, NotFound

log = structlog.get_logger()


async def raise_alert(conn: Connection, cause: Cause, event: StockLevelEvent) -> None:
    """Tell the province of a fall, once a crossing. A crossing older than the latest one seen tells nothing."""
    if event.crossing <= await store.lock_standing(conn, event.office, event.province):
        return
    level = level_of(event)
    alert = Alert(
        alert_id=new_id(),
        office=event.office,
        province=event.province,
        level=level,
        crossing=event.crossing,
        state=AlertState.RAISED,
        raised_at=event.at,
    )
    await store.insert(conn, alert, event)
    await store.set_standing(conn, event.office, level, event.crossing)
    raised = AlertRaised(
        at=event.at,
        office=event.office,
        province=event.province,
        alert_id=alert.alert_id,
        level=level,
        crossing=event.crossing,
    )
    await tell(conn, cause, level, raised)


async def resolve(conn: Connection, cause: Cause, event: StockRecovered) -> None:
    """End every open alert of falls before this recovery, answered or not."""
    await store.lock_standing(conn, event.office, event.province)
    ended = ended_by(event.crossing, await store.opened(conn, event.office))
    await store.resolve(conn, ended, event.at)
    await store.set_standing(conn, event.office, StockLevel.OK, event.crossing)
    for alert in ended:
        resolved = AlertResolved(at=event.at, office=alert.office, province=alert.province, alert_id=alert.alert_id)
        await tell(conn, cause, alert.level, resolved)


async def acknowledge(conn: Connection, cause: Cause, who: Identity, alert_id: UUID, at: datetime) -> AlertState:
    """A province takes an alert on, and with it the earlier ones of the office; again changes nothing.

    Raises NotFound (404) for an alert that is not there or not the caller's to see, Conflict (409) for one
    that is over.
    """
    chosen = await store.find(conn, alert_id)
    if chosen is None or not who.sees(chosen.office):
        raise NotFound("peringatan tidak ditemukan", field="alert_id")
    if not await answer(conn, cause, chosen, at):
        raise Conflict("peringatan ini sudah selesai: stok kantor sudah pulih", field="alert_id")
    return AlertState.ACKNOWLEDGED


async def answer(conn: Connection, cause: Cause, chosen: Alert, at: datetime) -> bool:
    """Acknowledge what an answer to `chosen` covers; False when that alert is already resolved."""
    await store.lock_standing(conn, chosen.office, chosen.province)
    opened = await store.opened(conn, chosen.office)
    answered = answered_by(chosen, opened)
    await store.acknowledge(conn, answered, at)
    events = [
        AlertAcknowledged(at=at, office=alert.office, province=alert.province, alert_id=alert.alert_id)
        for alert in answered
    ]
    await state(conn, cause, events)
    return any(alert.alert_id == chosen.alert_id for alert in opened)


async def escalate(conn: Connection, offices: Offices, at: datetime) -> None:
    """Tell every step that fell due by `at`, each once, at the time it fell due. Locks offices by code."""
    for code, province in await store.offices_unanswered(conn):
        if code not in offices:
            log.warning("office without a calendar does not escalate", office=code)
            continue
        await store.lock_standing(conn, code, province)
        found = escalations(offices[code], await store.opened(conn, code), at)
        if found is None:
            continue
        alert, due = found
        await store.set_step(conn, alert, due[-1].step)
        cause = Cause.new()
        for escalation in due:
            escalated = AlertEscalated(
                at=escalation.at,
                office=alert.office,
                province=alert.province,
                alert_id=alert.alert_id,
                step=escalation.step,
            )
            await tell(conn, cause, alert.level, escalated)
