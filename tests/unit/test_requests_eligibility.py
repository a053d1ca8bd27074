"""Who may apply and from when a card is printed; what a NIK may and may not differ in."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.domain.eligibility import age_on, birthday, print_on_hold_until
from services.requests.domain.numbers import clean_nik, clean_phone, nik_warnings
from services.requests.domain.people import Sex
from shared.problems import Invalid

TODAY = date(2026, 11, 24)
births = st.dates(date(1930, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("born", "married", "hold"),
    [
        (date(1950, 8, 17), False, None),
        (date(2009, 11, 24), False, None),  # 17 today
        (date(2009, 11, 25), False, date(2026, 11, 25)),  # 17 tomorrow
        (date(2010, 11, 24), False, date(2027, 11, 24)),  # 16 today
        (date(2010, 11, 25), True, None),  # 15 and married
    ],
)
def test_a_card_is_printed_at_17_or_when_married(born: date, married: bool, hold: date | None) -> None:
    assert print_on_hold_until(born, married, TODAY, "birth_date") == hold


@pytest.mark.parametrize("born", [date(2010, 11, 25), TODAY + timedelta(days=1), date(1890, 1, 1)])
def test_who_is_too_young_or_cannot_be_is_told_field_and_rule(born: date) -> None:
    with pytest.raises(Invalid) as refused:
        print_on_hold_until(born, False, TODAY, "residents.3.birth_date")
    assert refused.value.field == "residents.3.birth_date"
    assert refused.value.rule
    assert str(born.year) not in refused.value.detail


def test_too_young_names_the_law() -> None:
    with pytest.raises(Invalid) as refused:
        print_on_hold_until(date(2012, 1, 1), False, TODAY, "birth_date")
    assert "UU 24/2013 Ps 63(1)" in str(refused.value.rule)


@given(births, st.integers(0, 100))
def test_a_birthday_is_the_first_day_of_an_age(born: date, age: int) -> None:
    day = birthday(born, age)
    assert age_on(born, day) == age
    assert age == 0 or age_on(born, day - timedelta(days=1)) == age - 1


@given(births, st.integers(0, 6000))
def test_on_hold_exactly_from_16_to_17(born: date, later: int) -> None:
    day = born + timedelta(days=later)
    try:
        hold = print_on_hold_until(born, False, day, "birth_date")
    except Invalid:
        assert age_on(born, day) < 16
    else:
        assert (hold is not None) == (age_on(born, day) == 16)
        assert hold is None or day < hold <= day + timedelta(days=366)


@given(births, st.sampled_from(Sex), st.integers(1, 9999), st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_the_nik_of_any_century_matches_its_own_birth(born: date, sex: Sex, serial: int, today: date) -> None:
    """Born 1925: the two digits 25 read as 2025 in 2026, and that is no mismatch."""
    day = born.day + (40 if sex is Sex.FEMALE else 0)
    nik = clean_nik(f"170206{day:02}{born:%m%y}{serial:04}", today, "nik")
    assert nik_warnings(nik, born, sex) == []
    other = Sex.MALE if sex is Sex.FEMALE else Sex.FEMALE
    assert len(nik_warnings(nik, born + timedelta(days=1), other)) == 2


def test_a_nik_is_cleaned_and_a_malformed_one_refused_by_field() -> None:
    assert clean_nik("1702-0657 0850 0001", TODAY, "nik") == "1702065708500001"
    for broken in ("123", "1702063213500001", "1702065708500000", "9902065708500001", "1702065708S00001"):
        with pytest.raises(Invalid) as refused:
            clean_nik(broken, TODAY, "residents.0.nik")
        assert refused.value.field == "residents.0.nik"
        assert broken not in refused.value.detail


def test_a_telephone_number_is_kept_in_e164() -> None:
    assert clean_phone("0812-3456-7890", "phone") == "+6281234567890"
    with pytest.raises(Invalid):
        clean_phone("hello", "residents.0.phone")
