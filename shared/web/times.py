"""Moments as people at an office read them: in the office's zone, by the words of the page's language.

Filters for templates: `{{ row.filed_at | moment(office) }}` is "Rab, 12 Mar 2025 14.05 WIB".
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from shared.reference.offices import Office
from shared.web.words import Words, date_in

DAY, HOUR, MINUTE = 86400, 3600, 60


def moment_in(t: Words, at: datetime, office: Office) -> str:
    """Day and time with the zone's name."""
    local = at.astimezone(office.tz)
    return f"{day_in(t, local.date())} {clock_in(local)} {office.zone_name}"


def day_in(t: Words, day: date) -> str:
    """The day with its weekday: "Rab, 12 Mar 2025"."""
    return f"{t(f'waktu.hari{day.weekday()}')}, {day.day} {t(f'waktu.bulan{day.month}')} {day.year}"


def clock_in(local: datetime) -> str:
    """The time of day of a moment that is in its zone already: "14.05"."""
    return f"{local:%H.%M}"


def window_in(t: Words, starts_at: datetime, ends_at: datetime, office: Office) -> str:
    """From when to when, on one day or on two: "Kam, 26 Nov 2026 09.00–10.30 WIB"."""
    starts, ends = starts_at.astimezone(office.tz), ends_at.astimezone(office.tz)
    until = clock_in(ends) if ends.date() == starts.date() else f"{day_in(t, ends.date())} {clock_in(ends)}"
    return f"{day_in(t, starts.date())} {clock_in(starts)}–{until} {office.zone_name}"


def span_in(t: Words, span: timedelta) -> str:
    """How long, in whole units of the largest that tells enough: "2 hari" from 48 hours on, "5 jam", "35 menit"."""
    seconds = abs(int(span.total_seconds()))
    if seconds >= 2 * DAY:
        return t("waktu.hari", n=seconds // DAY)
    if seconds >= HOUR:
        return t("waktu.jam", n=seconds // HOUR)
    return t("waktu.menit", n=seconds // MINUTE)


def _filter(say: Callable[..., str]) -> Callable[..., str]:
    """A filter in the words of the page that it stands on."""

    @pass_context
    def in_words(context: Context, *given: Any) -> str:
        return say(context["t"], *given)

    return in_words


FILTERS = {
    "moment": _filter(moment_in),
    "date": _filter(date_in),
    "day": _filter(day_in),
    "span": _filter(span_in),
    "until": _filter(window_in),
}
