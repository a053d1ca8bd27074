"""Names as they are compared: small letters, without accents and apostrophes."""

import re
import unicodedata
from collections.abc import Iterator

_JOINED = re.compile("['`´‘’]")
_APART = re.compile("[^a-z0-9]+")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def words(text: str) -> list[str]:
    """The words of a name: "Pasi Kuala Ba'u" is pasi, kuala, bau."""
    plain = text.lower()
    if not plain.isascii():
        spread = unicodedata.normalize("NFKD", _JOINED.sub("", plain)).lower()
        plain = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return _APART.sub(" ", _JOINED.sub("", plain)).split()


def slips_at(word: str, at: int) -> Iterator[str]:
    """What may have been meant where a letter is missing, too many, wrong, or swapped with the next, at one place.

    The letters before the place stay.
    """
    head, tail = word[:at], word[at:]
    yield from (head + letter + tail for letter in _LETTERS)
    if tail:
        yield head + tail[1:]
        yield from (head + letter + tail[1:] for letter in _LETTERS)
    if len(tail) > 1:
        yield head + tail[1] + tail[0] + tail[2:]
