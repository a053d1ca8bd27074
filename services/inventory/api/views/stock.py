"""Store rooms, trays and receipts, and the level of an office."""

from datetime import date, datetime
from uuid import UUID

from pydantic import AliasPath, Field

from services.inventory.api.views.base import InventoryView
from services.inventory.domain.levels import Stock
from shared.contract.fields import StockLevel


class ReceiptView(InventoryView):
    """A store room after a receipt."""

    receipt_id: UUID
    place: str
    quantity: int
    store: int


class ReversedView(InventoryView):
    """A store room after a receipt was taken back; below zero when its cards went on before that."""

    receipt_id: UUID
    place: str
    store: int


class ReceiptItem(InventoryView):
    """A receipt; with `reversed_at` and `reason` if it was taken back."""

    receipt_id: UUID
    at: datetime
    quantity: int
    document: str
    reversed_at: datetime | None
    reason: str | None


class ReceiptsView(InventoryView):
    """Receipts of a place, the last recorded first; `next` is the `after` of the next page, null on the last."""

    place: str
    receipts: list[ReceiptItem]
    next: UUID | None


class TrayView(InventoryView):
    """A tray; `needs_opname` when it holds fewer than none: somebody must count (opname)."""

    station: str
    balance: int
    needs_opname: bool

    @classmethod
    def of(cls, station: str, balance: int) -> "TrayView":
        """A tray with its balance."""
        return cls(station=station, balance=balance, needs_opname=balance < 0)


class LevelView(InventoryView):
    """An office's cards and its level. `cover` and `usage` are in working days and prints a working day."""

    office: str
    on_hand: int
    level: StockLevel
    crossing: int
    usage: float
    cover: float
    low_at: int = Field(validation_alias=AliasPath("thresholds", "low_at"))
    critical_at: int = Field(validation_alias=AliasPath("thresholds", "critical_at"))
    recovered_at: int = Field(validation_alias=AliasPath("thresholds", "recovered_at"))
    rationing: bool
    closed: date | None


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
            **dict(LevelView.model_validate(stock)),
            store=accounts.get(("office_store", ""), 0),
            trays=trays,
            in_transit=accounts.get(("in_transit", ""), 0),
            difference=difference,
            printed=accounts.get(("printed", ""), 0),
            spoiled=accounts.get(("spoiled", ""), 0),
            destroyed=accounts.get(("destroyed", ""), 0),
            needs_opname=any(tray.needs_opname for tray in trays),
        )


class ProvinceView(InventoryView):
    """A provincial store."""

    province: str
    store: int


class StocksView(InventoryView):
    """The stores and offices that the caller may see."""

    provinces: list[ProvinceView]
    offices: list[LevelView]
