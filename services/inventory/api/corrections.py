"""The routes that correct wrong entries."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from services.inventory.api.access import Limit, PlaceCode, Receiver, must_keep
from services.inventory.api.dependencies import Deps
from services.inventory.api.views.shipments import ReceivedView
from services.inventory.api.views.stock import ReceiptItem, ReceiptsView, ReversedView
from services.inventory.domain.corrections import Reason
from services.inventory.store import corrections
from services.inventory.store.corrections import Correction
from services.inventory.usecases import corrections as usecases
from shared.contract import fields as f
from shared.database.connection import Connection
from shared.http.commands import CommandsDep
from shared.http.dependencies import ContextDep, Db
from shared.security.auth import Identity, Role, allow, found, path

router = APIRouter(tags=["inventory"])

Keeper = Annotated[
    Identity, Depends(allow(Role.PROVINCIAL, Role.STOREKEEPER, scope=found("receipt_id"), cookie=True))
]


class ReversalBody(BaseModel):
    """A receipt was recorded wrongly."""

    at: f.SentInstant
    reason: Reason


class RecountBody(BaseModel):
    """What a shipment really brought, and why it was counted otherwise."""

    at: f.SentInstant
    quantity: f.Count
    reason: Reason


@router.post("/receipts/{receipt_id}/reversal", status_code=201, response_model=ReversedView)
async def reverse_receipt(
    receipt_id: UUID, body: ReversalBody, who: Keeper, deps: Deps, context: ContextDep, commands: CommandsDep
) -> Response:
    """Take a mistyped receipt back, once, and record the right one anew: by whoever may record it."""

    async def command(conn: Connection) -> BaseModel:
        correction = Correction(body.reason, who.subject, body.at)
        place, store = await usecases.reverse_receipt(conn, deps.offices, context, who, receipt_id, correction)
        must_keep(who, place)
        return ReversedView(receipt_id=receipt_id, place=place, store=store)

    return await commands.run(who, body, command, about=f"reversal {receipt_id}", status=201)


@router.post("/shipments/{shipment_id}/recount", status_code=201, response_model=ReceivedView)
async def correct_count(
    shipment_id: UUID, body: RecountBody, who: Receiver, deps: Deps, context: ContextDep, commands: CommandsDep
) -> Response:
    """The office had counted a shipment wrongly: the ledger takes that count back and has the right one."""

    async def command(conn: Connection) -> BaseModel:
        correction = Correction(body.reason, who.subject, body.at)
        return ReceivedView.model_validate(
            await usecases.correct_count(conn, deps.offices, context, who, shipment_id, body.quantity, correction)
        )

    return await commands.run(who, body, command, about=f"recount {shipment_id}", status=201)


@router.get("/places/{place}/receipts")
async def receipts(
    place: PlaceCode,
    who: Annotated[
        Identity, Depends(allow(Role.PROVINCIAL, Role.STOREKEEPER, Role.OPS, scope=path("place"), cookie=True))
    ],
    db: Db,
    after: UUID | None = None,
    limit: Limit = 100,
) -> ReceiptsView:
    """What came from outside into a store room, the last recorded first."""
    async with db.connection() as conn:
        rows = await corrections.receipts(conn, place, after, limit)
    return ReceiptsView(
        place=place,
        receipts=[ReceiptItem.model_validate(row) for row in rows],
        next=rows[-1].receipt_id if len(rows) == limit else None,
    )
