"""Approving a shipment of blank cards to an office."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.problems import Invalid


@dataclass(frozen=True, slots=True)
class Approval:
    """The province's word that an office gets blank cards, perhaps in answer to an alert."""

    shipment_id: UUID
    office: str
    quantity: int
    at: datetime
    alert_id: UUID | None


def must_be_plausible(approval: Approval, largest: int) -> None:
    """Raises Invalid (422) for more cards than the largest shipment."""
    if approval.quantity > largest:
        raise Invalid(
            f"kiriman {approval.quantity} blanko melebihi batas {largest} blanko",
            field="quantity",
            rule=f"paling banyak {largest}",
        )
