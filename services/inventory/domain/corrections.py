"""Wrong entries put right: a movement is taken back by its reverse, once, with a reason, and a right one follows.

Both stand at the business time of the wrong one, so that its day is reported as it was; when the mistake was found
is kept beside them.
"""

from enum import StrEnum
from uuid import UUID

from services.inventory.domain.accounts import Kind, Movement


class Reason(StrEnum):
    """Why an entry was wrong."""

    MISCOUNTED = "miscounted"
    MISTYPED = "mistyped"
    TWICE = "twice"
    WRONG_PLACE = "wrong_place"
    FOUND_LATER = "found_later"


def reversal(event_id: UUID, wrong: Movement) -> Movement:
    """The movement that takes `wrong` back."""
    return Movement(
        event_id=event_id,
        at=wrong.at,
        place=wrong.place,
        kind=Kind.REVERSAL,
        source=wrong.target,
        target=wrong.source,
        quantity=wrong.quantity,
        reference=str(wrong.event_id),
    )
