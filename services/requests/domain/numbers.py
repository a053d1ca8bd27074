"""NIK and telephone numbers as people write them.

A NIK keeps the district of first registration, and a corrected birth date or sex does not change it
(PP 40/2019 Ps 30(2)): what does not match is a warning, never a refusal.
"""

from datetime import date

from lokal.nik import parse_nik
from lokal.phone import parse_phone

from services.requests.domain.people import Sex
from shared.problems import Invalid


def clean_nik(text: str, day: date, field: str) -> str:
    """The 16 digits. Raises Invalid (422) for `field` when this can be no NIK (PP 37/2007 Ps 37)."""
    info = parse_nik(text, reference_date=day)
    if not info.valid or info.nik is None:
        words = "; ".join(issue.message for issue in info.errors)
        raise Invalid(words, field=field, rule="16 angka: PPKKCC DDMMYY SSSS (PP 37/2007 Ps 37)")
    return info.nik


def nik_warnings(nik: str, birth_date: date, sex: Sex) -> list[str]:
    """What in a well-formed NIK differs from what the letter states.

    Two digits of a year do not tell the century, so only these two are compared.
    """
    day = int(nik[6:8])
    warnings = []
    if (Sex.FEMALE if day > 40 else Sex.MALE) is not sex:
        warnings.append("jenis kelamin berbeda dengan yang tersirat di NIK; periksa kartu keluarga")
    if f"{day % 40:02}{nik[8:12]}" != f"{birth_date:%d%m%y}":
        warnings.append("tanggal lahir berbeda dengan yang tersirat di NIK; periksa kartu keluarga")
    return warnings


def clean_phone(text: str, field: str) -> str:
    """The number in E.164. Raises Invalid (422) for `field` when this can be no Indonesian number."""
    info = parse_phone(text)
    if not info.valid or info.e164 is None:
        raise Invalid("; ".join(issue.message for issue in info.errors), field=field, rule="nomor telepon Indonesia")
    return info.e164


def birth_date_of(nik: str, day: date) -> date:
    """The birth date that a NIK says, read so that the person is 16 or older on a day."""
    y = int(nik[10:12])
    d = int(nik[6:8]) % 40
    year = 2000 + y
    if year > day.year - 16:
        year -= 100
    return date(year, int(nik[8:10]), d)
