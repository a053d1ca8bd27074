"""The routes of corrected counts of shipments."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.notify.store import recounts as store
from shared.http.dependencies import Db
from shared.problems import NotFound
from shared.security.auth import Identity, Role, allow, found

router = APIRouter(tags=["shipments"])
Reader = Annotated[
    Identity,
    Depends(allow(Role.PROVINCIAL, Role.STOREKEEPER, Role.OPS, scope=found("shipment_id"), cookie=True)),
]


class RecountItem(BaseModel):
    """A corrected count: `quantity` of the `expected`, `difference` more than the count before, below zero fewer."""

    revision: int
    quantity: int
    expected: int
    difference: int
    at: datetime


class Recounts(BaseModel):
    """The corrected counts of a shipment, in their order."""

    shipment_id: UUID
    office: str
    recounts: list[RecountItem]


@router.get("/shipments/{shipment_id}/recounts")
async def recounts_of(shipment_id: UUID, who: Reader, db: Db) -> Recounts:
    """The counts that put an earlier one right; none when the first was."""
    async with db.connection() as conn:
        office = await store.office_of(conn, shipment_id)
        if office is None or not who.sees(office):
            raise NotFound("pengiriman tidak ditemukan", field="shipment_id")
        rows = await store.of_shipment(conn, shipment_id)
    items = [RecountItem.model_validate(dict(row)) for row in rows]
    return Recounts(shipment_id=shipment_id, office=office, recounts=items)
