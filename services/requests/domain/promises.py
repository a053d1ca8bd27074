"""What a family is promised of a visit: half a day, or a window that the office sets, never the minutes of a plan."""

from datetime import datetime, time, timedelta

from services.requests.domain.clauses import Window
from shared.offices import Office

NOON = time(12)


def promised(office: Office, window: Window, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """From when to when the officers may come, on the office's clock; it holds the planned visit whole."""
    first = [span for span in _spans(office, window, starts_at) if span[0] <= starts_at]
    last = [span for span in _spans(office, window, ends_at) if span[1] >= ends_at]
    begins = first[-1][0] if first else starts_at
    ends = last[0][1] if last else ends_at
    return min(begins, starts_at), max(ends, ends_at)


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
