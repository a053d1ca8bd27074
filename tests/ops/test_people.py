from datetime import date
from random import Random

import lokal
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.simulate.city import CITIES
from ops.simulate.letters import letters
from ops.simulate.people import MARK, resident
from shared.offices import Offices
from shared.regions import kelurahan_of

CITY = CITIES["rejang-lebong"]
OFFICE = Offices.load()[CITY.office]
DAY = date(2026, 4, 7)


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_residents_are_marked_grown_up_and_have_a_nik_that_says_the_same(random: Random) -> None:
    person = resident(random, CITY, random.choice(kelurahan_of(CITY.office)), DAY)
    assert person["name"].endswith(MARK)
    born = date.fromisoformat(person["birth_date"])
    assert (DAY - born).days >= 17 * 365.25
    if person["nik"] is not None:
        info = lokal.parse_nik(person["nik"], reference_date=DAY)
        assert info.valid
        assert info.gender == person["sex"]
        assert info.birth_date is not None
        assert info.birth_date[5:] == person["birth_date"][5:]


def test_the_same_seed_writes_the_same_letters_and_another_does_not() -> None:
    assert letters(CITY, OFFICE, 1, DAY) == letters(CITY, OFFICE, 1, DAY)
    assert letters(CITY, OFFICE, 1, DAY) != letters(CITY, OFFICE, 2, DAY)


@pytest.mark.parametrize("seed", range(5))
def test_a_working_day_asks_for_as_many_residents_as_the_city_says(seed: int) -> None:
    written = letters(CITY, OFFICE, seed, DAY)
    low, high = CITY.residents_a_day
    assert low <= sum(letter.residents for letter in written) <= high
    times = [letter.at for letter in written]
    assert times == sorted(times)
    assert all(OFFICE.opens <= at.time() < OFFICE.closes for at in times)


def test_in_the_weeks_every_kecamatan_has_its_letters() -> None:
    days = [day for day in CITY.calendar(30) if OFFICE.works_on(day)]
    reached = {letter.kelurahan.kecamatan for day in days for letter in letters(CITY, OFFICE, 1, day)}
    assert reached == {k.kecamatan for k in kelurahan_of(CITY.office)}
