"""Synthetic residents whose every value is found again, in whatever shape it comes out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()  # noqa: SIM905
COMMON = {"sintetis", "jalan"}
"""Words that stand for nobody."""


@dataclass(frozen=True)
class Resident:
    """Somebody who does not live."""

    name: str
    birth_date: date
    sex: str
    nik: str | None
    phone: str
    address: str
    reason: str

    def body(self, **more: object) -> dict[str, object]:
        """As POST /requests takes them."""
        own = {"name": self.name, "birth_date": self.birth_date.isoformat(), "sex": self.sex, "nik": self.nik}
        rest = {"phone": self.phone, "address": self.address, "reason": self.reason}
        return {**own, **rest, "service": "first", "needs": [], **more}

    def needles(self) -> Iterator[str]:
        """What must be found nowhere, in small letters: as it was given, and as others might write it."""
        yield self.name
        yield self.address
        for word in f"{self.name} {self.address}".replace(".", " ").replace(",", " ").split():
            if len(word) >= 4 and word.isalpha() and word.lower() not in COMMON:
                yield word
        if self.nik:
            yield self.nik
            yield " ".join(self.nik[start : start + 4] for start in (0, 4, 8, 12))
        digits = self.phone.replace("-", "").removeprefix("0")
        yield from (self.phone, self.phone.replace("-", " "), digits, f"{digits[:3]}-{digits[3:7]}-{digits[7:]}")
        day = self.birth_date
        yield from (
            f"{day:%Y-%m-%d}",
            f"{day:%d-%m-%Y}",
            f"{day:%d/%m/%Y}",
            f"{day.day} {MONTHS[day.month - 1]} {day.year}",
        )


ZULAIKHA = Resident(
    "Zulaikhafirda Wongsodirjo Sintetis",
    date(1948, 3, 19),
    "P",
    "1702065903480017",
    "0812-7788-9911",
    "Jalan Kemuningwangi No. 77, RT 003",
    "odgj",
)
BRAMANTIO = Resident(
    "Bramantiokusumo Hadiprawiro Sintetis",
    date(1971, 10, 2),
    "L",
    "1702060210710023",
    "0813-6655-4433",
    "Jalan Cempakagading No. 5, RT 001",
    "disabilitas",
)
KEZIAH = Resident(
    "Keziahputri Tjokrosuharto Sintetis",
    date(2009, 7, 28),
    "P",
    "1702066807090031",
    "0857-1122-3344",
    "Jalan Wijayakrama No. 12, RT 009",
    "sakit",
)
ELSEWHERE = Resident(
    "Ignatiuswardaya Pringgodani Sintetis",
    date(1955, 12, 30),
    "L",
    "1702063012550047",
    "0821-9900-8877",
    "Jalan Srikandiraya No. 40, RT 002",
    "lansia",
)
EVERYONE = (ZULAIKHA, BRAMANTIO, KEZIAH, ELSEWHERE)
