"""What somebody types to find a person or a letter, and how it is understood.

Words of a name in any order and spelling, the last of them perhaps unfinished; a NIK; the last digits of a phone;
words of a letter's number or of an institution's name; a tracking code; and the day of filing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from services.requests.domain.names import likeness, searched, sound
from services.requests.domain.people import Person
from services.requests.domain.text import number_text
from services.requests.domain.tracking.codes import read_if
from shared.reference.offices import Office

LAST_DIGITS = 4
_NIK, _PHONE = 16, 15
_BEGUN = 4
"""Letters of a word that is not finished: fewer would find everybody."""
_MARKS = re.compile(r"[\s.()+-]")
_APART = re.compile(r"[^a-z0-9]+")


class Token(NamedTuple):
    """A word by which a person is found."""

    kind: str
    word: str


class Day(StrEnum):
    """When a letter was filed, by the office's calendar."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"

    def span(self, today: date) -> tuple[date, date]:
        """The first day and the one after the last."""
        tomorrow = today + timedelta(days=1)
        match self:
            case Day.TODAY:
                return today, tomorrow
            case Day.YESTERDAY:
                return today - timedelta(days=1), today
            case Day.WEEK:
                return today - timedelta(days=today.weekday()), tomorrow


_DAYS = (
    (re.compile(r"\b(hari ini|today)\b", re.IGNORECASE), Day.TODAY),
    (re.compile(r"\b((dari )?kemarin|yesterday)\b", re.IGNORECASE), Day.YESTERDAY),
    (re.compile(r"\b(minggu ini|this week)\b", re.IGNORECASE), Day.WEEK),
)


class Span(NamedTuple):
    """From a moment until before another, in these offices, which have one clock."""

    offices: list[str]
    begins: datetime
    ends: datetime


def spans(day: Day, offices: Iterable[Office], now: datetime) -> tuple[Span, ...]:
    """The day in the zone of each of these offices."""
    return tuple(_span(alike, *day.span(alike[0].day_of(now))) for alike in _by_zone(offices))


def spans_on(day: date, offices: Iterable[Office]) -> tuple[Span, ...]:
    """A day of the calendar in the zone of each of these offices."""
    return tuple(_span(alike, day, day + timedelta(days=1)) for alike in _by_zone(offices))


def _by_zone(offices: Iterable[Office]) -> list[list[Office]]:
    zones: dict[str, list[Office]] = {}
    for office in offices:
        zones.setdefault(office.zone, []).append(office)
    return list(zones.values())


def _span(alike: list[Office], first: date, end: date) -> Span:
    begins, ends = (alike[0].moment(each, time()) for each in (first, end))
    return Span([office.code for office in alike], begins, ends)


def tokens_of(person: Person) -> set[Token]:
    """The words by which this person is found."""
    spoken = likeness(person.name).split()
    found = {Token("name", word) for word in spoken}
    found |= {Token("start", word[:_BEGUN]) for word in spoken if len(word) > _BEGUN}
    if person.nik:
        found.add(Token("nik", person.nik))
    if person.phone:
        found.add(Token("phone", person.phone[-LAST_DIGITS:]))
    return found


@dataclass(frozen=True, slots=True, repr=False)
class Sought:
    """What was typed, without the day; what it cannot be is empty."""

    text: str
    names: tuple[str, ...] = ()
    niks: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    """Digits at the end of a phone."""
    day: Day | None = None

    @classmethod
    def of(cls, typed: str) -> "Sought":
        """Understand it; nothing is refused."""
        text, day = _without_day(number_text(typed))
        whole = _MARKS.sub("", text)
        pieces = [whole] if _is_number(whole) else text.split()
        numbers = [digits for each in pieces if _is_number(digits := _MARKS.sub("", each))]
        rest = " ".join(each for each in pieces if not _is_number(_MARKS.sub("", each)))
        # What has digits and is neither NIK nor phone is of a letter: nobody is called "470/12".
        named = searched(rest) if not any(each.isdigit() for each in rest) else []
        if rest and not named:
            return cls(text, day=day)
        niks = tuple(each for each in numbers if len(each) == _NIK)
        return cls(text, tuple(named), niks, tuple(each for each in numbers if len(each) < _NIK), day)

    @property
    def code(self) -> str | None:
        """The tracking code that it is."""
        return read_if(self.text)

    @property
    def letter_words(self) -> list[str]:
        """The words that a letter's number or an institution's name must have."""
        return [word for word in dict.fromkeys(_APART.split(self.text.lower())) if word]

    @property
    def persons(self) -> list[list[Token]]:
        """Of each word the tokens of which a person must have one; [] when no person can be meant."""
        found = [[Token("name", sound(word))] for word in self.names]
        if self.names and len(begun := sound(self.names[-1])) >= _BEGUN:
            found[-1].append(Token("start", begun[:_BEGUN]))
        found += [[Token("nik", nik)] for nik in self.niks]
        return found + [[Token("phone", digits[-LAST_DIGITS:])] for digits in self.ends]

    def is_about(self, person: Person) -> bool:
        """Whether this person is meant: the digests of words say only that it may be."""
        return (
            self._is_called(likeness(person.name).split())
            and all(person.nik == nik for nik in self.niks)
            and all((person.phone or "").endswith(_international(digits)) for digits in self.ends)
        )

    def is_in(self, number: str, institution: str | None) -> bool:
        """Whether a letter is meant."""
        words = set(_APART.split(f"{number} {institution or ''}".lower()))
        wanted = self.letter_words
        return bool(wanted) and (set(wanted) <= words or number.startswith(self.text))

    def _is_called(self, spoken: Sequence[str]) -> bool:
        if not self.names:
            return True
        *whole, last = [sound(word) for word in self.names]
        begun = len(last) >= _BEGUN and any(word.startswith(last) for word in spoken)
        return set(whole) <= set(spoken) and (last in spoken or begun)


def _without_day(text: str) -> tuple[str, Day | None]:
    for pattern, day in _DAYS:
        if pattern.search(text):
            return " ".join(pattern.sub(" ", text).split()), day
    return text, None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and (LAST_DIGITS <= len(text) <= _PHONE or len(text) == _NIK)


def _international(digits: str) -> str:
    return f"62{digits[1:]}" if digits.startswith("0") and len(digits) > 8 else digits
