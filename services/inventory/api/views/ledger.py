"""The ledger, the daily reports, and the verification of the ledger."""

from datetime import date, datetime
from uuid import UUID

from pydantic import AliasPath, Field

from services.inventory.api.views.base import InventoryView


class MovementView(InventoryView):
    """One line of the ledger.

    `reference` is a document, a spoil cause, a station, a shipment, the print and the cause of a card that was
    destroyed, or the `event_id` of what a reversal takes back.
    """

    id: int
    event_id: UUID
    at: datetime
    day: date
    kind: str
    source: str
    target: str
    quantity: int
    serial: str | None
    print_id: UUID | None
    reference: str | None


class LedgerView(InventoryView):
    """A page of the ledger; `next` is the `after` of the next page, null on the last."""

    movements: list[MovementView]
    next: int | None


class ReportView(InventoryView):
    """The latest revision of a day's report; opening + received - printed - spoiled = closing.

    `needs_opname` when it closed with fewer cards than none: a receipt is missing, or somebody must count (opname).
    """

    day: date = Field(validation_alias=AliasPath("figures", "day"))
    revision: int
    opening: int
    received: int = Field(validation_alias=AliasPath("figures", "received"))
    printed: int = Field(validation_alias=AliasPath("figures", "printed"))
    spoiled: int = Field(validation_alias=AliasPath("figures", "spoiled"))
    closing: int
    needs_opname: bool


class ReportsView(InventoryView):
    """Reports, newest first; `next` is the `before` of the next page, null on the last."""

    office: str
    reports: list[ReportView]
    next: date | None


class DifferenceView(InventoryView):
    """A stored figure that differs from the movements: `kept` is stored, `counted` is right."""

    what: str
    kept: int
    counted: int


class VerificationView(InventoryView):
    """The ledger counted again: `ok` when the sum is zero and nothing differs."""

    ok: bool
    sum: int
    movements: int
    differences: list[DifferenceView]
