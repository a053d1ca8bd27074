"""The chart of the stock, day by day: a staircase down, the thresholds, the alert and the delivery."""

from dataclasses import dataclass
from datetime import datetime

from lab.simulate.outcome.story import Story
from ops.formatting import LEVELS, number, short_day

LEFT, RIGHT, TOP, BOTTOM = 44, 14, 26, 30
OPENS, CLOSES = 8, 16


@dataclass(frozen=True)
class Mark:
    """A point worth a word."""

    x: float
    y: float
    text: str
    kind: str
    below: int
    """Where the text's base line is, below the point."""


@dataclass(frozen=True)
class ServiceClient:
    """A horizontal line with its label."""

    y: float
    text: str
    kind: str


@dataclass(frozen=True)
class Chart:
    """All that the template draws, in the units of its own view box."""

    width: int
    height: int
    path: str
    area: str
    grid: list[ServiceClient]
    thresholds: list[ServiceClient]
    weeks: list[tuple[float, str]]
    rests: list[tuple[float, float]]
    marks: list[Mark]
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM


class _Scale:
    def __init__(self, story: Story, width: int, height: int) -> None:
        self.first, self.count = story.days[0].day, len(story.days)
        self.highest = max(max(day.opening + day.received, day.closing) for day in story.days)
        self.step = next(
            s for s in (50, 100, 200, 250, 500, 1000, 2500, 5000, 10_000, 10**9) if self.highest / s <= 5
        )
        self.top_value = self.step * -(-self.highest // self.step)
        self.width, self.height = width, height

    def x(self, days: float) -> float:
        return round(LEFT + days / self.count * (self.width - LEFT - RIGHT), 1)

    def at(self, moment: datetime) -> float:
        return self.x((moment.date() - self.first).days + moment.hour / 24)

    def y(self, cards: float) -> float:
        return round(TOP + (1 - cards / self.top_value) * (self.height - TOP - BOTTOM), 1)


def usage(story: Story) -> float:
    """Cards a working day, over the days on which cards were printed."""
    days = [day.printed + day.spoiled for day in story.days if day.printed]
    return sum(days) / len(days) if days else 0.0


def chart(story: Story, width: int, height: int) -> Chart:
    """The chart for a view box of this size."""
    scale = _Scale(story, width, height)
    corners = _corners(story, scale)
    path = "M" + " L".join(f"{x},{y}" for x, y in corners)
    base = scale.y(0)
    weeks = [(scale.x(n), short_day(day.day)) for n, day in enumerate(story.days) if day.day.weekday() == 0]
    return Chart(
        width,
        height,
        path,
        f"{path} L{corners[-1][0]},{base} L{corners[0][0]},{base} Z",
        [ServiceClient(scale.y(v), number(v), "grid") for v in range(0, scale.top_value + 1, scale.step)],
        _thresholds(story, scale),
        weeks,
        [(scale.x(n), scale.x(n + 1) - scale.x(n)) for n, day in enumerate(story.days) if not day.working],
        _marks(story, scale),
    )


def _corners(story: Story, scale: _Scale) -> list[tuple[float, float]]:
    """Deliveries at the hour they came, prints spread over the hours the office is open."""
    corners: list[tuple[float, float]] = []
    deliveries = {shipment.received.date(): shipment for shipment in story.shipments if shipment.received}
    for n, day in enumerate(story.days):
        start = day.opening if n else day.opening + day.received
        corners.append((scale.x(n + OPENS / 24), scale.y(start)))
        shipment = deliveries.get(day.day) if n else None
        if shipment is not None and shipment.received is not None:
            x = scale.at(shipment.received)
            corners += [(x, scale.y(start)), (x, scale.y(start + day.received))]
        corners.append((scale.x(n + CLOSES / 24), scale.y(day.closing)))
    return corners


def _thresholds(story: Story, scale: _Scale) -> list[ServiceClient]:
    pairs = (("low", story.low_at), ("critical", story.critical_at))
    return [ServiceClient(scale.y(cards), f"{LEVELS[kind]}: {number(cards)}", kind) for kind, cards in pairs]


def _marks(story: Story, scale: _Scale) -> list[Mark]:
    marks = []
    for alert in story.alerts:
        nth, day = next((n, d) for n, d in enumerate(story.days) if d.day == alert.raised)
        text = f"{LEVELS[alert.level]} {short_day(day.day)}"
        marks.append(Mark(scale.x(nth + CLOSES / 24), scale.y(day.closing), text, alert.level, 17))
    for shipment in story.shipments:
        if shipment.received:
            day = next((d for d in story.days if d.day == shipment.received.date()), story.days[-1])
            x, y = scale.at(shipment.received), scale.y(day.opening + day.received)
            text = f"+{number(shipment.quantity)} datang {short_day(day.day)}"
            marks.append(Mark(x, y, text, "delivery", -9))
    return marks
