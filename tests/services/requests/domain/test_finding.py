"""What is typed into the search is understood: names, numbers, days."""

from datetime import date, datetime

import pytest

from services.requests.domain.finding import Day, Sought, spans
from services.requests.domain.people import Person, Reason, Sex
from shared.reference.offices import Offices


def person(name: str = "Hj. Siti Aminah, S.Pd", phone: str | None = "+6281200004321") -> Person:
    """Born 17 August 1950."""
    return Person(name, date(1950, 8, 17), Sex.FEMALE, Reason.ELDERLY, "Jalan 1", "1702065708500001", phone)


@pytest.mark.parametrize(
    "typed",
    [
        "siti aminah",
        "AMINAH Siti",
        "Bu Siti",
        "bu  siti kemarin",
        "sitti aminah",
        "Amin",  # the last word is not finished
        "siti ami\u200bnah",
        "1702065708500001",
        "1702 0657 0850 0001",
        "0812-0000-4321",
        "+62 812 0000 4321",
        "4321",
        "siti 4321",
    ],
)
def test_a_person_is_meant(typed: str) -> None:
    assert Sought.of(typed).is_about(person())


@pytest.mark.parametrize(
    "typed", ["siti fatimah", "ami", "sit aminah", "1702065708500002", "4322", "0813-0000-4321", "siti 4322"]
)
def test_a_person_is_not_meant(typed: str) -> None:
    assert not Sought.of(typed).is_about(person())


@pytest.mark.parametrize("one", ["Muhammad Yusuf", "Moh. Yusup", "M. Yusuf"])
def test_shortened_and_old_spellings_agree(one: str) -> None:
    assert Sought.of("muhamad").is_about(person(one))
    assert Sought.of("sutrisno").is_about(person("Soetrisno"))


@pytest.mark.parametrize(
    ("typed", "named", "words"),
    [
        ("470/12/XI", False, ["470", "12", "xi"]),
        ("Panti Jompo Sintetis", True, ["panti", "jompo", "sintetis"]),
        ("SMA Sintetis 1", False, ["sma", "sintetis", "1"]),
        ("470", False, ["470"]),
    ],
)
def test_words_of_a_letter(typed: str, named: bool, words: list[str]) -> None:
    sought = Sought.of(typed)
    assert (bool(sought.persons), sought.letter_words) == (named, words)
    assert sought.is_in("470/12/XI/2026", None) == typed.startswith("470")


@pytest.mark.parametrize(
    ("typed", "day", "text"),
    [
        ("bu siti dari kemarin", Day.YESTERDAY, "bu siti"),
        ("Hari ini", Day.TODAY, ""),
        ("minggu ini aminah", Day.WEEK, "aminah"),
        ("kemarini", None, "kemarini"),
    ],
)
def test_a_day_is_understood(typed: str, day: Day | None, text: str) -> None:
    sought = Sought.of(typed)
    assert (sought.day, sought.text) == (day, text)


def test_a_day_is_of_the_office_s_zone() -> None:
    offices = Offices.load()
    now = datetime.fromisoformat("2026-11-24T16:30:00+00:00")  # half past eleven in Jakarta, the next day in Makassar
    found = {office: span for span in spans(Day.TODAY, offices, now) for office in span.offices}
    assert found["17.02"].begins.isoformat() == "2026-11-24T00:00:00+07:00"
    assert found["53.71"].begins.isoformat() == "2026-11-25T00:00:00+08:00"
    week = spans(Day.WEEK, [offices["17.02"]], now)[0]
    assert (week.begins.day, week.ends.day) == (23, 25)


@pytest.mark.parametrize(
    ("wilayah", "codes"),
    [("17.02", ["17.02"]), ("17.02.06.1004", ["17.02"]), ("17", ["17.02", "17.71"]), ("99", [])],
)
def test_the_offices_of_a_wilayah(wilayah: str, codes: list[str]) -> None:
    assert sorted(office.code for office in Offices.load().overlapping(wilayah)) == codes
    assert len(Offices.load().overlapping("")) == len(list(Offices.load()))
