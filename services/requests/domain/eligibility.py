"""Ages and birthdays."""

from datetime import date

CARD_AGE = 17
"""UU 24/2013 Ps 63(1). The policy says the same, and no office may say other: the print waits for this birthday."""
RECORDING_AGE = 16
"""No record is taken earlier; an office may begin later."""


def age_on(birth_date: date, day: date) -> int:
    """Full years of age on a day."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def birthday(birth_date: date, age: int) -> date:
    """The first day at that age; born on 29 February it is 1 March in a common year."""
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return date(birth_date.year + age, 3, 1)
