"""Cells around points (Voronoi), by cutting a frame along the bisectors to the neighbours."""

from dataclasses import dataclass
from math import cos, hypot, radians

from lab.simulate.outcome.story import Place

Point = tuple[float, float]
CORNERS = 3
MARGIN = 2.5
"""Kilometres that the outermost cells reach beyond the outermost points."""


@dataclass(frozen=True)
class Side:
    """An edge of a cell, and the place on its other side (None at the frame)."""

    start: Point
    end: Point
    beyond: int | None


@dataclass(frozen=True)
class Cell:
    """The part of the plane nearest to a place."""

    place: Place
    at: Point
    sides: tuple[Side, ...]


def project(places: list[Place]) -> dict[str, Point]:
    """Kilometres east and south of the first place; good enough within a kabupaten."""
    known = [place for place in places if place.lat is not None and place.lng is not None]
    if not known:
        return {}
    lat0, lng0 = known[0].lat or 0.0, known[0].lng or 0.0
    east = 111.32 * cos(radians(lat0))
    return {p.code: (((p.lng or 0) - lng0) * east, (lat0 - (p.lat or 0)) * 110.57) for p in known}


def cells(places: list[Place]) -> list[Cell]:
    """One cell a place that has a point; none where too few have one to make a map."""
    points = project(places)
    placed = [place for place in places if place.code in points]
    at = _apart([points[place.code] for place in placed])
    if len(at) < CORNERS:
        return []
    frame = _frame(at)
    return [Cell(place, at[n], _cell(n, at, frame)) for n, place in enumerate(placed)]


def _apart(points: list[Point]) -> list[Point]:
    """No two in one spot: a bisector between them would not exist."""
    seen: set[Point] = set()
    found = []
    for x, y in points:
        while (x, y) in seen:
            x += 0.05
        seen.add((x, y))
        found.append((x, y))
    return found


def _frame(points: list[Point]) -> list[Side]:
    hull = _hull(points)
    cx = sum(x for x, _ in hull) / len(hull)
    cy = sum(y for _, y in hull) / len(hull)
    pushed = []
    for x, y in hull:
        far = hypot(x - cx, y - cy) or 1.0
        pushed.append((x + (x - cx) / far * MARGIN, y + (y - cy) / far * MARGIN))
    return [Side(a, b, None) for a, b in zip(pushed, [*pushed[1:], pushed[0]], strict=True)]


def _hull(points: list[Point]) -> list[Point]:
    """The convex hull (monotone chain)."""

    def half(ordered: list[Point]) -> list[Point]:
        chain: list[Point] = []
        for point in ordered:
            while len(chain) >= 2 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        return chain[:-1]

    ordered = sorted(points)
    return half(ordered) + half(ordered[::-1])


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _cell(mine: int, points: list[Point], frame: list[Side]) -> tuple[Side, ...]:
    x, y = points[mine]
    sides = frame
    nearest = sorted(range(len(points)), key=lambda n: hypot(points[n][0] - x, points[n][1] - y))
    for other in nearest[1:]:
        sides = _cut(sides, (x, y), points[other], other)
    return tuple(sides)


def _cut(sides: list[Side], mine: Point, other: Point, number: int) -> list[Side]:
    """Keep what is nearer to `mine` than to `other`."""
    mx, my = (mine[0] + other[0]) / 2, (mine[1] + other[1]) / 2
    nx, ny = other[0] - mine[0], other[1] - mine[1]

    def beyond(p: Point) -> float:
        return (p[0] - mx) * nx + (p[1] - my) * ny

    kept: list[Side] = []
    leaves: Point | None = None
    enters: Point | None = None
    for side in sides:
        a, b = beyond(side.start), beyond(side.end)
        if a <= 0 and b <= 0:
            kept.append(side)
        elif a <= 0 < b:
            leaves = _between(side, a, b)
            kept.append(Side(side.start, leaves, side.beyond))
        elif b <= 0 < a:
            enters = _between(side, a, b)
            kept.append(Side(enters, side.end, side.beyond))
    if leaves is None or enters is None:
        return kept
    place = next(n for n, side in enumerate(kept) if side.end == leaves) + 1
    kept.insert(place, Side(leaves, enters, number))
    return kept


def _between(side: Side, a: float, b: float) -> Point:
    t = a / (a - b)
    return (
        side.start[0] + t * (side.end[0] - side.start[0]),
        side.start[1] + t * (side.end[1] - side.start[1]),
    )
