"""Who may apply for a KTP-el, and from which day the card may be printed.

UU 24/2013 Ps 63(1): residents of 17, and those who are or were married. The record is taken from 16 on, so
that the card is ready on the birthday.
"""

from datetime import date

from shared.problems import Invalid

CARD_AGE = 17
RECORDING_AGE = 16
OLDEST = 130
RULE = "perekaman mulai umur 16; kartu mulai umur 17 atau sudah/pernah kawin (UU 24/2013 Ps 63(1))"


def age_on(birth_date: date, day: date) -> int:
    """Full years of age on a day."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def birthday(birth_date: date, age: int) -> date:
    """The first day at that age; born on 29 February it is 1 March in a common year."""
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return date(birth_date.year + age, 3, 1)


def print_on_hold_until(birth_date: date, married: bool, day: date, field: str) -> date | None:
    """The 17th birthday while the card must wait for it, None when it may be printed at once.

    Raises Invalid (422) for `field` when no record may be taken on that day.
    """
    age = age_on(birth_date, day)
    if age > OLDEST or birth_date > day:
        raise Invalid(
            "tanggal lahir tidak masuk akal untuk tanggal permohonan ini",
            field=field,
            rule=f"umur 0 sampai {OLDEST} tahun",
        )
    if age >= CARD_AGE or married:
        return None
    if age < RECORDING_AGE:
        raise Invalid(
            f"belum berumur {RECORDING_AGE} tahun dan belum pernah kawin: belum dapat direkam", field=field, rule=RULE
        )
    return birthday(birth_date, CARD_AGE)
