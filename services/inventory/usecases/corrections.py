"""Corrections of wrong entries. The ledger is append-only: a wrong movement is reversed, a right one follows."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.inventory.domain import accounts
from services.inventory.domain.accounts import Movement
from services.inventory.domain.corrections import reversal
from services.inventory.store import corrections, shipments, stock
from services.inventory.store.corrections import Correction
from services.inventory.store.shipments import Shipment
from services.inventory.usecases.movements import SERVICE, post
from services.inventory.usecases.shipments import must_be_of
from shared.clock import business_time
from shared.contract.envelope import MessageContext
from shared.contract.events import ShipmentCountCorrected
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.problems import Conflict, NotFound
from shared.reference.device_time import not_before
from shared.reference.offices import Offices
from shared.security.auth import Identity


async def reverse_receipt(
    conn: Connection,
    offices: Offices,
    context: MessageContext,
    who: Identity,
    receipt_id: UUID,
    correction: Correction,
) -> tuple[str, int]:
    """Reverse a mistyped receipt, once; returns its place, and the cards in the store room, perhaps below zero.

    Raises NotFound (404) for one that the caller may not see, Conflict (409) for one that is reversed already.
    """
    wrong = await corrections.find_receipt(conn, receipt_id)
    if wrong is None or not who.sees(wrong.place):
        raise NotFound("penerimaan tidak ditemukan", field="receipt_id")
    correction = await _after(conn, correction, wrong.at, "penerimaan dicatat")
    reverse = reversal(new_id(), wrong)
    if not await corrections.reverse(conn, wrong.event_id, reverse.event_id, correction):
        raise Conflict("penerimaan ini sudah dibatalkan", field="receipt_id")
    if accounts.is_province(wrong.place):
        await stock.lock_store(conn, accounts.store(wrong.place))
    await post(conn, offices, context, [reverse], correction.at)
    return wrong.place, await stock.balance(conn, accounts.store(wrong.place))


async def correct_count(
    conn: Connection,
    offices: Offices,
    context: MessageContext,
    who: Identity,
    shipment_id: UUID,
    quantity: int,
    correction: Correction,
) -> Shipment:
    """Replace a wrong count of a shipment, and publish the difference for the province.

    Raises NotFound (404) for one that the caller may not see, Conflict (409) or Invalid (422).
    """
    shipment = await shipments.lock(conn, shipment_id)
    if shipment is None or not who.sees(shipment.office):
        raise NotFound("pengiriman tidak ditemukan", field="shipment_id")
    if shipment.received is None or shipment.received_at is None:
        raise Conflict("pengiriman belum dihitung; catat penerimaannya dahulu", field="shipment_id")
    expected = must_be_of(shipment, quantity)
    correction = await _after(conn, correction, shipment.received_at, "hitungan pertama")
    if quantity == shipment.received:
        raise Conflict(f"hitungan yang tercatat sudah {quantity} keping", field="quantity")
    movements = await _replace_arrival(conn, shipment, quantity, correction)
    await shipments.received(conn, shipment_id, quantity, shipment.received_at)
    revision = await corrections.recount(conn, shipment_id, shipment.received, quantity, correction)
    await post(conn, offices, context, movements, correction.at)
    event = ShipmentCountCorrected(
        at=correction.at,
        office=shipment.office,
        province=shipment.office[:2],
        shipment_id=shipment_id,
        revision=revision,
        quantity=quantity,
        expected=expected,
        difference=quantity - shipment.received,
    )
    await outbox.add(conn, SERVICE, context, [event])
    return replace(shipment, received=quantity)


async def _replace_arrival(
    conn: Connection, shipment: Shipment, quantity: int, correction: Correction
) -> list[Movement]:
    """The movements that reverse the wrong count and post the right one, to be posted in this transaction."""
    office, shipment_id, at = shipment.office, shipment.shipment_id, shipment.received_at
    assert at is not None
    movements = []
    wrong = await corrections.arrival_of(conn, office, shipment_id)
    if wrong is not None:
        movements.append(reversal(new_id(), wrong))
        await corrections.reverse(conn, wrong.event_id, movements[0].event_id, correction)
    if quantity:
        movements.append(accounts.arrival(new_id(), at, office, quantity, shipment_id))
    return movements


async def _after(conn: Connection, correction: Correction, first: datetime, what: str) -> Correction:
    """The correction, not before the entry that it corrects. Raises WrongClock (422) when it is long before."""
    return replace(correction, at=not_before(correction.at, first, await business_time(conn), what))
