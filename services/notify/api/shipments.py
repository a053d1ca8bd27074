"""The routes of shipments: the province approves them and follows their dispatch and count."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from services.notify.api.dependencies import Deps
from services.notify.domain.shipments import Approval
from services.notify.store import shipments as store
from services.notify.usecases import shipments
from shared.contract.fields import OfficeCode, Quantity, SentInstant
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.http.commands import CommandsDep
from shared.http.dependencies import ContextDep, Db
from shared.security.auth import LISTED, Identity, Role, allow, body

router = APIRouter(tags=["shipments"])
Reader = Annotated[Identity, Depends(allow(Role.PROVINCIAL, Role.STOREKEEPER, Role.OPS, scope=LISTED, cookie=True))]


class ApprovalBody(BaseModel):
    """A grant of blank cards; `alert_id` when it answers an alert of that office, once enough cards have left."""

    at: SentInstant
    office: OfficeCode
    quantity: Quantity
    alert_id: UUID | None = None


class Approved(BaseModel):
    """The shipment to come."""

    shipment_id: UUID


class ShipmentItem(BaseModel):
    """A shipment: cards approved, dispatched and received, with their times; null is not yet. `rest_of` names the
    shipment that took a part of the grant along, when this is what stayed behind."""

    shipment_id: UUID
    office: OfficeCode
    alert_id: UUID | None
    rest_of: UUID | None
    approved: int | None
    approved_at: datetime | None
    dispatched: int | None
    dispatched_at: datetime | None
    received: int | None
    received_at: datetime | None


class ShipmentPage(BaseModel):
    """Shipments, the newest first; `next` asks for those that follow."""

    items: list[ShipmentItem]
    next: UUID | None


@router.post("/shipments", status_code=201)
async def approve(
    body: ApprovalBody,
    who: Annotated[Identity, Depends(allow(Role.PROVINCIAL, scope=body("office"), cookie=True))],
    deps: Deps,
    context: ContextDep,
    commands: CommandsDep,
) -> Response:
    """Grant blank cards to an office; inventory ships what the provincial store has, and the rest once it has it."""
    who.must_see(body.office)
    office = deps.offices[body.office]

    async def command(conn: Connection) -> Approved:
        approval = Approval(new_id(), office.code, body.quantity, body.at, body.alert_id)
        await shipments.approve(conn, context, office, approval, deps.settings.largest_shipment)
        return Approved(shipment_id=approval.shipment_id)

    return await commands.run(who, body, command, about="shipment", status=201)


@router.get("/shipments")
async def list_shipments(
    who: Reader,
    db: Db,
    office: OfficeCode | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ShipmentPage:
    """Shipments to offices of the caller's wilayah."""
    async with db.connection() as conn:
        rows = await store.page(conn, who.wilayah, office, after, limit)
    items = [ShipmentItem.model_validate(dict(row)) for row in rows]
    return ShipmentPage(items=items, next=items[-1].shipment_id if len(items) == limit else None)
