"""Names of persons as letters write them: what can be no name, and when two spellings are one person's.

A name has letters. More than 60 characters do not fit the card (Permendagri 73/2022 Ps 4(2)): that is a warning, for
the family card may still have them. Titles and degrees are no part of a person's identity: whoever is written
"H. Ma'ruf, S.Pd" once and "Maruf" once is asked about.
"""

import re
from collections.abc import Mapping

from services.requests.domain.numbers import Said
from services.requests.domain.text import number_text
from shared.problems import Invalid, RuleViolation
from shared.reference.village_search.spelling import words

LONGEST_ON_A_CARD = 60
"""Characters, spaces included."""
LAW = "Permendagri 73/2022 Ps 4(2)"

ERRORS: Mapping[str, Said] = {
    "name.letters": Said("nama harus memuat huruf", "a name has letters"),
    "name.nik": Said(
        "ini NIK, bukan nama; apakah kolomnya tertukar?", "this is a NIK, no name; are the columns swapped?"
    ),
}
WARNINGS: Mapping[str, Said] = {
    "name.long": Said(
        "nama lebih dari 60 huruf tidak muat di kartu; periksa kartu keluarga",
        "more than 60 letters do not fit the card; look at the family card",
        LAW,
    ),
}
_NIK = re.compile(r"[0-9]{15,17}")
_BEFORE = frozenset(
    {
        *(
            "h",
            "hj",
            "haji",
            "hajjah",
            "dr",
            "drg",
            "drh",
            "drs",
            "dra",
            "ir",
            "prof",
            "kh",
            "ust",
            "ustad",
            "ustadz",
        ),
        *("ustadzah", "bpk", "bapak", "ibu", "sdr", "sdri", "tn", "ny", "nn", "alm", "almh", "an"),
    }
)
"""Titles and forms of address that stand before a name."""
_ADDRESSED = _BEFORE | {"bu", "pak", "mbah", "mbak", "mas", "bang", "nenek", "kakek"}
"""Besides, how people are spoken of at the counter."""
_DEGREE = re.compile(
    r"\b(([smd]|a\.?md)\.\s?[a-z]{1,4}(\.\s?[a-z]{1,4})*"
    r"|[sm]\s?(pd|pdi|ag|kep|kom|sos|kes|km|hum|ikom|ap|ak|psi|farm|hut|ip|kn|mt|par|sn|th|tp)|amd|am\.?keb)\.?$",
    re.IGNORECASE,
)
"""A degree at the end of a name without a comma before it, as "S.Pd", "SPd" or "A.Md.Keb"."""
_SHORT = dict.fromkeys(
    (
        *("m", "md", "mhd", "moh", "mohd", "moch", "muh", "muhd", "mohamad", "mohammad", "muhamad"),
        *("mochamad", "mochammad", "muchamad", "muchammad"),
    ),
    "muhammad",
) | {
    "abd": "abdul",
    "st": "siti",
}
"""Words of a name that people shorten, by what they stand for."""
_OLD_SPELLING = (("oe", "u"), ("dj", "j"), ("tj", "c"), ("nj", "ny"), ("sj", "sy"), ("ch", "kh"), ("ie", "i"))
"""Letters of the spellings before 1972, by those of today."""
_ALIKE = str.maketrans("vz", "fj")
_DOUBLED = re.compile(r"(.)\1+")


def clean_name(name: str, field: str) -> str:
    """The name. Raises Invalid (422) for `field` when this can be none."""
    if _NIK.fullmatch(re.sub(r"[\s.-]", "", number_text(name))):
        raise Invalid.of([_broken(field, "name.nik")])
    if not any(each.isalpha() for each in name):
        raise Invalid.of([_broken(field, "name.letters")])
    return name


def is_long(name: str) -> bool:
    """Whether a name has more characters than a card."""
    return len(name) > LONGEST_ON_A_CARD


def likeness(name: str) -> str:
    """What the spellings of one person's name have in common: its words without titles, degrees and apostrophes,
    each as it sounds."""
    core = name.split(",")[0]
    while degree := _DEGREE.search(core):
        core = core[: degree.start()].rstrip(" .")
    spelled = words(core) or words(name)
    first = next((at for at, word in enumerate(spelled) if word not in _BEFORE), 0)
    return " ".join(map(sound, spelled[first:]))


def searched(text: str) -> list[str]:
    """The words by which somebody looks for a person, without forms of address and degrees: Bu Siti is siti."""
    spelled = words(text.split(",")[0])
    return [word for word in spelled if word not in _ADDRESSED] or spelled


def sound(word: str) -> str:
    """A word of a name as it sounds, so that spelling variants agree: Moh. and Muhammad, Soetrisno and Sutrisno."""
    spoken = _SHORT.get(word, word)
    for old, new in _OLD_SPELLING:
        spoken = spoken.replace(old, new)
    spoken = _DOUBLED.sub(r"\1", spoken.translate(_ALIKE))
    return spoken.removesuffix("h") if len(spoken) > 3 else spoken


def _broken(field: str, code: str) -> RuleViolation:
    return ERRORS[code].broken(field, code)
