"""Ages and birthdays."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.requests.domain.eligibility import age_on, birthday

births = st.dates(date(1900, 1, 1), date(2025, 12, 31))


@given(births, st.integers(0, 100))
def test_a_birthday_is_the_first_day_of_an_age(born: date, age: int) -> None:
    day = birthday(born, age)
    assert age_on(born, day) == age
    assert age == 0 or age_on(born, day - timedelta(days=1)) == age - 1


def test_who_is_born_on_a_leap_day_ages_on_the_first_of_march() -> None:
    assert birthday(date(2008, 2, 29), 17) == date(2025, 3, 1)
    assert birthday(date(2008, 2, 29), 20) == date(2028, 2, 29)
