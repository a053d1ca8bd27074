"""Residents who do not live: made up from a seed, each name marked "Sintetis".

Their NIK are well formed, but of serials that no district reaches in a day, and their telephone numbers of a prefix
that no operator has: neither can be a real person's.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from lab.simulate.population.city import City
from lab.simulate.population.documents import LACKING, PERMITTED, papers
from lab.simulate.population.weighted_choice import weighted_choice
from shared.contract.fields import ServiceCode
from shared.reference.regions import Kelurahan, kelurahan_of

MARK = "Sintetis"
SERIALS = range(9001, 10_000)
"""Counted from 0001 for those of a district born on one day: no district has 9,000 of them."""
PREFIX = "0840"
"""Of no operator."""
NO_NIK, NO_PHONE = 0.1, 0.35
"""Shares of residents whose letter gives none."""
OTHER_DISTRICT, MIGRANT, RETIRED = 0.10, 0.05, 0.02
"""Shares of NIK that were given in another district of the city, elsewhere, and in a district that is no more."""
OTHER_BIRTH_DATE, OTHER_SEX = 0.012, 0.004
"""Shares of NIK that keep a birth date or sex that was corrected since."""


@dataclass(frozen=True)
class Why:
    """Why somebody cannot come: at which ages (years), for which services, and what a visit then needs."""

    ages: tuple[int, int]
    services: tuple[tuple[ServiceCode, int], ...]
    needs: tuple[tuple[str, float], ...] = ()


MIXED = (
    (ServiceCode.FIRST, 40),
    (ServiceCode.LOST, 20),
    (ServiceCode.DAMAGED, 20),
    (ServiceCode.DATA_CHANGE, 9),
    (ServiceCode.PHOTO, 8),
    (ServiceCode.MOVE_IN, 3),
)
WHY = {
    "lansia": Why((61, 92), MIXED, (("escort", 0.04),)),
    "sakit": Why((19, 80), MIXED),
    "disabilitas": Why((18, 60), MIXED, (("accessible", 1), ("escort", 0.2))),
    "odgj": Why((20, 55), ((ServiceCode.FIRST, 75), (ServiceCode.LOST, 25)), (("large_team", 1), ("escort", 0.7))),
    "lainnya": Why((19, 60), MIXED),
    "warga_binaan": Why((19, 62), ((ServiceCode.FIRST, 45), (ServiceCode.LOST, 50), (ServiceCode.DAMAGED, 5))),
}
# From 16 on a record may be taken; a few lists have somebody younger, whom the rules refuse.
PUPIL = Why((16, 17), ((ServiceCode.FIRST, 1),))
TOO_YOUNG = 0.02
VULNERABLE = (("orang_terlantar", 3), ("korban_bencana_alam", 2), ("komunitas_terpencil", 1))


@dataclass(frozen=True)
class Resident:
    """A line of the list: what the letter says of a resident, in the words of the API."""

    name: str
    birth_date: date
    sex: str
    address: str
    kelurahan: str
    reason: str
    service: str
    nik: str | None = None
    phone: str | None = None
    marital_status: str | None = None
    photo_reason: str | None = None
    recorded_before: bool | None = None
    vulnerable: str | None = None
    needs: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    family_card: bool = False

    def birthday(self, years: int) -> date:
        """The first day at that age; born on 29 February it is 1 March in a common year."""
        try:
            return self.birth_date.replace(year=self.birth_date.year + years)
        except ValueError:
            return date(self.birth_date.year + years, 3, 1)

    def body(self) -> dict[str, Any]:
        """As POST /requests takes it."""
        mine = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "kelurahan"}
        return {
            **mine,
            "birth_date": self.birth_date.isoformat(),
            "needs": [*self.needs],
            "documents": [*self.documents],
        }


@dataclass
class People:
    """Makes residents of a city, no two of them with the same NIK."""

    city: City
    random: Random
    taken: set[str] = field(default_factory=set)

    def household(self, size: int) -> list[Resident]:
        """People at one address who cannot come."""
        home = self.random.choice(kelurahan_of(self.city.office))
        address = self.address()
        return [self.one(weighted_choice(self.random, self.city.reasons), home, address) for _ in range(size)]

    def pupil(self) -> Resident:
        """Of a school's upper classes."""
        home = self.random.choice(kelurahan_of(self.city.office))
        return self._of(PUPIL, "lainnya", home, self.address(), self._pupils_birth())

    def prisoner(self, prison: Kelurahan) -> Resident:
        """In whatever district they were first registered; their address is the prison's."""
        return self.one("warga_binaan", prison, f"Blok {self.random.choice('ABCD')}, Lapas {MARK}")

    def of_the_public(self) -> Resident:
        """Who comes to a drive in the ward."""
        return self.one("lainnya", self.random.choice(kelurahan_of(self.city.office)), self.address())

    def one(self, reason: str, home: Kelurahan, address: str) -> Resident:
        """A resident with this reason."""
        why = WHY[reason]
        years = self.random.randint(*why.ages)
        born = self.city.first_day - timedelta(days=365 * years + self.random.randint(20, 340))
        return self._of(why, reason, home, address, born)

    def _pupils_birth(self) -> date:
        """Most are 17, some turn 17 these weeks, some next year."""
        young, old = PUPIL.ages
        days = self.random.randint(young * 366, (old + 1) * 365)
        if self.random.random() < TOO_YOUNG:
            days = self.random.randint(15 * 366, young * 365 - 60)
        return self.city.first_day - timedelta(days=days)

    def _of(self, why: Why, reason: str, home: Kelurahan, address: str, born: date) -> Resident:
        random, names = self.random, self.city.names
        sex = random.choice("LP") if reason != "warga_binaan" else "L"
        service = weighted_choice(random, why.services)
        needs = [need for need, share in why.needs if random.random() < share]
        if sex == "P" and random.random() < 0.15:
            needs.append("female_officer")
        # A prison sends its papers ready.
        given, photo_reason = papers(random, service, 0 if reason == "warga_binaan" else LACKING)
        return Resident(
            name=f"{random.choice(names.male if sex == 'L' else names.female)} {random.choice(names.last)} {MARK}",
            birth_date=born,
            sex=sex,
            address=address,
            kelurahan=home.code,
            reason=reason,
            service=service,
            nik=None if random.random() < NO_NIK else self._nik(home, born, sex),
            phone=None if random.random() < NO_PHONE else f"{PREFIX}{random.randrange(10**8):08}",
            marital_status=_status(random, (self.city.first_day - born).days // 365),
            photo_reason=photo_reason,
            recorded_before=service is not ServiceCode.FIRST,
            vulnerable=weighted_choice(random, VULNERABLE) if random.random() < 0.01 else None,
            needs=tuple(needs),
            documents=given,
            family_card=random.random() < 0.08,
        )

    def address(self) -> str:
        """A street that is nowhere."""
        number, rt, rw = (self.random.randint(1, top) for top in (180, 9, 12))
        return f"Jl. {MARK} No. {number} RT {rt:03}/RW {rw:03}"

    def _nik(self, home: Kelurahan, born: date, sex: str) -> str:
        """One that nobody on the list has yet (PP KK CC DDMMYY SSSS, a woman's day + 40; PP 37/2007 Ps 37)."""
        district = self._district(home)
        if self.random.random() < OTHER_BIRTH_DATE:
            born = born.replace(day=born.day % 28 + 1)
        if self.random.random() < OTHER_SEX:
            sex = "L" if sex == "P" else "P"
        while True:
            found = nik(self.random, district, born, sex)
            if found not in self.taken:
                self.taken.add(found)
                return found

    def _district(self, home: Kelurahan) -> str:
        drawn = self.random.random()
        for share, districts in (
            (RETIRED, self.city.retired),
            (MIGRANT, self.city.migrants),
            (OTHER_DISTRICT, tuple(k.code[:8] for k in kelurahan_of(self.city.office))),
        ):
            if drawn < share:
                return self.random.choice(districts)
            drawn -= share
        return home.code[:8]


def nik(random: Random, district: str, born: date, sex: str) -> str:
    """A number of the right shape."""
    day = born.day + (40 if sex == "P" else 0)
    return f"{district.replace('.', '')}{day:02}{born:%m%y}{random.choice(SERIALS):04}"


def _status(random: Random, age: int) -> str:
    if age < 19:
        return "belum_kawin"
    if age < 26:
        return random.choices(("belum_kawin", "kawin"), (70, 30))[0]
    weights = (12, 76, 8, 4) if age < 60 else (3, 52, 5, 40)
    return random.choices(("belum_kawin", "kawin", "cerai_hidup", "cerai_mati"), weights)[0]


def resident(random: Random, city: City, kelurahan: Kelurahan) -> dict[str, Any]:
    """One at home whom no rule refuses, as POST /requests takes it; of no list."""
    people = People(city, random)
    made = people.one(weighted_choice(random, city.reasons), kelurahan, people.address())
    return replace(made, photo_reason=made.photo_reason and PERMITTED).body()
