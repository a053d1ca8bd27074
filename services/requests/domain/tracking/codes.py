"""The code by which a family follows a case: ten symbols that nobody can guess, and one that tells a slip of the pen.

Symbols are Crockford's base32 (https://www.crockford.com/base32.html), which leaves out I, L, O and U: what is read
out over a bad line or copied from paper comes back the same. The last symbol is Luhn's check modulo 32: every
single wrong symbol is found, and every two neighbours swapped except 0 with Z.
"""

import secrets
from enum import StrEnum

from stdnum import luhn
from stdnum.util import clean

from shared.problems import Invalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 11
_BITS = 50
"""Of chance in a code: ten symbols of five. With a million codes in use one guess in a thousand million hits one, and
then the digits of the phone have to be right too."""
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})
_PAIRS = [
    (a + b, ALPHABET.index(a) + sum(divmod(2 * ALPHABET.index(b), 32)))  # as stdnum.luhn weighs them, from the right
    for a in ALPHABET
    for b in ALPHABET
]
"""Two symbols by their ten bits, and what they add to the check: codes are made by the thousand."""


class CodeError(StrEnum):
    """Why a text can be no code."""

    LENGTH = "length"
    SYMBOL = "symbol"
    CHECK = "check"


_SAID = {
    CodeError.LENGTH: f"kode di slip terdiri dari {LENGTH} huruf dan angka; periksa lagi slipnya",
    CodeError.SYMBOL: "kode hanya berisi huruf dan angka, tanpa huruf U; periksa lagi slipnya",
    CodeError.CHECK: "satu huruf atau angka keliru, atau tertukar; periksa lagi slipnya",
}


class Misread(Invalid):
    """422: no code can read so; `slip` is why."""

    def __init__(self, slip: CodeError) -> None:
        super().__init__(_SAID[slip], field="kode")
        self.slip = slip


def new_code() -> str:
    """A code by the system's source of randomness, `LENGTH` symbols without hyphens."""
    chance = secrets.randbits(_BITS)
    text, check = "", 0
    for _ in range(5):
        symbols, weight = _PAIRS[chance & 1023]
        chance >>= 10
        text += symbols
        check += weight
    return text + ALPHABET[-check % 32]


def read_given(text: str, field: str) -> str:
    """The code of a slip that a caller sends. Raises Invalid (422) naming the field."""
    try:
        return read(text)
    except Misread as misread:
        raise Invalid(_SAID[misread.slip], field=field) from None


def shown(code: str) -> str:
    """As it is printed and read out: "7KQ4-M2XD-9FC"."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def read(text: str) -> str:
    """The code that somebody typed: in any case, with or without spaces and hyphens, I and L for 1, O for 0.

    Raises Misread (422) naming `kode`: of another length, with a strange symbol, or the check symbol does not match.
    """
    code = clean(text, " -._\t\n\r").upper().translate(_LOOKALIKES)
    if len(code) != LENGTH:
        raise Misread(CodeError.LENGTH)
    if not set(code) <= set(ALPHABET):
        raise Misread(CodeError.SYMBOL)
    if not luhn.is_valid(code, ALPHABET):
        raise Misread(CodeError.CHECK)
    return code


def read_if(text: str | None) -> str | None:
    """The code that somebody typed among other things; None for what is no code."""
    try:
        return read(text) if text else None
    except Misread:
        return None
