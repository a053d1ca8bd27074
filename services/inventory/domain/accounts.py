"""Accounts and movements of blank cards. Cards are never made or lost here: they go from account to account."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

Account = NewType("Account", str)
"""place:kind or place:kind:station, such as "17.02:tray:P1"."""


class MovementKind(StrEnum):
    """What a movement is."""

    RECEIPT = "receipt"
    REFILL = "refill"
    SHIPMENT = "shipment"
    ARRIVAL = "arrival"
    DESTROY = "destroy"
    PRINT = "print"
    SPOIL = "spoil"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class Movement:
    """A number of blank cards from one account to another; `event_id` makes it count once."""

    event_id: UUID
    at: datetime
    place: str
    kind: MovementKind
    source: Account
    target: Account
    quantity: int
    reference: str

    def __post_init__(self) -> None:
        if self.quantity < 1 or self.source == self.target:
            raise ValueError("a movement takes at least one card somewhere else")


def is_province(place: str) -> bool:
    """Whether a place is a province ("17"), not an office ("17.02")."""
    return len(place) == 2


def outside(place: str) -> Account:
    """Where the cards of a place came from: the centre, another district, the opening count. Below zero."""
    return Account(f"{place}:outside")


def store(place: str) -> Account:
    """The store room of a province or an office."""
    return Account(f"{place}:provincial_store" if is_province(place) else f"{place}:office_store")


def tray(office: str, station: str) -> Account:
    """The cards at a print station."""
    return Account(f"{office}:tray:{station}")


def in_transit(office: str) -> Account:
    """Shipped to an office, not yet counted there; after the count, what was missing."""
    return Account(f"{office}:in_transit")


def printed(office: str) -> Account:
    """Cards that were printed and not destroyed: in a hand, or waiting for one."""
    return Account(f"{office}:printed")


def destroyed(office: str) -> Account:
    """Printed cards that were destroyed before they reached a hand."""
    return Account(f"{office}:destroyed")


def receipt(event_id: UUID, at: datetime, place: str, quantity: int, document: str) -> Movement:
    """Cards came from outside, with a document."""
    return Movement(event_id, at, place, MovementKind.RECEIPT, outside(place), store(place), quantity, document)


def refill(event_id: UUID, at: datetime, office: str, station: str, quantity: int) -> Movement:
    """Cards went from the store room into a tray."""
    return Movement(
        event_id, at, office, MovementKind.REFILL, store(office), tray(office, station), quantity, station
    )


def shipment(event_id: UUID, at: datetime, office: str, quantity: int, shipment_id: UUID) -> Movement:
    """Cards left the provincial store for an office."""
    source, target = store(office[:2]), in_transit(office)
    return Movement(event_id, at, office, MovementKind.SHIPMENT, source, target, quantity, str(shipment_id))


def arrival(event_id: UUID, at: datetime, office: str, quantity: int, shipment_id: UUID) -> Movement:
    """Cards of a shipment were counted into the office's store room."""
    source, target = in_transit(office), store(office)
    return Movement(event_id, at, office, MovementKind.ARRIVAL, source, target, quantity, str(shipment_id))


def destruction(event_id: UUID, at: datetime, office: str, print_id: UUID, cause: str) -> Movement:
    """A printed card was destroyed; no blank card is taken by it."""
    source, target = printed(office), destroyed(office)
    return Movement(event_id, at, office, MovementKind.DESTROY, source, target, 1, f"{print_id} {cause}")
