"""Made-up residents. Every name carries the mark "Sintetis": none of them lives."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from ops.simulate.city import City
from shared.regions import Kelurahan

GIVEN = {
    "L": ("Ahmad", "Budi", "Dedi", "Eko", "Hendra", "Joko", "Rahmat", "Slamet", "Sutrisno", "Yanto"),
    "P": ("Aminah", "Dewi", "Fatimah", "Kartini", "Lestari", "Murni", "Rosmala", "Siti", "Sumarni", "Wati"),
}
FAMILY = ("Hidayat", "Kurniawan", "Lubis", "Nasution", "Pratama", "Saputra", "Siregar", "Utami", "Wijaya", "Zahra")
MARK = "Sintetis"
NO_NIK = 0.1
"""Share of residents whose letter gives no NIK."""


@dataclass(frozen=True)
class Reason:
    """Why somebody cannot come: how often, at which age (years), and what a visit then needs."""

    code: str
    weight: int
    ages: tuple[int, int]
    needs: tuple[str, ...] = ()


REASONS = (
    Reason("lansia", 52, (61, 92)),
    Reason("sakit", 22, (19, 80)),
    Reason("disabilitas", 20, (18, 60), ("accessible",)),
    Reason("odgj", 3, (20, 55), ("large_team",)),
    Reason("lainnya", 3, (19, 60)),
)


def resident(random: Random, city: City, kelurahan: Kelurahan, day: date) -> dict[str, Any]:
    """One resident of a letter, as POST /requests takes it."""
    reason = random.choices(REASONS, [r.weight for r in REASONS])[0]
    sex = random.choice("LP")
    born = day - timedelta(days=365 * random.randint(*reason.ages) + random.randint(20, 340))
    needs = [*reason.needs]
    if sex == "P" and random.random() < 0.15:
        needs.append("female_officer")
    services = [code for code, _ in city.services]
    return {
        "name": f"{random.choice(GIVEN[sex])} {random.choice(FAMILY)} {MARK}",
        "birth_date": born.isoformat(),
        "sex": sex,
        "nik": None if random.random() < NO_NIK else nik(random, kelurahan.code, born, sex),
        "phone": None,
        "address": f"Jalan {MARK} No. {random.randint(1, 180)}, RT 00{random.randint(1, 9)}",
        "service": str(random.choices(services, [weight for _, weight in city.services])[0]),
        "reason": reason.code,
        "needs": needs,
        "marital_status": "kawin" if born.year < day.year - 25 else "belum_kawin",
    }


def nik(random: Random, region: str, born: date, sex: str) -> str:
    """A number of the right shape (PP KK CC DDMMYY SSSS, a woman's day + 40; PP 37/2007 Ps 37)."""
    day = born.day + (40 if sex == "P" else 0)
    return f"{region[:8].replace('.', '')}{day:02}{born:%m%y}{random.randint(1, 400):04}"
