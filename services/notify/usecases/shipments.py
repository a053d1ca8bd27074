"""Shipments: approved here, dispatched and received where the cards are."""

from services.notify.domain.shipments import Approval, must_be_plausible
from services.notify.store import alerts
from services.notify.store import shipments as store
from services.notify.usecases.alerts import answer
from services.notify.usecases.telling import state
from shared.connection import Connection
from shared.envelope import Cause
from shared.events import ShipmentApproved, ShipmentDispatched, ShipmentReceived
from shared.offices import Office
from shared.problems import Invalid


async def approve(conn: Connection, cause: Cause, office: Office, approval: Approval, largest: int) -> None:
    """The province grants an office blank cards; the alert it answers, when one is named, is acknowledged.

    Raises Invalid (422) for more than `largest` cards, or for an alert that is not of this office.
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
        await answer(conn, cause, alert, approval.at)
    await store.insert(conn, approval)
    approved = ShipmentApproved(
        at=approval.at,
        office=office.code,
        province=office.province,
        shipment_id=approval.shipment_id,
        quantity=approval.quantity,
    )
    await state(conn, cause, [approved])


async def note_dispatch(conn: Connection, event: ShipmentDispatched) -> None:
    """The cards are on their way."""
    await store.set_dispatched(conn, event)


async def close(conn: Connection, event: ShipmentReceived) -> None:
    """The cards have arrived and were counted."""
    await store.set_received(conn, event)
