"""Names as they are compared: small letters, without accents and apostrophes."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

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


_NUMBERS = (
    *("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"),
    *("duabelas", "tigabelas", "empatbelas", "limabelas"),
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")
_COUNTED = {word: str(number) for of in (_NUMBERS, _ROMAN) for number, word in enumerate(of, 1)}
"""A number in a name, as a word or in Roman letters, in digits."""
_SHORT: Mapping[str, tuple[str, ...]] = {
    "bd": ("bandar",),
    "bj": ("banjar",),
    "bkt": ("bukit",),
    "bt": ("batu", "bukit"),
    "ds": ("dusun",),
    "gg": ("gunung",),
    "gn": ("gunung",),
    "kb": ("kebun", "kebon"),
    "kmp": ("kampung",),
    "kp": ("kampung",),
    "kpg": ("kampung",),
    "kt": ("kota", "kuta"),
    "lb": ("lubuk",),
    "lbk": ("lubuk",),
    "ma": ("muara",),
    "mr": ("muara",),
    "muaro": ("muara",),
    "pd": ("padang", "pondok"),
    "pdg": ("padang",),
    "pl": ("pulau", "pulo"),
    "ps": ("pasar", "pasir"),
    "psr": ("pasar",),
    "sei": ("sungai",),
    "sk": ("suka",),
    "smb": ("sumber",),
    "sp": ("simpang",),
    "spg": ("simpang",),
    "sbr": ("sumber",),
    "tb": ("tebing", "tebat"),
    "tg": ("tanjung",),
    "tj": ("tanjung",),
    "tjg": ("tanjung",),
    "tl": ("talang", "teluk"),
    "tlg": ("talang",),
    "tlk": ("teluk",),
    "uj": ("ujung",),
    "wr": ("waru",),
}
"""What people shorten in the names of villages."""
MOST_VARIANTS, LONGEST_SHORT = 4, 3


def counted(spelled: Sequence[str]) -> list[str]:
    """The words with each number in digits: Pal VIII is pal 8, and so is Pal Delapan."""
    return [_COUNTED.get(word, word) if at else word for at, word in enumerate(spelled)]


def variants(spelled: Sequence[str]) -> list[list[str]]:
    """What may be meant: the words themselves, and with what is shortened in full; the likeliest first."""
    meant = product(*((word, *_SHORT.get(word, ())) for word in spelled))
    # Who shortens a word means it: in full comes before as it stands. What is only spelled otherwise is longer.
    ways = sorted(meant, key=lambda words: sum(word in _SHORT and len(word) <= LONGEST_SHORT for word in words))
    found = [list(words) for words in dict.fromkeys([*ways[:MOST_VARIANTS], tuple(spelled)])]
    return found + [each for words in found if (each := counted(words)) not in found]


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
