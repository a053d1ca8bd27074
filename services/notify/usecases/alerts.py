"""Alerts: raised by a fall, acknowledged by the province, escalated without an answer, resolved by the recovery."""

from datetime import datetime
from itertools import groupby
from uuid import UUID

import structlog

from services.notify.domain.alerts import Alert, AlertState, Due, answered_by, due, known_at, level_of, resolved_by
from services.notify.store import alerts as store
from services.notify.store import shipments
from services.notify.usecases.events import publish, publish_to_subscribers
from shared.clock import business_time
from shared.contract.envelope import MessageContext
from shared.contract.events import (
    AlertAcknowledged,
    AlertEscalated,
    AlertRaised,
    AlertResolved,
    StockLevelEvent,
    StockRecovered,
)
from shared.contract.fields import StockLevel
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.problems import Conflict, NotFound
from shared.reference.device_time import not_before, with_credible_time
from shared.reference.offices import Offices
from shared.security.auth import Identity

log = structlog.get_logger()


async def raise_alert(conn: Connection, context: MessageContext, event: StockLevelEvent) -> None:
    """Raise an alert for a fall, one for each crossing; an older crossing than the latest one changes nothing."""
    if event.crossing <= await store.lock_standing(conn, event.office, event.province):
        return
    event, level = with_credible_time(event, await business_time(conn)), level_of(event)
    alert = Alert(
        alert_id=new_id(),
        office=event.office,
        province=event.province,
        level=level,
        crossing=event.crossing,
        on_hand=event.on_hand,
        usage=event.usage,
        state=AlertState.RAISED,
        raised_at=event.at,
    )
    await store.insert(conn, alert, event.cover)
    await store.set_standing(conn, event.office, level, event.crossing)
    raised = AlertRaised(
        at=event.at,
        office=event.office,
        province=event.province,
        alert_id=alert.alert_id,
        level=level,
        crossing=event.crossing,
    )
    await publish_to_subscribers(conn, context, level, raised)


async def resolve(conn: Connection, context: MessageContext, event: StockRecovered) -> None:
    """Resolve each open alert of falls before this recovery, acknowledged or not."""
    await store.lock_standing(conn, event.office, event.province)
    event = with_credible_time(event, await business_time(conn))
    ended = resolved_by(event.crossing, await store.opened(conn, event.office))
    await store.resolve(conn, ended, event.at)
    await store.set_standing(conn, event.office, StockLevel.OK, event.crossing)
    for alert in ended:
        resolved = AlertResolved(at=event.at, office=alert.office, province=alert.province, alert_id=alert.alert_id)
        await publish_to_subscribers(conn, context, alert.level, resolved)


async def acknowledge(
    conn: Connection, context: MessageContext, who: Identity, alert_id: UUID, at: datetime
) -> AlertState:
    """Acknowledge an alert and the earlier ones of its office. A repeat changes nothing.

    Raises NotFound (404) for an alert that does not exist or that the caller may not see, Conflict (409) for one
    that is resolved.
    """
    chosen = await store.find(conn, alert_id)
    if chosen is None or not who.sees(chosen.office):
        raise NotFound("peringatan tidak ditemukan", field="alert_id")
    if not await answer(conn, context, chosen, at):
        raise Conflict("peringatan ini sudah selesai: stok kantor sudah pulih", field="alert_id")
    return AlertState.ACKNOWLEDGED


async def answer(conn: Connection, context: MessageContext, chosen: Alert, at: datetime) -> bool:
    """Acknowledge what an answer to `chosen` covers; False when that alert is already resolved.

    Raises WrongClock (422) for an answer whose time is long before the alert.
    """
    await store.lock_standing(conn, chosen.office, chosen.province)
    opened = await store.opened(conn, chosen.office)
    answered = answered_by(chosen, opened)
    now = await business_time(conn)
    moments = [not_before(at, alert.raised_at, now, "peringatan dibuat") for alert in answered]
    await store.acknowledge(conn, answered, moments)
    events = [
        AlertAcknowledged(at=moment, office=alert.office, province=alert.province, alert_id=alert.alert_id)
        for alert, moment in zip(answered, moments, strict=True)
    ]
    await publish(conn, context, events)
    return any(alert.alert_id == chosen.alert_id for alert in opened)


async def escalate(conn: Connection, offices: Offices, grace: int, at: datetime) -> None:
    """Publish each step that fell due by `at`, once, with the time at which it fell due. Locks offices by code.

    An answer lapses when no cards follow within the office's lead time and `grace` working days.
    """
    found = {code: list(opened) for code, opened in groupby(await store.all_opened(conn), lambda alert: alert.office)}
    moved = await shipments.last_moves(conn, list(found))
    for code, opened in found.items():
        if code not in offices:
            log.warning("office without a calendar does not escalate", office=code)
            continue
        known = known_at(opened, at)
        # Of most offices nothing is due: only the others are locked, and looked at again.
        if known != opened or due(offices[code], known, moved.get(code), grace, at) is not None:
            await store.lock_standing(conn, code, opened[0].province)
            latest = (await shipments.last_moves(conn, [code])).get(code)
            still = due(offices[code], await _known_alerts(conn, code, at), latest, grace, at)
            if still is not None:
                await _escalate(conn, still)


async def _known_alerts(conn: Connection, office: str, at: datetime) -> list[Alert]:
    """The open alerts of an office that is locked; times in the future are set to `at` and stored."""
    opened = await store.opened(conn, office)
    known = known_at(opened, at)
    await store.raise_at(conn, [alert for alert in known if alert not in opened])
    return known


async def _escalate(conn: Connection, found: Due) -> None:
    alert, context = found.alert, MessageContext.new()
    if found.lapse is not None:
        await store.set_lapse(conn, alert, found.lapse)
    await store.set_step(conn, alert, found.steps[-1].step)
    for escalation in found.steps:
        escalated = AlertEscalated(
            at=escalation.at,
            office=alert.office,
            province=alert.province,
            alert_id=alert.alert_id,
            step=escalation.step,
        )
        await publish_to_subscribers(conn, context, alert.level, escalated)
