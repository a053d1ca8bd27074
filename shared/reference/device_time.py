"""What a device says of when something happened, held against the server's clock: the service's business time.

A device's clock may be wrong by days. What it says counts for the figures, but never alone for what binds by law or
for an order in a queue: there the time of receipt counts, which is the server's clock as the command came.

- A moment more than `AHEAD` of the server's clock is refused, and the answer tells the server's time.
- A moment in the past is no error: a queue that waited for weeks is taken.
- What follows something cannot come before it: within `AHEAD` it is taken for the same moment, beyond it is refused.
"""

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel

from shared.contract.events import Event
from shared.problems import Invalid, RuleViolation
from shared.reference.offices import CAPITAL

E = TypeVar("E", bound=Event)
AHEAD = timedelta(hours=24)
"""So far devices may be from the server's clock, and from each other."""
HOURS = int(AHEAD.total_seconds() // 3600)


class WrongClock(Invalid):
    """422: by what it says of time, the device's clock is wrong. The member `server_time` says what the time is."""

    def __init__(self, field: str, rule: str, en: str, code: str, now: datetime) -> None:
        """`now` is the server's clock; it is told in UTC."""
        super().__init__(rule, errors=[RuleViolation(field, rule, code, en=en)])
        self.members = {"server_time": now.astimezone(UTC).isoformat(timespec="seconds")}


def is_ahead(at: datetime, now: datetime) -> bool:
    """Whether a moment lies so far ahead of the server's clock that no command may name it."""
    return at - now > AHEAD


def reject_future(at: datetime, now: datetime, field: str = "at") -> None:
    """Raises WrongClock (422) for a moment that is too far ahead of the server's clock `now`."""
    if is_ahead(at, now):
        rule = (
            f"jam perangkat Anda lebih dari {HOURS} jam di depan jam server ({_shown(now)});"
            " betulkan jam perangkat, lalu kirim lagi"
        )
        en = f"your device's clock is over {HOURS} hours ahead of the server's ({_shown(now)}): set it, send again"
        raise WrongClock(field, rule, en, "at.ahead", now)


def reject_future_fields(body: BaseModel, now: datetime) -> None:
    """Raises WrongClock (422), naming the field, for a moment of a body that is too far ahead of `now`."""
    for name in body.model_fields_set:
        said = getattr(body, name)
        if isinstance(said, datetime):
            reject_future(said, now, name)


def not_before(at: datetime, before: datetime | None, now: datetime, what: str) -> datetime:
    """When something happened that follows something else, which was told to have happened at `before`.

    It is not before that: clocks that differ by up to `AHEAD` do not turn the order around. What was told of the
    first itself counts only as far as it can be true at `now`. `what` names the first, for the words.
    Raises WrongClock (422) for what is told to be earlier still.
    """
    if before is None:
        return at
    first = at_most_now(before, now)
    if first - at > AHEAD:
        raise too_early(at, first, now, what)
    return max(at, first)


def too_early(at: datetime, first: datetime, now: datetime, what: str) -> WrongClock:
    """The problem that `at` is told to be before what it follows."""
    rule = (
        f"paling cepat sejak {what} ({_shown(first)}): jam perangkat Anda berbeda dari jam server ({_shown(now)});"
        " betulkan jam perangkat, lalu kirim lagi"
    )
    en = (
        f"not before what it follows ({_shown(first)}): your device's clock differs from the server's ({_shown(now)})"
    )
    return WrongClock("at", rule, en, "at.early", now)


def at_most_now(at: datetime, now: datetime) -> datetime:
    """A moment that was stored or heard, as far as it can be true at `now`: what is known has happened."""
    return now if is_ahead(at, now) else at


def with_credible_time(event: E, now: datetime) -> E:
    """An event that is heard now: what it tells for a time to come, as an older version may have, is of now."""
    return event.model_copy(update={"at": now}) if is_ahead(event.at, now) else event


def _shown(moment: datetime) -> str:
    """In the zone of the capital, and with its name: an office of another zone knows the difference."""
    return f"{moment.astimezone(CAPITAL):%d-%m-%Y %H.%M} WIB"
