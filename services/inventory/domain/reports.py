"""The daily report to the province: opening + received - printed - spoiled = closing.

A day is reported at the office's deadline, by the business time of its movements. A movement that comes later
changes that day, and the opening and closing of the days after it: each is published again, with a new revision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.contract.events import StockReportCorrected, StockReported
from shared.reference.offices import Office

WINDOW = timedelta(days=31)
"""So far back days without a movement are reported too; a device's wrong clock must not make years of them."""


@dataclass(frozen=True, slots=True)
class DayFigures:
    """How a day changed the cards on hand of an office."""

    day: date
    received: int = 0
    printed: int = 0
    spoiled: int = 0


@dataclass(frozen=True, slots=True)
class DailyReport:
    """The report of a day, published or to be published."""

    office: str
    figures: DayFigures
    opening: int
    revision: int

    @property
    def closing(self) -> int:
        """Cards on hand at the end of the day."""
        return self.opening + self.figures.received - self.figures.printed - self.figures.spoiled

    @property
    def needs_opname(self) -> bool:
        """Whether the day closed with fewer cards than none: a receipt is missing, or somebody must count."""
        return self.closing < 0

    def has_same_figures(self, other: "DailyReport") -> bool:
        """Whether both have the same figures."""
        return (self.figures, self.opening) == (other.figures, other.opening)


def due_day(office: Office, at: datetime) -> date:
    """The last day whose report is due."""
    today = office.day_of(at)
    passed = office.moment(today, office.report_deadline) <= at
    return today if passed else today - timedelta(days=1)


def reports_to_publish(
    office: str,
    opening: int,
    days: Sequence[DayFigures],
    published: Mapping[date, DailyReport],
    start: date,
    due: date,
) -> list[DailyReport]:
    """The reports from `start` to `due` that are new or differ from the published ones.

    `opening` is the number of cards on hand at the beginning of `start`.
    """
    moved = {day.day: day for day in days}
    quiet_from = max(start, due - WINDOW)
    quiet = {quiet_from + timedelta(days=n) for n in range((due - quiet_from).days + 1)}
    fresh = []
    for day in sorted(quiet | moved.keys() | published.keys()):
        before = published.get(day)
        report = DailyReport(office, moved.get(day, DayFigures(day)), opening, before.revision + 1 if before else 1)
        if before is None or not report.has_same_figures(before):
            fresh.append(report)
        opening = report.closing
    return fresh


def event_of(report: DailyReport, at: datetime) -> StockReported:
    """The report as an event: StockReported first, StockReportCorrected from the second revision on."""
    day = report.figures
    content = {
        "at": at,
        "office": report.office,
        "province": report.office[:2],
        "day": day.day,
        "opening": report.opening,
        "received": day.received,
        "printed": day.printed,
        "spoiled": day.spoiled,
        "closing": report.closing,
    }
    if report.revision == 1:
        return StockReported.model_validate(content)
    return StockReportCorrected.model_validate({**content, "revision": report.revision})
