"""The commands of inventory: blank cards come in, go to the trays, and are counted on arrival."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, StringConstraints

from services.inventory.api.views.stock import ReceiptView, ReceivedView, TrayView
from services.inventory.domain.accounts import is_province
from services.inventory.usecases import shipments as usecases
from shared import fields as f
from shared.asking import Db, StoryCause
from shared.auth import Identity, Role, allow, body, found, path
from shared.commands import IdempotencyKey, once
from shared.connection import Connection
from shared.offices import Offices
from shared.problems import Forbidden

router = APIRouter(tags=["inventory"])

Document = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,80}$")]
"""The number of a delivery note or of the minutes of a count (berita acara)."""
PlaceCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}(\.[0-9]{2})?$")]
"""A province or an office."""
Supplier = Annotated[Identity, Depends(allow(Role.PROVINCIAL, Role.STOREKEEPER, scope=body("place"), cookie=True))]


async def offices_of(request: Request) -> Offices:
    """The offices, in a route."""
    offices: Offices = request.app.state.offices
    return offices


Known = Annotated[Offices, Depends(offices_of)]


def must_keep(who: Identity, place: str) -> None:
    """Raises Forbidden (403) for whoever does not keep the store room of this place."""
    if not who.is_any(Role.PROVINCIAL if is_province(place) else Role.STOREKEEPER):
        raise Forbidden("gudang provinsi dicatat oleh provinsi, gudang kantor oleh petugas gudang", field="place")


class ReceiptBody(BaseModel):
    """Blank cards came from outside: the centre, another district, or the opening count."""

    at: f.SentInstant
    place: PlaceCode
    quantity: f.Quantity
    document: Document
    same_document: bool = False
    """Another delivery under the number of one that was recorded; without it that is a 409."""
    confirmed: bool = False
    """So many are meant, though an office would print on them for months; without it that is a 409."""


class RefillBody(BaseModel):
    """Blank cards were put into a station's tray."""

    at: f.SentInstant
    station: f.StationCode
    quantity: f.Quantity


class CountBody(BaseModel):
    """What was counted of a shipment."""

    at: f.SentInstant
    quantity: f.Count


@router.post("/receipts", status_code=201, response_model=ReceiptView)
async def receive(
    body: ReceiptBody, who: Supplier, db: Db, offices: Known, cause: StoryCause, key: IdempotencyKey = None
) -> Response:
    """Blank cards came from outside: for a province (role provincial) or an office (role storekeeper).

    409 when the same document was recorded for that place: `same_document` says that it is another delivery; and
    for more cards than an office uses in 100 working days: `confirmed` says that the number is right.
    """
    who.must_see(body.place)
    must_keep(who, body.place)

    async def command(conn: Connection) -> BaseModel:
        receipt_id, store = await usecases.receive_blanks(
            *(conn, offices, cause, body.at, body.place, body.quantity, body.document),
            same_document=body.same_document,
            confirmed=body.confirmed,
        )
        return ReceiptView(receipt_id=receipt_id, place=body.place, quantity=body.quantity, store=store)

    return await once(db, key, who, body, command, about="receipts", status=201)


@router.post("/offices/{office}/tray", status_code=201, response_model=TrayView)
async def refill(
    office: f.OfficeCode,
    body: RefillBody,
    who: Annotated[Identity, Depends(allow(Role.STOREKEEPER, scope=path("office"), cookie=True))],
    db: Db,
    offices: Known,
    cause: StoryCause,
    key: IdempotencyKey = None,
) -> Response:
    """Cards went from the store room into a tray; 409 when the store room does not have them."""

    async def command(conn: Connection) -> BaseModel:
        held = await usecases.fill_tray(conn, offices, cause, body.at, office, body.station, body.quantity)
        return TrayView.of(body.station, held)

    return await once(db, key, who, body, command, about=f"tray {office}", status=201)


@router.post("/shipments/{shipment_id}/receive", response_model=ReceivedView)
async def receive_shipment(
    shipment_id: UUID,
    body: CountBody,
    who: Annotated[Identity, Depends(allow(Role.STOREKEEPER, scope=found("shipment_id"), cookie=True))],
    db: Db,
    offices: Known,
    cause: StoryCause,
    key: IdempotencyKey = None,
) -> Response:
    """The office counted what arrived; what is missing stays in transit as the difference (selisih)."""

    async def command(conn: Connection) -> BaseModel:
        shipment = await usecases.receive_shipment(conn, offices, cause, who, body.at, shipment_id, body.quantity)
        return ReceivedView.of(shipment)

    return await once(db, key, who, body, command, about=f"receive {shipment_id}")
