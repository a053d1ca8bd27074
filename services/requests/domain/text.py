"""Text as people paste it from chats, PDFs and spreadsheets: what nobody can see is left out before it is judged.

Invisible are the format characters of Unicode (category Cf): direction marks, zero-width spaces, soft hyphens, the
byte order mark. Every kind of space is one space, and every dash of a number is a hyphen.
"""

import re
import unicodedata

_SPACES = re.compile(r"[^\S\r\n\t]+")
_BREAKS = re.compile(r"\s+")
_DASHES = re.compile("[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]")
_EMPTY = frozenset({"tidakada", "tdkada", "takada", "nihil", "kosong", "belumada", "null", "nil", "none"})
"""What people write into a cell that has nothing to say, letters only."""


def visible(text: str) -> str:
    """The text without invisible characters, composed (NFC), each run of spaces one space. Line breaks stay."""
    if text.isascii():
        return _SPACES.sub(" ", text).strip(" ")
    seen = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return _SPACES.sub(" ", unicodedata.normalize("NFC", seen)).strip(" ")


def one_line(text: str) -> str:
    """The visible text with its line breaks and tabs as spaces."""
    return _BREAKS.sub(" ", visible(text)).strip()


def number_text(text: str) -> str:
    """The visible text of a number: every kind of dash is the plain one, and no apostrophe leads it."""
    return _DASHES.sub("-", one_line(text).lstrip("'`\u2018\u2019"))


def is_blank(text: str) -> bool:
    """Whether a text says that there is nothing: "-", "...", "0", "tidak ada", "nihil"."""
    letters = "".join(each for each in text.casefold() if each.isalnum())
    return not letters.strip("0") or letters in _EMPTY
