"""What happens to blank cards: one function a verb. Facts are never refused for lack of cards."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from services.inventory import lateness
from services.inventory.domain import accounts, levels
from services.inventory.domain.accounts import Movement
from services.inventory.store import corrections, posting, reports, shipments, stock
from services.inventory.store.posting import Place, Posted, Printed
from services.inventory.store.shipments import Shipment
from shared.clock import business_time
from shared.contract.envelope import Message, MessageContext
from shared.contract.events import CardDestroyed, ShipmentApproved, ShipmentDispatched, ShipmentReceived
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.messaging.consumer import NonRetryableError
from shared.problems import Conflict, Invalid, NotFound
from shared.reference.device_time import at_most_now, not_before
from shared.reference.offices import Office, Offices
from shared.security.auth import Identity

SERVICE = "inventory"


async def take_prints(conn: Connection, offices: Offices, prints: Sequence[Printed]) -> int:
    """Each print, good or spoiled, takes one card out of its tray; a repeat takes none. Returns the repeats.

    Raises Refused for an office that is not in the file, and for a card or an attempt with two fates.
    """
    codes = {m.event.office for m in prints}
    if any(code not in offices for code in codes):
        raise NonRetryableError(f"no such office: {', '.join(sorted(code for code in codes if code not in offices))}")
    await stock.lock_order(conn)
    now = await business_time(conn)
    days = await lateness.days_of(conn, offices, prints, now)
    posted = await posting.post_prints(conn, [place_of(offices, code) for code in codes], prints, days)
    repeats = len(prints) - sum(each.movements for each in posted)
    if repeats:
        contradiction = await posting.contradiction(conn, prints)
        if contradiction:
            raise NonRetryableError(contradiction)
    for each in posted:
        if levels.settle(each.stock) != each.stock:
            last = next(m for m in reversed(prints) if m.event.office == each.stock.office)
            await _settle(conn, offices, last.context, replace(each, at=at_most_now(each.at, now)))
    return repeats


async def destroy_cards(conn: Connection, offices: Offices, messages: Sequence[Message[CardDestroyed]]) -> int:
    """Each card goes from the printed to the destroyed, once; returns the repeats. No blank card is taken.

    Raises Refused for an office that is not in the file.
    """
    codes = {m.event.office for m in messages}
    if any(code not in offices for code in codes):
        raise NonRetryableError(f"no such office: {', '.join(sorted(code for code in codes if code not in offices))}")
    movements = [
        accounts.destruction(m.id, m.event.at, m.event.office, m.event.print_id, m.event.cause) for m in messages
    ]
    await stock.lock_order(conn)
    posted = await posting.post(conn, [place_of(offices, code) for code in sorted(codes)], movements)
    for each in posted:
        await _settle(conn, offices, messages[-1].context, each)
    return len(messages) - sum(each.movements for each in posted)


async def receive_blanks(
    conn: Connection,
    offices: Offices,
    cause: MessageContext,
    at: datetime,
    place: str,
    quantity: int,
    document: str,
    *,
    same_document: bool = False,
    confirmed: bool = False,
) -> tuple[UUID, int]:
    """Cards came from outside into a store room; returns the receipt's id, and what the room holds now.

    What came to a province goes on at once to the offices whose shipments wait for it. Raises Conflict (409) for a
    delivery note that was recorded, unless the caller says that this is another delivery, and for more cards than an
    office uses in months, unless the caller confirms the number.
    """
    where = place_of(offices, place)
    if where.office is not None and not confirmed:
        await _must_be_plausible(conn, where.office, quantity)
    if not same_document:
        await _must_be_new(conn, where, document)
    if accounts.is_province(place):
        await stock.lock_order(conn)
        await stock.lock_store(conn, accounts.store(place))
    movement = accounts.receipt(new_id(), at, place, quantity, document)
    await post(conn, offices, cause, [movement])
    held = await stock.balance(conn, accounts.store(place))
    if accounts.is_province(place):
        waiting = await shipments.waiting(conn, place)
        await _ship(conn, offices, {place: held}, [(each, cause, max(at, each.approved_at)) for each in waiting])
    return movement.event_id, await stock.balance(conn, accounts.store(place))


async def _must_be_plausible(conn: Connection, office: Office, quantity: int) -> None:
    found = await stock.lock(conn, office.code)
    usage = found.usage if found else office.usage
    if quantity > levels.PLAUSIBLE_DAYS * usage:
        raise Conflict(
            f"{quantity} keping cukup untuk {quantity / usage:.0f} hari kerja ({usage:.0f} cetak sehari); periksa"
            " jumlahnya. Bila memang sebanyak itu, kirim lagi dengan confirmed: true",
            field="quantity",
        )


async def _must_be_new(conn: Connection, place: Place, document: str) -> None:
    await corrections.lock_document(conn, place.code, document)
    earlier = await corrections.receipt_of(conn, place.code, document)
    if earlier is not None:
        when = earlier.at.astimezone(ZoneInfo(place.zone))
        raise Conflict(
            f"dokumen ini sudah dicatat: {earlier.quantity} keping pada {when:%d-%m-%Y %H.%M}."
            " Bila ini kiriman lain dengan nomor yang sama, kirim lagi dengan same_document: true",
            field="document",
        )


async def fill_tray(
    conn: Connection, offices: Offices, cause: MessageContext, at: datetime, office: str, station: str, quantity: int
) -> int:
    """Cards went from the store room into a tray; returns what the tray holds. Raises Conflict (409) if the
    store room does not have them: then a receipt was not written down."""
    await stock.lock(conn, office)
    held = await stock.balance(conn, accounts.store(office))
    if held < quantity:
        raise Conflict(
            f"gudang hanya mencatat {held} keping; catat dahulu penerimaan yang belum dicatat", field="quantity"
        )
    await post(conn, offices, cause, [accounts.refill(new_id(), at, office, station, quantity)])
    return await stock.balance(conn, accounts.tray(office, station))


async def ship(conn: Connection, offices: Offices, messages: Sequence[Message[ShipmentApproved]]) -> None:
    """Ship what was approved, or what the provincial store has of it; with nothing there it waits.

    Raises Refused for an office that is not in the file or not of that province.
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
    await _ship(
        conn, offices, held, [(each, causes.get(each.id, messages[-1].context), each.approved_at) for each in waiting]
    )


async def receive_shipment(
    conn: Connection,
    offices: Offices,
    cause: MessageContext,
    who: Identity,
    at: datetime,
    shipment_id: UUID,
    quantity: int,
) -> Shipment:
    """The office counted a shipment; what is missing stays in transit.

    Raises NotFound (404) for one that the caller may not know of, Conflict (409) or Invalid (422), as for a count
    that is told to be of long before the cards left.
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
        await post(conn, offices, cause, [accounts.arrival(new_id(), at, shipment.office, quantity, shipment_id)])
    office, province = shipment.office, shipment.office[:2]
    told = ShipmentReceived(
        at=at, office=office, province=province, shipment_id=shipment_id, quantity=quantity, expected=expected
    )
    await outbox.add(conn, SERVICE, cause, [told])
    return replace(shipment, received=quantity, received_at=at)


def must_be_of(shipment: Shipment, quantity: int) -> int:
    """What was sent. Raises Invalid (422) when more than that was counted of it."""
    sent = shipment.dispatched or 0
    if quantity > sent:
        raise Invalid(
            f"yang dikirim {sent} keping; catat kelebihannya sebagai penerimaan dengan berita acara", field="quantity"
        )
    return sent


def place_of(offices: Offices, code: str) -> Place:
    """An office, or a province with the zone of its first office. Raises NotFound (404) for neither."""
    if not accounts.is_province(code):
        return Place(code, offices[code].zone, offices[code])
    zones = [office.zone for office in offices if office.province == code]
    if not zones:
        raise NotFound(f"provinsi {code} tidak dikenal", field="place")
    return Place(code, zones[0], None)


async def _ship(
    conn: Connection,
    offices: Offices,
    held: dict[str, int],
    waiting: Sequence[tuple[Shipment, MessageContext, datetime]],
) -> None:
    """Ship to the waiting, in their order, while what their provinces held lasts; under the stores' locks."""
    movements: list[Movement] = []
    told: list[tuple[MessageContext, ShipmentDispatched]] = []
    for shipment, cause, at in waiting:
        province = shipment.office[:2]
        quantity = min(shipment.approved, held[province])
        if quantity > 0:
            held[province] -= quantity
            movements.append(accounts.shipment(new_id(), at, shipment.office, quantity, shipment.id))
            told.append((cause, _dispatched(shipment, quantity, at)))
            await shipments.dispatched(conn, shipment.id, quantity, at)
    if movements:
        await post(conn, offices, told[-1][0], movements)
    for cause, event in told:
        await outbox.add(conn, SERVICE, cause, [event])


def _dispatched(shipment: Shipment, quantity: int, at: datetime) -> ShipmentDispatched:
    return ShipmentDispatched(
        at=at, office=shipment.office, province=shipment.office[:2], shipment_id=shipment.id, quantity=quantity
    )


async def post(
    conn: Connection,
    offices: Offices,
    cause: MessageContext,
    movements: Sequence[Movement],
    at: datetime | None = None,
) -> None:
    """Post movements, and announce at `at` what they changed; without it at the latest of their own times."""
    places = [place_of(offices, code) for code in sorted({m.place for m in movements})]
    for posted in await posting.post(conn, places, movements):
        await _settle(conn, offices, cause, posted if at is None else replace(posted, at=at))


async def _settle(conn: Connection, offices: Offices, cause: MessageContext, posted: Posted) -> None:
    """Announce the level that the office is at now, if that is new; its row is locked since the posting."""
    after = levels.settle(posted.stock)
    if after != posted.stock:
        await stock.save(conn, after)
        if after.rationing != posted.stock.rationing:
            day = offices[after.office].day_of(posted.at)
            await reports.note_rationed(conn, after.office, day, day)
        await outbox.add(conn, SERVICE, cause, levels.announcements(posted.stock, after, posted.at))
