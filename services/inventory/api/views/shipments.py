"""Shipments to an office."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.inventory.api.views.base import InventoryView


class ReceivedView(InventoryView):
    """A shipment after its count; `difference` (selisih) stays in transit."""

    shipment_id: UUID
    office: str
    quantity: int = Field(validation_alias="received")
    expected: int = Field(validation_alias="dispatched")
    difference: int


class ShipmentView(InventoryView):
    """A shipment. `state` is waiting, dispatched or received; `difference` (selisih) once received."""

    shipment_id: UUID
    office: str
    state: str
    approved: int
    approved_at: datetime
    dispatched: int | None
    dispatched_at: datetime | None
    received: int | None
    received_at: datetime | None
    difference: int | None


class ShipmentsView(InventoryView):
    """Shipments by id; `next` is the `after` of the next page, null on the last."""

    shipments: list[ShipmentView]
    next: UUID | None
