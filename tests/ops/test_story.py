from collections.abc import Callable

import pytest

from ops.simulate.story import Story
from tests.ops.stories import story


def test_a_good_story_has_no_problems_and_is_the_same_bytes_twice() -> None:
    assert story().problems() == []
    assert story().to_json() == story().to_json()


def pass_a_double(found: Story) -> None:
    found.tally.known_already -= 1


def lose_a_card(found: Story) -> None:
    found.days[3].closing -= 1


def print_twice(found: Story) -> None:
    found.days[3].printed += 1
    found.days[3].closing -= 1


def tell_nobody(found: Story) -> None:
    found.alerts.clear()


def tell_twice(found: Story) -> None:
    found.alerts *= 2


def answer_nothing(found: Story) -> None:
    found.alerts[0].acknowledged = None


def ship_nothing(found: Story) -> None:
    found.shipments.clear()


def receive_nothing(found: Story) -> None:
    found.shipments[0].received = None


def test_a_story_shorter_than_a_month_need_not_run_low() -> None:
    found = story()
    found.alerts.clear()
    del found.days[20:]
    found.on_hand = found.days[-1].closing
    assert found.problems() == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lose_a_card, "laporan 2026-04-09 tidak seimbang"),
        (print_twice, "cetakan: 660 diterima, 661 di buku besar"),
        (pass_a_double, "berkas ganda: 3 diajukan lagi, 2 dikenali"),
        (tell_nobody, "dibuat 0 kali"),
        (tell_twice, "dibuat 2 kali"),
        (answer_nothing, "tidak ditanggapi"),
        (ship_nothing, "tidak ada kiriman"),
        (receive_nothing, "belum diterima"),
    ],
)
def test_what_is_wrong_is_named(spoil: Callable[[Story], None], said: str) -> None:
    found = story()
    spoil(found)
    assert any(said in problem for problem in found.problems())
