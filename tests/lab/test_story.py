import json
from collections.abc import Callable
from datetime import date

import pytest

from lab.simulate.outcome.story import Pending, Story
from lab.simulate.outcome.verdict import PENDING, judge, to_json
from tests.lab.stories import at, ended_on, story


def test_a_good_story_has_no_problems_and_always_the_same_bytes() -> None:
    assert judge(story()).problems == judge(story()).under_way == []
    assert to_json(story()) == to_json(story())


def pass_a_double(found: Story) -> None:
    found.tally.known_already -= 1


def lose_a_card(found: Story) -> None:
    found.days[3].closing -= 1


def print_twice(found: Story) -> None:
    found.days[3].printed += 1
    found.days[3].closing -= 1


def report_nothing(found: Story) -> None:
    found.days[5].reported = False


def begin_anew(found: Story) -> None:
    found.days[5].opening += 1
    found.days[5].closing += 1


def tell_nobody(found: Story) -> None:
    found.alerts.clear()


def tell_too_little(found: Story) -> None:
    found.days[28].critical_at = found.days[28].closing


def tell_twice(found: Story) -> None:
    found.alerts *= 2


def lose_the_message(found: Story) -> None:
    found.alerts[0].told = 0


def double_the_message(found: Story) -> None:
    found.alerts[0].told = 2


def answer_nothing(found: Story) -> None:
    found.alerts[0].acknowledged = None


def answer_late(found: Story) -> None:
    found.alerts[0].acknowledged = at(date(2026, 4, 29), 10)


def ship_nothing(found: Story) -> None:
    found.shipments.clear()


def receive_nothing(found: Story) -> None:
    found.shipments[0].received = None


def receive_late(found: Story) -> None:
    found.shipments[0].due = date(2026, 5, 4)


def never_resolve(found: Story) -> None:
    found.alerts[0].resolved = None


def miss_a_visit(found: Story) -> None:
    found.pending = [Pending("visit", 2, date(2026, 5, 5))]


def forget_a_case(found: Story) -> None:
    found.pending = [Pending("unplanned", 1, date(2026, 5, 5))]


def forget_a_card(found: Story) -> None:
    found.to_print = 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lose_a_card, "laporan 2026-04-09 tidak seimbang"),
        (print_twice, "cetakan: 660 diterima, 661 di buku besar"),
        (report_nothing, "laporan 2026-04-11 tidak ada"),
        (begin_anew, "laporan 2026-04-11 tidak mulai dari akhir hari sebelumnya"),
        (pass_a_double, "berkas ganda: 3 diajukan lagi, 2 dikenali"),
        (tell_nobody, "stok menipis pada 2026-04-28, tetapi provinsi tidak diberi tahu"),
        (tell_too_little, "stok kritis pada 2026-05-04, tetapi provinsi tidak diberi tahu"),
        (tell_twice, "dibuat lebih dari satu kali"),
        (lose_the_message, "sampai ke provinsi 0 kali"),
        (double_the_message, "sampai ke provinsi 2 kali"),
        (answer_nothing, "peringatan MENIPIS 28 Apr tidak ditanggapi, paling lambat Rab, 29 Apr 09.00"),
        (answer_late, "ditanggapi terlambat: Rab, 29 Apr 10.00"),
        (ship_nothing, "ditanggapi, tetapi tidak ada kiriman"),
        (receive_nothing, "kiriman 1.000 blanko belum diterima, seharusnya 5 Mei"),
        (receive_late, "kiriman 1.000 blanko diterima 5 Mei, seharusnya 4 Mei"),
        (never_resolve, "stok pulih pada 2026-05-05, tetapi peringatannya belum selesai"),
        (miss_a_visit, "lewat waktu: 2 kunjungan terjadwal, sejak 5 Mei"),
        (forget_a_case, "lewat waktu: 1 warga tanpa kunjungan dan tanpa alasan, sejak 5 Mei"),
        (forget_a_card, "antrean cetak: 0 kartu siap cetak, 1 di antrean"),
    ],
)
def test_what_was_due_and_did_not_happen_is_named(spoil: Callable[[Story], None], said: str) -> None:
    found = story()
    spoil(found)
    assert any(said in problem for problem in judge(found).problems)
    assert said in json.dumps(json.loads(to_json(found))["verdict"]["problems"])


@pytest.mark.parametrize("day", [date(2026, 4, 6), date(2026, 4, 7), date(2026, 4, 12), date(2026, 4, 27)])
def test_a_story_that_ends_before_a_shortage_needs_no_alert(day: date) -> None:
    assert judge(ended_on(day)).problems == judge(ended_on(day)).under_way == []


@pytest.mark.parametrize(
    ("last_day", "said"),
    [
        (date(2026, 4, 28), "peringatan MENIPIS 28 Apr: tanggapan paling lambat Rab, 29 Apr 09.00"),
        (date(2026, 4, 29), "kiriman 1.000 blanko dalam perjalanan, tiba 5 Mei"),
        (date(2026, 5, 1), "kiriman 1.000 blanko dalam perjalanan, tiba 5 Mei"),  # a holiday
        (date(2026, 5, 3), "kiriman 1.000 blanko dalam perjalanan, tiba 5 Mei"),  # a Sunday
    ],
)
def test_what_is_due_after_the_last_evening_is_no_problem(last_day: date, said: str) -> None:
    found = ended_on(last_day)
    assert judge(found).problems == []
    assert judge(found).under_way == [said]
    assert json.loads(to_json(found))["verdict"]["under_way"] == [said]


def test_an_alert_ended_by_a_delivery_in_time_needs_no_answer() -> None:
    found = story()
    found.alerts[0].acknowledged = None
    found.alerts[0].resolved = found.alerts[0].answer_due
    for day in found.days:
        day.low_at = 0
    assert judge(found).problems == []


@pytest.mark.parametrize("work", PENDING)
def test_a_step_is_late_from_its_own_day_on(work: str) -> None:
    found = story()
    later = date(2026, 5, 6)
    found.pending = [Pending(work, 3, later), Pending(work, 2, None)]
    found.to_print = 5 if work == "print" else 0
    verdict = judge(found)
    assert (verdict.problems, verdict.under_way) == ([], [f"5 {PENDING[work]}, mulai 6 Mei"])
    found.pending[0].due = found.last_day
    verdict = judge(found)
    assert verdict.problems == [f"lewat waktu: 3 {PENDING[work]}, sejak 5 Mei"]
    assert verdict.under_way == [f"2 {PENDING[work]}"]
