"""A delivery of blank cards from outside: from the centre, another district, or the opening count."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BlankDelivery:
    """Cards for the store room of a province or an office, with the number of their document."""

    at: datetime
    place: str
    quantity: int
    document: str
    same_document: bool = False
    """This is another delivery under the number of one that was recorded."""
    confirmed: bool = False
    """The quantity is right, though an office would use it for months."""
