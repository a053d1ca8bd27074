"""When something was done, by a device's word and by the time of receipt."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class When:
    """When something was done, as a device says, and when that was received, by the business clock.

    What binds by law, the ages, is judged at the receipt: no device's clock lifts it. So is a turn in a queue.
    """

    at: datetime
    received_at: datetime
