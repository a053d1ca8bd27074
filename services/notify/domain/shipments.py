"""Approving a shipment of blank cards to an office."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.problems import Invalid


@dataclass(frozen=True, slots=True)
class Approval:
    """A grant of blank cards to an office, perhaps in answer to an alert."""

    shipment_id: UUID
    office: str
    quantity: int
    at: datetime
    alert_id: UUID | None


@dataclass(frozen=True, slots=True)
class ShipmentGrant:
    """A shipment as it was approved, on the day it leaves. `approved` is None for one that was not approved here."""

    shipment_id: UUID
    approved: int | None
    alert_id: UUID | None

    def rest(self, dispatched: int) -> int:
        """The cards that were granted and stayed behind."""
        return max((self.approved or 0) - dispatched, 0)


def must_be_plausible(approval: Approval, largest: int) -> None:
    """Raises Invalid (422) for more cards than the largest shipment."""
    if approval.quantity > largest:
        raise Invalid(
            f"kiriman {approval.quantity} blanko melebihi batas {largest} blanko",
            field="quantity",
            rule=f"paling banyak {largest}",
        )
