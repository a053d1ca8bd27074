"""Birth dates of which only the year is known, as of many who are old and were never registered.

The day is then written as 1 January of the year and marked as estimated. Whether somebody is old enough for a record
or a card must not hang on an estimate: who may be younger than 18 states the whole date.
"""

from collections.abc import Mapping
from datetime import date

from services.requests.domain.eligibility import CARD_AGE
from services.requests.domain.numbers import Said

ERRORS: Mapping[str, Said] = {
    "birth_date.year_only": Said(
        "tahun lahir saja tidak cukup untuk warga semuda ini; isi tanggal lahir lengkap",
        "the year alone is not enough for somebody so young; give the whole date",
        "UU 24/2013 Ps 63(1)",
    ),
}
WARNINGS: Mapping[str, Said] = {
    "birth_date.estimated": Said(
        "tanggal lahir perkiraan: hanya tahunnya yang diketahui; tanyakan kepada warga",
        "an estimated birth date: only the year is known; ask the resident",
    ),
    "birth_date.empty_cell": Said(
        "tanggal ini kosong menurut lembar kerja (31-12-1899 atau 1-1-1900); isi tanggal lahir yang benar",
        "the empty date of a spreadsheet; fill in the birth date",
    ),
}
SPREADSHEET_ZERO = frozenset({date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1904, 1, 1)})
"""What spreadsheets show for an empty cell that is formatted as a date."""


def is_too_young_to_estimate(birth_date: date, day: date) -> bool:
    """Whether somebody born in that year may not have turned 18 on a day."""
    return birth_date.year >= day.year - CARD_AGE - 1
