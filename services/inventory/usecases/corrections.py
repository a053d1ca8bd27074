"""What puts wrong entries right: one function a verb. The ledger only grows."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.inventory.domain import accounts
from services.inventory.domain.corrections import reversal
from services.inventory.store import corrections, shipments, stock
from services.inventory.store.corrections import Correction
from services.inventory.store.shipments import Shipment
from services.inventory.usecases.shipments import SERVICE, must_be_of, post
from shared import outbox
from shared.auth import Identity
from shared.clock import business_time
from shared.connection import Connection
from shared.envelope import Cause
from shared.events import ShipmentCountCorrected
from shared.ids import new_id
from shared.moments import following
from shared.offices import Offices
from shared.problems import Conflict, NotFound


async def reverse_receipt(
    conn: Connection, offices: Offices, cause: Cause, who: Identity, receipt_id: UUID, correction: Correction
) -> tuple[str, int]:
    """Take a mistyped receipt back, once; returns its place, and what the store room holds now, be it below zero.

    Raises NotFound (404) for one that the caller may not know of, Conflict (409) for one that was taken back.
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
    await post(conn, offices, cause, [reverse], correction.at)
    return wrong.place, await stock.balance(conn, accounts.store(wrong.place))


async def correct_count(
    conn: Connection,
    offices: Offices,
    cause: Cause,
    who: Identity,
    shipment_id: UUID,
    quantity: int,
    correction: Correction,
) -> Shipment:
    """The office had counted a shipment wrongly; the province is told by how much.

    Raises NotFound (404) for one that the caller may not know of, Conflict (409) or Invalid (422).
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
    movements = []
    wrong = await corrections.arrival_of(conn, shipment.office, shipment_id)
    if wrong is not None:
        movements.append(reversal(new_id(), wrong))
        await corrections.reverse(conn, wrong.event_id, movements[0].event_id, correction)
    if quantity:
        movements.append(accounts.arrival(new_id(), shipment.received_at, shipment.office, quantity, shipment_id))
    await shipments.received(conn, shipment_id, quantity, shipment.received_at)
    revision = await corrections.recount(conn, shipment_id, shipment.received, quantity, correction)
    await post(conn, offices, cause, movements, correction.at)
    told = ShipmentCountCorrected(
        at=correction.at,
        office=shipment.office,
        province=shipment.office[:2],
        shipment_id=shipment_id,
        revision=revision,
        quantity=quantity,
        expected=expected,
        difference=quantity - shipment.received,
    )
    await outbox.add(conn, SERVICE, cause, [told])
    return replace(shipment, received=quantity)


async def _after(conn: Connection, correction: Correction, first: datetime, what: str) -> Correction:
    """A correction is not before what it corrects. Raises WrongClock (422) for one told to be of long before."""
    return replace(correction, at=following(correction.at, first, await business_time(conn), what))
