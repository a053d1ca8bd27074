"""Shipments: approved here, dispatched and received where the cards are."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.notify.domain.alerts import is_answered_with
from services.notify.domain.shipments import Approval, must_be_plausible
from services.notify.store import alerts
from services.notify.store import shipments as store
from services.notify.usecases.alerts import answer
from services.notify.usecases.events import publish
from shared.clock import business_time
from shared.contract.envelope import MessageContext
from shared.contract.events import ShipmentApproved, ShipmentDispatched, ShipmentReceived
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.problems import Invalid
from shared.reference.device_time import not_before, with_credible_time
from shared.reference.offices import Office, Offices


async def approve(
    conn: Connection, context: MessageContext, office: Office, approval: Approval, largest: int
) -> None:
    """Grant an office blank cards. The named alert is not acknowledged by the grant, but when enough cards leave.

    Raises Invalid (422) for more than `largest` cards, for an alert that is not of this office, or for a grant
    whose time is long before the alert.
    """
    must_be_plausible(approval, largest)
    if approval.alert_id is not None:
        alert = await alerts.find(conn, approval.alert_id)
        if alert is None or alert.office != office.code:
            raise Invalid(
                f"peringatan itu bukan milik kantor {office.code}",
                field="alert_id",
                rule="peringatan dari kantor yang dikirimi",
            )
        at = not_before(approval.at, alert.raised_at, await business_time(conn), "peringatan dibuat")
        approval = replace(approval, at=at)
    await _grant(conn, context, office.province, approval)


async def record_dispatch(
    conn: Connection, offices: Offices, context: MessageContext, event: ShipmentDispatched
) -> None:
    """Record a dispatch: with enough cards the alert is acknowledged. The cards that the provincial store did not
    have are granted as another shipment, which leaves once the store has them."""
    event = with_credible_time(event, await business_time(conn))
    grant = await store.set_dispatched(conn, event)
    if grant is None:
        return
    if rest := grant.rest(event.quantity):
        approval = Approval(new_id(), event.office, rest, event.at, grant.alert_id)
        await _grant(conn, context, event.province, approval, rest_of=grant.shipment_id)
    if grant.alert_id is not None and event.office in offices:
        await _answer(conn, context, offices[event.office], grant.alert_id, event.at)


async def _grant(
    conn: Connection, context: MessageContext, province: str, approval: Approval, rest_of: UUID | None = None
) -> None:
    await store.insert(conn, approval, rest_of)
    approved = ShipmentApproved(
        at=approval.at,
        office=approval.office,
        province=province,
        shipment_id=approval.shipment_id,
        quantity=approval.quantity,
    )
    await publish(conn, context, [approved])


async def _answer(conn: Connection, context: MessageContext, office: Office, alert_id: UUID, at: datetime) -> None:
    alert = await alerts.find(conn, alert_id)
    if alert is not None and is_answered_with(alert, office, await store.coming(conn, office.code, alert.raised_at)):
        await answer(conn, context, alert, max(at, alert.raised_at))


async def record_receipt(conn: Connection, event: ShipmentReceived) -> None:
    """Record the count of a shipment on arrival."""
    await store.set_received(conn, with_credible_time(event, await business_time(conn)))
