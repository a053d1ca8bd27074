"""Letter numbers: a kelurahan uses each once a year, and a number that comes again is asked about, never refused."""

from dataclasses import dataclass
from datetime import date

from services.requests.domain.rules.checks import Warned
from services.requests.domain.tracking.codes import shown
from shared.web.words import date_in, words_in

FIELD, REPEATED = "letter.number", "letter.repeated"


@dataclass(frozen=True, slots=True)
class Used:
    """An open or finished request whose letter has the number: its letter's date, and the code of its first case."""

    letter_date: date
    tracking: str | None


def spellings(number: str) -> list[str]:
    """The number as it is written and as others write it: in capitals, and without spaces."""
    return list(dict.fromkeys((number, number.upper(), number.replace(" ", ""), number.replace(" ", "").upper())))


def repeated(used: Used, field: str = FIELD) -> Warned:
    """The number was used before: maybe the same letter was filed twice."""
    code = f" ({shown(used.tracking)})" if used.tracking else ""
    day, en = (date_in(words_in(language), used.letter_date) for language in ("id", "en"))
    return Warned(
        field,
        f"nomor surat ini sudah dipakai kelurahan ini untuk permohonan lain dengan surat tanggal {day}{code}:"
        " pastikan bukan surat yang sama",
        REPEATED,
        f"this kelurahan has used the letter number for another request, whose letter is of {en}{code}: make sure it"
        " is not the same letter",
    )
