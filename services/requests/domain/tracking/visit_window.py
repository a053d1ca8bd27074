"""What a family is promised of a visit: half a day, or a window that the office sets, never the minutes of a plan."""

from datetime import datetime, time, timedelta

from services.requests.domain.rules.clauses import Window
from shared.reference.offices import Office

NOON = time(12)


def promised(office: Office, window: Window, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """From when to when the officers may come, on the office's clock; it holds the planned visit whole."""
    begins = max((begin for begin, _ in _spans(office, window, starts_at) if begin <= starts_at), default=starts_at)
    ends = min((end for _, end in _spans(office, window, ends_at) if end >= ends_at), default=ends_at)
    return begins, ends


def _spans(office: Office, window: Window, at: datetime) -> list[tuple[datetime, datetime]]:
    """The spans into which the office divides its day, earliest first."""
    day = office.day_of(at)
    opens, closes = office.moment(day, office.opens), office.moment(day, office.closes)
    if not window.hours:
        noon = min(max(office.moment(day, NOON), opens), closes)
        return [span for span in ((opens, noon), (noon, closes)) if span[0] < span[1]]
    length = timedelta(hours=window.hours)
    count = -(-(closes - opens) // length)
    return [(opens + length * n, min(opens + length * (n + 1), closes)) for n in range(count)]
