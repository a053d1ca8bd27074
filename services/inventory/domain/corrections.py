"""Corrections: a wrong movement is reversed once, with a reason, and a right movement follows.

Both have the business time of the wrong one, so that its day is reported as it was. The time of the correction is
stored beside them.
"""

from enum import StrEnum
from uuid import UUID

from services.inventory.domain.accounts import Movement, MovementKind


class Reason(StrEnum):
    """Why an entry was wrong."""

    MISCOUNTED = "miscounted"
    MISTYPED = "mistyped"
    TWICE = "twice"
    WRONG_PLACE = "wrong_place"
    FOUND_LATER = "found_later"


def reversal(event_id: UUID, wrong: Movement) -> Movement:
    """The movement that reverses `wrong`."""
    return Movement(
        event_id=event_id,
        at=wrong.at,
        place=wrong.place,
        kind=MovementKind.REVERSAL,
        source=wrong.target,
        target=wrong.source,
        quantity=wrong.quantity,
        reference=str(wrong.event_id),
    )
