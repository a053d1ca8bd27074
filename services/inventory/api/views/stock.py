"""What the routes answer. Counts are blank cards; days are the office's own."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.inventory.domain.levels import Stock
from services.inventory.domain.reports import Report
from services.inventory.store.shipments import Shipment
from shared.fields import StockLevel


class View(BaseModel):
    """Read from the store's dataclasses and rows."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class ReceiptView(View):
    """A store room after a receipt."""

    receipt_id: UUID
    place: str
    quantity: int
    store: int


class ReversedView(View):
    """A store room after a receipt was taken back; below zero when its cards went on before that."""

    receipt_id: UUID
    place: str
    store: int


class ReceiptItem(View):
    """A receipt; with `reversed_at` and `reason` if it was taken back."""

    receipt_id: UUID
    at: datetime
    quantity: int
    document: str
    reversed_at: datetime | None
    reason: str | None


class ReceiptsView(View):
    """Receipts of a place, the last recorded first; `next` is the `after` of the next page, null on the last."""

    place: str
    receipts: list[ReceiptItem]
    next: UUID | None


class TrayView(View):
    """A tray; `needs_opname` when it holds fewer than none: somebody must count (opname)."""

    station: str
    balance: int
    needs_opname: bool

    @classmethod
    def of(cls, station: str, balance: int) -> "TrayView":
        """A tray with its balance."""
        return cls(station=station, balance=balance, needs_opname=balance < 0)


class ReceivedView(View):
    """A shipment after its count; `difference` (selisih) stays in transit."""

    shipment_id: UUID
    office: str
    quantity: int
    expected: int
    difference: int

    @classmethod
    def of(cls, shipment: Shipment) -> "ReceivedView":
        """A received shipment."""
        return cls(
            shipment_id=shipment.id,
            office=shipment.office,
            quantity=shipment.received or 0,
            expected=shipment.dispatched or 0,
            difference=shipment.difference or 0,
        )


class LevelView(View):
    """An office's cards and its level. `cover` and `usage` are in working days and prints a working day."""

    office: str
    on_hand: int
    level: StockLevel
    crossing: int
    usage: float
    cover: float
    low_at: int
    critical_at: int
    recovered_at: int
    rationing: bool
    closed: date | None

    @classmethod
    def of(cls, stock: Stock) -> "LevelView":
        """An office's stock."""
        return cls(**_level(stock))


class StockView(LevelView):
    """With where the cards are. `difference` (selisih) is the part of `in_transit` that was counted missing."""

    store: int
    trays: list[TrayView]
    in_transit: int
    difference: int
    printed: int
    """And not destroyed."""
    spoiled: int
    destroyed: int
    needs_opname: bool

    @classmethod
    def at(cls, stock: Stock, accounts: dict[tuple[str, str], int], difference: int) -> "StockView":
        """An office's stock with the balances of its accounts by (kind, station)."""
        trays = [TrayView.of(station, held) for (kind, station), held in accounts.items() if kind == "tray"]
        return cls(
            **_level(stock),
            store=accounts.get(("office_store", ""), 0),
            trays=trays,
            in_transit=accounts.get(("in_transit", ""), 0),
            difference=difference,
            printed=accounts.get(("printed", ""), 0),
            spoiled=accounts.get(("spoiled", ""), 0),
            destroyed=accounts.get(("destroyed", ""), 0),
            needs_opname=any(tray.needs_opname for tray in trays),
        )


def _level(stock: Stock) -> dict[str, object]:
    limits = stock.thresholds
    return {
        "office": stock.office,
        "on_hand": stock.on_hand,
        "level": stock.level,
        "crossing": stock.crossing,
        "usage": stock.usage,
        "cover": stock.cover,
        "low_at": limits.low_at,
        "critical_at": limits.critical_at,
        "recovered_at": limits.recovered_at,
        "rationing": stock.rationing,
        "closed": stock.closed,
    }


class ProvinceView(View):
    """A provincial store."""

    province: str
    store: int


class StocksView(View):
    """The stores and offices that the caller may see."""

    provinces: list[ProvinceView]
    offices: list[LevelView]


class MovementView(View):
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


class LedgerView(View):
    """A page of the ledger; `next` is the `after` of the next page, null on the last."""

    movements: list[MovementView]
    next: int | None


class ReportView(View):
    """A day's report as last told; opening + received - printed - spoiled = closing.

    `needs_opname` when it closed with fewer cards than none: a receipt is missing, or somebody must count (opname).
    """

    day: date
    revision: int
    opening: int
    received: int
    printed: int
    spoiled: int
    closing: int
    needs_opname: bool

    @classmethod
    def of(cls, report: Report) -> "ReportView":
        """A report."""
        day = report.figures
        return cls(
            day=day.day,
            revision=report.revision,
            opening=report.opening,
            received=day.received,
            printed=day.printed,
            spoiled=day.spoiled,
            closing=report.closing,
            needs_opname=report.closing < 0,
        )


class ReportsView(View):
    """Reports, newest first; `next` is the `before` of the next page, null on the last."""

    office: str
    reports: list[ReportView]
    next: date | None


class ShipmentView(View):
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

    @classmethod
    def of(cls, shipment: Shipment) -> "ShipmentView":
        """A shipment."""
        return cls(
            shipment_id=shipment.id,
            office=shipment.office,
            state=shipment.state,
            approved=shipment.approved,
            approved_at=shipment.approved_at,
            dispatched=shipment.dispatched,
            dispatched_at=shipment.dispatched_at,
            received=shipment.received,
            received_at=shipment.received_at,
            difference=shipment.difference,
        )


class ShipmentsView(View):
    """Shipments by id; `next` is the `after` of the next page, null on the last."""

    shipments: list[ShipmentView]
    next: UUID | None


class DifferenceView(View):
    """Something kept that the movements do not bear out."""

    what: str
    kept: int
    counted: int


class VerificationView(View):
    """The ledger counted again: `ok` when the sum is zero and nothing differs."""

    ok: bool
    sum: int
    movements: int
    differences: list[DifferenceView]
