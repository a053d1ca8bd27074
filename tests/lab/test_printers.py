"""Cards on printers that print only so many a day."""

from collections import Counter
from datetime import date

from lab.simulate import CITIES
from lab.simulate.population.city import Station
from lab.simulate.printers import Printers

MONDAY, TUESDAY = date(2026, 4, 6), date(2026, 4, 7)


def test_two_printers_take_turns_until_both_are_at_their_limit() -> None:
    printers = Printers(CITIES["cirebon"].stations)
    given = [printers.give(MONDAY) for _ in range(251)]
    assert given[:4] == ["P1", "P2", "P1", "P2"]
    assert Counter(given) == {"P1": 125, "P2": 125, None: 1}
    assert printers.give(TUESDAY) == "P1"


def test_a_small_printer_leaves_more_to_the_other() -> None:
    printers = Printers((Station("P1", a_day=1), Station("P2", a_day=3)))
    assert [printers.give(MONDAY) for _ in range(5)] == ["P2", "P2", "P1", "P2", None]
