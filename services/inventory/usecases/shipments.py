"""Shipments of blank cards: approved by the province, dispatched from its store, counted by the office."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.inventory.domain import accounts
from services.inventory.domain.accounts import Movement
from services.inventory.store import shipments, stock
from services.inventory.store.shipments import Shipment
from services.inventory.usecases.movements import SERVICE, post
from shared.clock import business_time
from shared.contract.envelope import Message, MessageContext
from shared.contract.events import ShipmentApproved, ShipmentDispatched, ShipmentReceived
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.messaging.consumer import NonRetryableError
from shared.problems import Conflict, Invalid, NotFound
from shared.reference.device_time import not_before
from shared.reference.offices import Offices
from shared.security.auth import Identity

Due = tuple[Shipment, MessageContext, datetime]
"""A shipment to dispatch, its context, and the time of its dispatch."""


async def ship_approved(conn: Connection, offices: Offices, messages: Sequence[Message[ShipmentApproved]]) -> None:
    """Dispatch what was approved, or as much as the provincial store has; an empty store lets the shipment wait.

    Raises NonRetryableError for an office that is unknown or not of that province.
    """
    for approved in (message.event for message in messages):
        if approved.office not in offices or approved.office[:2] != approved.province:
            raise NonRetryableError(f"no such office in province {approved.province}: {approved.office}")
    await stock.lock_order(conn)
    provinces = sorted({message.event.province for message in messages})
    held = {province: await stock.lock_store(conn, accounts.store(province)) for province in provinces}
    for approved in (message.event for message in messages):
        await shipments.approve(conn, approved.shipment_id, approved.office, approved.quantity, approved.at)
    causes = {message.event.shipment_id: message.context for message in messages}
    waiting = [each for province in provinces for each in await shipments.waiting(conn, province)]
    due = [(each, causes.get(each.shipment_id, messages[-1].context), each.approved_at) for each in waiting]
    await dispatch_waiting(conn, offices, held, due)


async def receive_shipment(
    conn: Connection,
    offices: Offices,
    context: MessageContext,
    who: Identity,
    at: datetime,
    shipment_id: UUID,
    quantity: int,
) -> Shipment:
    """Record the office's count of a shipment; missing cards stay in transit.

    Raises NotFound (404) for one that the caller may not see, Conflict (409) or Invalid (422), also for a count
    whose time is long before the dispatch.
    """
    shipment = await shipments.lock(conn, shipment_id)
    if shipment is None or not who.sees(shipment.office):
        raise NotFound("pengiriman tidak ditemukan", field="shipment_id")
    if shipment.dispatched is None:
        raise Conflict("pengiriman belum diberangkatkan dari gudang provinsi", field="shipment_id")
    if shipment.received is not None:
        raise Conflict("pengiriman sudah diterima; hitungan yang salah dikoreksi", field="shipment_id")
    expected = must_be_of(shipment, quantity)
    at = not_before(at, shipment.dispatched_at, await business_time(conn), "keberangkatan kiriman")
    await shipments.received(conn, shipment_id, quantity, at)
    if quantity:
        await post(conn, offices, context, [accounts.arrival(new_id(), at, shipment.office, quantity, shipment_id)])
    office, province = shipment.office, shipment.office[:2]
    event = ShipmentReceived(
        at=at, office=office, province=province, shipment_id=shipment_id, quantity=quantity, expected=expected
    )
    await outbox.add(conn, SERVICE, context, [event])
    return replace(shipment, received=quantity, received_at=at)


def must_be_of(shipment: Shipment, quantity: int) -> int:
    """The number of cards that were sent. Raises Invalid (422) when the count is higher."""
    sent = shipment.dispatched or 0
    if quantity > sent:
        raise Invalid(
            f"yang dikirim {sent} keping; catat kelebihannya sebagai penerimaan dengan berita acara", field="quantity"
        )
    return sent


async def dispatch_waiting(conn: Connection, offices: Offices, held: dict[str, int], due: Sequence[Due]) -> None:
    """Dispatch shipments in their order while `held`, the cards of each province, lasts.

    The caller has locked the provincial stores.
    """
    movements: list[Movement] = []
    events: list[tuple[MessageContext, ShipmentDispatched]] = []
    for shipment, context, at in due:
        province = shipment.office[:2]
        quantity = min(shipment.approved, held[province])
        if quantity > 0:
            held[province] -= quantity
            movements.append(accounts.shipment(new_id(), at, shipment.office, quantity, shipment.shipment_id))
            events.append((context, _dispatched(shipment, quantity, at)))
            await shipments.dispatched(conn, shipment.shipment_id, quantity, at)
    if movements:
        await post(conn, offices, events[-1][0], movements)
    for context, event in events:
        await outbox.add(conn, SERVICE, context, [event])


def _dispatched(shipment: Shipment, quantity: int, at: datetime) -> ShipmentDispatched:
    office, shipment_id = shipment.office, shipment.shipment_id
    return ShipmentDispatched(at=at, office=office, province=office[:2], shipment_id=shipment_id, quantity=quantity)
