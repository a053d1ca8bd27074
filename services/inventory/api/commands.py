"""The commands of inventory: blank cards are received, put into trays, and counted on arrival."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, StringConstraints

from services.inventory.api.access import PlaceCode, Receiver, must_keep
from services.inventory.api.dependencies import Deps
from services.inventory.api.views.shipments import ReceivedView
from services.inventory.api.views.stock import ReceiptView, TrayView
from services.inventory.domain.deliveries import BlankDelivery
from services.inventory.usecases import receipts, shipments
from shared.contract import fields as f
from shared.database.connection import Connection
from shared.http.commands import CommandsDep
from shared.http.dependencies import ContextDep
from shared.security.auth import Identity, Role, allow, body, path

router = APIRouter(tags=["inventory"])

Document = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,80}$")]
"""The number of a delivery note or of the minutes of a count (berita acara)."""
Supplier = Annotated[Identity, Depends(allow(Role.PROVINCIAL, Role.STOREKEEPER, scope=body("place"), cookie=True))]


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
    body: ReceiptBody, who: Supplier, deps: Deps, context: ContextDep, commands: CommandsDep
) -> Response:
    """Blank cards came from outside: for a province (role provincial) or an office (role storekeeper).

    409 when the same document was recorded for that place: `same_document` says that it is another delivery; and
    for more cards than an office uses in 100 working days: `confirmed` says that the number is right.
    """
    who.must_see(body.place)
    must_keep(who, body.place)

    async def command(conn: Connection) -> BaseModel:
        delivery = BlankDelivery(**dict(body))
        receipt_id, store = await receipts.receive_blanks(conn, deps.offices, context, delivery)
        return ReceiptView(receipt_id=receipt_id, place=body.place, quantity=body.quantity, store=store)

    return await commands.run(who, body, command, about="receipts", status=201)


@router.post("/offices/{office}/tray", status_code=201, response_model=TrayView)
async def refill(
    office: f.OfficeCode,
    body: RefillBody,
    who: Annotated[Identity, Depends(allow(Role.STOREKEEPER, scope=path("office"), cookie=True))],
    deps: Deps,
    context: ContextDep,
    commands: CommandsDep,
) -> Response:
    """Cards went from the store room into a tray; 409 when the store room does not have them."""

    async def command(conn: Connection) -> BaseModel:
        held = await receipts.fill_tray(conn, deps.offices, context, body.at, office, body.station, body.quantity)
        return TrayView.of(body.station, held)

    return await commands.run(who, body, command, about=f"tray {office}", status=201)


@router.post("/shipments/{shipment_id}/receive", response_model=ReceivedView)
async def receive_shipment(
    shipment_id: UUID, body: CountBody, who: Receiver, deps: Deps, context: ContextDep, commands: CommandsDep
) -> Response:
    """The office counted what arrived; what is missing stays in transit as the difference (selisih)."""

    async def command(conn: Connection) -> BaseModel:
        shipment = await shipments.receive_shipment(
            conn, deps.offices, context, who, body.at, shipment_id, body.quantity
        )
        return ReceivedView.model_validate(shipment)

    return await commands.run(who, body, command, about=f"receive {shipment_id}")
