"""Working time: the hours an office is open on its working days, in its own zone."""

from datetime import UTC, datetime, timedelta

from shared.reference.offices import Office


def worked_until(office: Office, since: datetime, work: timedelta) -> datetime:
    """The first moment (UTC) at which the office has been open for `work` since `since`."""
    for day in office.working_days_from(office.day_of(since)):
        opens, closes = (office.moment(day, clock).astimezone(UTC) for clock in (office.opens, office.closes))
        begins = max(since.astimezone(UTC), opens)
        if begins < closes:
            if work <= closes - begins:
                return begins + work
            work -= closes - begins
    raise AssertionError("working days go on without end")


def working_days(office: Office, count: int) -> timedelta:
    """As much working time as the office has in so many days."""
    day = datetime(2026, 1, 1)  # noqa: DTZ001  any: its zones know no summer time
    return count * (datetime.combine(day, office.closes) - datetime.combine(day, office.opens))
