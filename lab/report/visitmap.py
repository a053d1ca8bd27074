"""The map of the visits: a cell a kelurahan, darker with more visits, kecamatan numbered as in the table."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from lab.report.geometry import Point, cells
from lab.simulate.outcome.story import Place, Story

SHADES = 5
PADDING = 6.0
BADGE = 19.0
"""How far apart the numbers of two kecamatan must stand, in units of the view box."""


@dataclass(frozen=True)
class Shape:
    """A kelurahan's cell."""

    points: str
    shade: int
    title: str


@dataclass(frozen=True)
class District:
    """A kecamatan: its number on the map, where that stands, and its figures."""

    number: int
    name: str
    x: float
    y: float
    visits: int
    kelurahan: int
    visited: int


@dataclass(frozen=True)
class VisitMap:
    """All that the template draws."""

    width: float
    height: float
    shapes: list[Shape]
    borders: str
    districts: list[District]
    steps: list[str]


def visit_map(story: Story, width: float) -> VisitMap:
    """The map in a view box of this width; its height follows from the ground."""
    drawn = cells(story.places)
    if not drawn:
        return VisitMap(width, 0, [], "", _districts(story.places, {}), [])
    corners = [side.start for cell in drawn for side in cell.sides]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    scale = (width - 2 * PADDING) / (max(x for x, _ in corners) - left)
    height = (max(y for _, y in corners) - top) * scale + 2 * PADDING

    def place(point: Point) -> Point:
        return round((point[0] - left) * scale + PADDING, 1), round((point[1] - top) * scale + PADDING, 1)

    most = max(place.visits for place in story.places) or 1
    shapes = [
        Shape(
            " ".join("{},{}".format(*place(side.start)) for side in cell.sides),
            shade(cell.place.visits, most),
            f"{cell.place.name}, {cell.place.kecamatan}: {cell.place.visits} kunjungan",
        )
        for cell in drawn
    ]
    borders = " ".join(
        "M{},{}L{},{}".format(*place(side.start), *place(side.end))
        for cell in drawn
        for side in cell.sides
        if side.beyond is None or drawn[side.beyond].place.kecamatan != cell.place.kecamatan
    )
    spots = {cell.place.code: place(cell.at) for cell in drawn}
    return VisitMap(width, round(height, 1), shapes, borders, _districts(story.places, spots), _steps(most))


def shade(visits: int, most: int) -> int:
    """0 for none, then 1 to SHADES in equal steps."""
    return -(-visits * SHADES // most) if visits else 0


def _steps(most: int) -> list[str]:
    found = ["0"]
    low = 1
    for n in range(1, SHADES + 1):
        high = most * n // SHADES
        found.append(f"{low}–{high}" if high > low else str(high))
        low = high + 1
    return found


def _districts(places: list[Place], spots: dict[str, Point]) -> list[District]:
    by_name: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_name[place.kecamatan].append(place)
    ordered = sorted(by_name.items(), key=lambda item: (-sum(p.visits for p in item[1]), item[0]))
    centres = _spread([_centre([spots[p.code] for p in within if p.code in spots]) for _, within in ordered])
    found = []
    for number, ((name, within), (x, y)) in enumerate(zip(ordered, centres, strict=True), start=1):
        visits, visited = sum(p.visits for p in within), sum(1 for p in within if p.visits)
        found.append(District(number, name, round(x, 1), round(y, 1), visits, len(within), visited))
    return found


def _centre(points: list[Point]) -> Point:
    if not points:
        return 0.0, 0.0
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _spread(points: list[Point]) -> list[Point]:
    """Push numbers that would hide one another apart, a little at a time."""
    moved = [complex(x, y) for x, y in points]
    for _ in range(60):
        for a, b in combinations(range(len(moved)), 2):
            between = moved[b] - moved[a] or complex(1, 0)
            if abs(between) < BADGE:
                push = between / abs(between) * (BADGE - abs(between)) / 2
                moved[a], moved[b] = moved[a] - push, moved[b] + push
    return [(p.real, p.imag) for p in moved]
