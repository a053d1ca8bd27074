"""What stands in a cell, and what it means. What is written here, is read here as the same.

A cell that a spreadsheet would take for a formula (OWASP, CSV injection), or whose digits it would round, is written
behind an apostrophe.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from shared.web.words import words_in

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With one of these first, a spreadsheet may compute what it reads."""
_APOSTROPHE = "'"
_ROUNDED = re.compile(r"[0-9]([.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_OURS = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})")
_WORDED = re.compile(r"([0-9]{1,2})[-/. ]*([A-Za-z]{3,9})[-/. ]*([0-9]{4})")
_CLOCK = re.compile(r"[T ]+[0-9]{1,2}[:.][0-9]{2}([:.][0-9]{2}([.,][0-9]+)?)?( ?[AP]M)?Z?$", re.IGNORECASE)
"""The time of day that databases and spreadsheets write behind a date."""
_YEAR = re.compile(r"[0-9]{4}")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *(("jan",), ("feb", "peb"), ("mar",), ("apr",), ("mei", "may"), ("jun",), ("jul",)),
            *(("agu", "agt", "ags", "aug"), ("sep",), ("okt", "oct"), ("nov", "nop"), ("des", "dec")),
        ),
        1,
    )
    for name in names
}
"""Months by their first three letters, as Indonesian and English write them, old spellings too."""
_SEVERAL = re.compile(r"[|,;]")

MOST_DIGITS = 8
"""A longer number is one of a NIK or a telephone, which a spreadsheet would round or rob of its first zero."""

Choice = TypeVar("Choice", bound=StrEnum)


class CellParseError(ValueError):
    """A cell that means nothing: the rule in Indonesian and in English, without what stands there."""

    def __init__(self, rule: str, en: str) -> None:
        super().__init__(rule)
        self.rule, self.en = rule, en


def guarded(text: str) -> str:
    """A text as a cell that is never a formula."""
    return _APOSTROPHE + text if text.startswith((*FORMULA, _APOSTROPHE)) else text


def unguarded(cell: str) -> str:
    """The text of a cell."""
    return cell[1:] if cell.startswith(_APOSTROPHE) and cell[1:].startswith((*FORMULA, _APOSTROPHE)) else cell


def number(cell: str) -> str:
    """Digits, for whoever reads them next. Raises Unread for digits that a spreadsheet has rounded."""
    text = cell.strip().removeprefix(_APOSTROPHE).strip()
    if _ROUNDED.fullmatch(text):
        raise CellParseError(
            "angkanya dibulatkan oleh lembar kerja: jadikan kolom ini Teks, lalu isi lagi",
            "rounded by the spreadsheet: make the column text and fill it in again",
        )
    return text


def kept(cell: str) -> str:
    """A cell of somebody's list, to be written again: it reads as it did, is no formula, and keeps all its digits."""
    text = unguarded(cell)
    digits = text.strip().removeprefix(_APOSTROPHE)
    return guarded_number(digits) if digits.isdecimal() and len(digits) > MOST_DIGITS else guarded(text)


def guarded_number(digits: str) -> str:
    """Digits that a spreadsheet leaves as they are."""
    return _APOSTROPHE + digits if digits else ""


def born(cell: str) -> date | str:
    """A birth date: 17-08-1950, 17/8/1950 00:00, 1950-08-17, 17 Agustus 1950, a place before it; or a year, as it is.

    Raises Unread.
    """
    text = cell.strip().removeprefix(_APOSTROPHE).strip()
    text = _CLOCK.sub("", text.rpartition(",")[2].strip() if "," in text else text)
    if _YEAR.fullmatch(text):
        return text
    try:
        if found := _ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _OURS.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := _WORDED.fullmatch(text):
            return date(int(found[3]), _MONTHS[found[2].lower()[:3]], int(found[1]))
    except (ValueError, KeyError):
        pass
    raise CellParseError("harus tanggal HH-BB-TTTT, misalnya 17-08-1950", "a date DD-MM-YYYY, such as 17-08-1950")


def yes_or_no(cell: str) -> bool:
    """Whether. Raises Unread."""
    match plain(cell):
        case "ya" | "y" | "sudah" | "true" | "1" | "yes" | "x":
            return True
        case "tidak" | "t" | "belum" | "false" | "0" | "no" | "n":
            return False
    raise CellParseError("isi ya atau tidak", "yes or no")


def plain(text: str) -> str:
    """What two spellings of one word have in common."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


class OneOf(Generic[Choice]):
    """Reads a choice by its code, by the word that pages show for it, or by another one in use."""

    def __init__(self, choices: type[Choice], chapter: str, **also: Iterable[str]) -> None:
        """`chapter` is that of the pages' words for the choices, "" where they show the codes."""
        self._known: dict[str, Choice] = {}
        words = {each: words_in(each) for each in ("id", "en")}
        for choice in choices:
            shown = [said(f"{chapter}.{choice.value}") for said in words.values()] if chapter else []
            for word in (choice.value, *shown, *also.get(choice.name, ())):
                self._known[plain(word)] = choice
        listed = {
            each: ", ".join(said(f"{chapter}.{choice.value}") if chapter else choice.value for choice in choices)
            for each, said in words.items()
        }
        self.allowed, self._allowed_en = listed["id"], listed["en"]

    def __call__(self, cell: str) -> Choice:
        """The choice. Raises Unread that lists what may stand there."""
        try:
            return self._known[plain(cell)]
        except KeyError:
            raise CellParseError(f"harus salah satu dari: {self.allowed}", f"one of: {self._allowed_en}") from None


def several(read: Callable[[str], Choice]) -> Callable[[str], list[Choice]]:
    """Reads choices that stand in one cell, as a|b."""

    def read_all(cell: str) -> list[Choice]:
        return list(dict.fromkeys(read(part) for part in _SEVERAL.split(cell) if part.strip()))

    return read_all
