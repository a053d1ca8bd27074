"""Blank cards come from outside into a store room, and go from there into the trays of the printers."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.inventory.domain import accounts, levels
from services.inventory.domain.deliveries import BlankDelivery
from services.inventory.store import corrections, shipments, stock
from services.inventory.store.posting import LedgerPlace
from services.inventory.usecases.movements import place_of, post
from services.inventory.usecases.shipments import dispatch_waiting
from shared.contract.envelope import MessageContext
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.problems import Conflict
from shared.reference.offices import Office, Offices


async def receive_blanks(
    conn: Connection, offices: Offices, context: MessageContext, delivery: BlankDelivery
) -> tuple[UUID, int]:
    """Record cards that came from outside; returns the receipt's id, and how many cards the store room has now.

    What came to a province goes on at once to the offices whose shipments wait for it. Raises Conflict (409) for a
    delivery note that was recorded, unless the caller says that this is another delivery, and for more cards than an
    office uses in months, unless the caller confirms the number.
    """
    place = place_of(offices, delivery.place)
    store = accounts.store(place.code)
    if place.office is not None and not delivery.confirmed:
        await _must_be_plausible(conn, place.office, delivery.quantity)
    if not delivery.same_document:
        await _must_be_new(conn, place, delivery.document)
    if accounts.is_province(place.code):
        await stock.lock_order(conn)
        await stock.lock_store(conn, store)
    movement = accounts.receipt(new_id(), delivery.at, place.code, delivery.quantity, delivery.document)
    await post(conn, offices, context, [movement])
    if accounts.is_province(place.code):
        held = await stock.balance(conn, store)
        waiting = await shipments.waiting(conn, place.code)
        due = [(each, context, max(delivery.at, each.approved_at)) for each in waiting]
        await dispatch_waiting(conn, offices, {place.code: held}, due)
    return movement.event_id, await stock.balance(conn, store)


async def fill_tray(
    conn: Connection,
    offices: Offices,
    context: MessageContext,
    at: datetime,
    office: str,
    station: str,
    quantity: int,
) -> int:
    """Record cards that went from the store room into a tray; returns how many the tray has now.

    Raises Conflict (409) if the store room does not have them: then a receipt was not recorded.
    """
    await stock.lock(conn, office)
    held = await stock.balance(conn, accounts.store(office))
    if held < quantity:
        raise Conflict(
            f"gudang hanya mencatat {held} keping; catat dahulu penerimaan yang belum dicatat", field="quantity"
        )
    await post(conn, offices, context, [accounts.refill(new_id(), at, office, station, quantity)])
    return await stock.balance(conn, accounts.tray(office, station))


async def _must_be_plausible(conn: Connection, office: Office, quantity: int) -> None:
    found = await stock.lock(conn, office.code)
    usage = found.usage if found else office.usage
    if quantity > levels.PLAUSIBLE_DAYS * usage:
        raise Conflict(
            f"{quantity} keping cukup untuk {quantity / usage:.0f} hari kerja ({usage:.0f} cetak sehari); periksa"
            " jumlahnya. Bila memang sebanyak itu, kirim lagi dengan confirmed: true",
            field="quantity",
        )


async def _must_be_new(conn: Connection, place: LedgerPlace, document: str) -> None:
    await corrections.lock_document(conn, place.code, document)
    earlier = await corrections.receipt_of(conn, place.code, document)
    if earlier is not None:
        when = earlier.at.astimezone(ZoneInfo(place.zone))
        raise Conflict(
            f"dokumen ini sudah dicatat: {earlier.quantity} keping pada {when:%d-%m-%Y %H.%M}."
            " Bila ini kiriman lain dengan nomor yang sama, kirim lagi dengan same_document: true",
            field="document",
        )
