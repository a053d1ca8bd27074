import re
from datetime import date
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.report.geometry import Cell, cells
from lab.report.page import render
from lab.simulate.outcome.story import Place
from tests.lab.stories import ended_on, story

VOID = {"meta", "line", "rect", "circle", "path", "br"}


class Nesting(HTMLParser):
    """Fails on a tag that is closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone() -> None:
    page = render(story())
    nesting = Nesting()
    nesting.feed(page)
    assert nesting.open == []
    assert not nesting.seen & {"script", "link", "img", "iframe"}
    assert re.findall(r"(?:https?:)?//\w[^\s\"']*", page) == []
    assert len(page) < 250_000


def test_the_page_answers_first() -> None:
    page = render(story())
    assert "660 KTP-el tercetak untuk warga yang tidak bisa datang; blanko tidak pernah habis." in page
    assert "Buku besar seimbang." in page
    assert "+1.000 datang 5 Mei" in page


def test_drives_and_refusals_are_reported_with_the_rules_source() -> None:
    page = render(story())
    for words in ("SMA Sintetis 1 Curup", "Sekolah, Talang Benih", "Rab, 15 Apr: 14", "recording from the age of 16"):
        assert words in page
    assert "perekaman mulai umur 16 tahun <strong>UU 24/2013 Ps 63(1)</strong>" in page
    assert "kunjungan per desa" in page
    city = story()
    city.office = "32.74"
    assert "kunjungan per kelurahan" in render(city)


def test_a_story_that_does_not_add_up_says_so() -> None:
    found = story()
    found.on_hand -= 1
    page = render(found)
    assert "Perlu diperiksa" in page
    assert "Buku besar seimbang." not in page


def test_a_story_without_alert_or_cards_is_a_page_too() -> None:
    found = story()
    found.alerts, found.shipments, found.timeline, found.places = [], [], [], []
    for day in found.days:
        day.printed = day.prints = day.visits = 0
    assert "tidak pernah menipis" in render(found)


def test_what_is_under_way_is_told_beside_a_good_verdict() -> None:
    page = render(ended_on(date(2026, 4, 29)))
    assert "Buku besar seimbang." in page
    assert "<li>kiriman 1.000 blanko dalam perjalanan, tiba 5 Mei</li>" in page
    assert "Masih berjalan" not in render(story())


def test_a_story_of_one_day_is_a_page_too() -> None:
    assert "Buku besar seimbang." in render(ended_on(date(2026, 4, 6)))


def area(cell: Cell) -> float:
    turns = (s.start[0] * s.end[1] - s.end[0] * s.start[1] for s in cell.sides)
    return abs(sum(turns)) / 2


def around(cell: Cell) -> bool:
    """Whether a cell's place lies in it (it is convex)."""
    x, y = cell.at
    turns = [
        (s.end[0] - s.start[0]) * (y - s.start[1]) - (s.end[1] - s.start[1]) * (x - s.start[0]) for s in cell.sides
    ]
    return all(turn >= -1e-6 for turn in turns) or all(turn <= 1e-6 for turn in turns)


GRID = st.sets(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=6, max_size=40)


@settings(max_examples=40, deadline=None)
@given(GRID)
def test_cells_hold_their_places_and_leave_no_ground_out(points: set[tuple[int, int]]) -> None:
    if len({x for x, _ in points}) < 3 or len({y for _, y in points}) < 3:
        return
    spread = [Place(str(n), "", "", -3 + y / 100, 102 + x / 100, 0) for n, (x, y) in enumerate(sorted(points))]
    drawn = cells(spread)
    assert all(around(cell) for cell in drawn)
    frame = [side for cell in drawn for side in cell.sides if side.beyond is None]
    whole = abs(sum(s.start[0] * s.end[1] - s.end[0] * s.start[1] for s in frame)) / 2
    assert abs(sum(area(cell) for cell in drawn) - whole) <= 1e-3 * whole + 1e-3
