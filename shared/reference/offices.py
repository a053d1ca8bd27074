"""The offices: zone, calendar, thresholds and teams. One validated file, the same in all services."""

import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import holidays
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from shared.contract import fields as f
from shared.problems import NotFound

SHIPPED = Path(__file__).parent / "data" / "offices.toml"
CAPITAL = ZoneInfo("Asia/Jakarta")
"""The zone of the capital, WIB: times are told in it to whoever is of no office."""
_ZONE_NAMES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    """Public holidays and cuti bersama of Indonesia in a year."""
    return frozenset(holidays.country_holidays("ID", categories=("public", "government"), years=year))


class Team(BaseModel):
    """A crew that records at one place at a time."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: f.TeamCode
    size: f.TeamSize
    skills: frozenset[f.Skill]


class Office(BaseModel):
    """A Dukcapil of a kabupaten or kota. Days are working days of its own calendar, in its own zone."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: f.OfficeCode
    name: str
    zone: str
    working_days: frozenset[Annotated[int, Field(ge=0, le=6)]] = Field(min_length=1)
    opens: time
    closes: time
    report_deadline: time
    lead_time: int = Field(ge=0, le=60)
    low_cover: int = Field(ge=1, le=120)
    critical_cover: int = Field(ge=0, le=60)
    recovered_cover: int = Field(ge=1, le=240)
    usage: float = Field(gt=0)
    prr_promise: int = Field(ge=1)
    visit_lead: int = Field(ge=0, le=30)
    phone: str | None = Field(default=None, pattern=r"^\+?[0-9(][0-9 ()-]{3,24}$")
    """Of the office, for families and kelurahan: on slips, Lacak and Bantuan; None says that there is none yet."""
    teams: tuple[Team, ...] = Field(min_length=1)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in _ZONE_NAMES:
            raise ValueError(f"zone is one of {', '.join(_ZONE_NAMES)}")
        return zone

    @model_validator(mode="after")
    def _ordered(self) -> "Office":
        if not self.critical_cover < self.low_cover < self.recovered_cover:
            raise ValueError("critical_cover < low_cover < recovered_cover")
        if not self.opens < self.closes:
            raise ValueError("opens < closes")
        return self

    @property
    def province(self) -> str:
        """Its province: "17" of "17.02"."""
        return self.code[:2]

    @cached_property
    def tz(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.zone)

    @property
    def zone_name(self) -> str:
        """WIB, WITA or WIT."""
        return _ZONE_NAMES[self.zone]

    def day_of(self, at: datetime) -> date:
        """The office's day at a moment."""
        return at.astimezone(self.tz).date()

    def moment(self, day: date, clock: time) -> datetime:
        """The moment at which the office's clock shows this."""
        return datetime.combine(day, clock, self.tz)

    def works_on(self, day: date) -> bool:
        """Whether the office works on that day: its weekdays, less holidays and cuti bersama."""
        return day.weekday() in self.working_days and not self.is_holiday(day)

    def is_holiday(self, day: date) -> bool:
        """Whether it is a public holiday or cuti bersama, on whatever weekday."""
        return day in _holidays(day.year)

    def working_days_from(self, day: date) -> Iterator[date]:
        """That day and those after it on which the office works, without end."""
        while True:
            if self.works_on(day):
                yield day
            day += timedelta(days=1)

    def working_day_after(self, day: date, count: int) -> date:
        """The day `count` working days after `day`; with 0 the first working day not before it."""
        following = self.working_days_from(day if count == 0 else day + timedelta(days=1))
        for _ in range(count - 1):
            next(following)
        return next(following)


class Offices:
    """All offices by code."""

    def __init__(self, offices: list[Office]) -> None:
        self._by_code = {office.code: office for office in offices}
        if len(self._by_code) != len(offices):
            raise ValueError("an office code stands twice")

    @classmethod
    def load(cls, file: Path | None = None) -> "Offices":
        """Read the offices file, or the one shipped. Raises pydantic.ValidationError naming what is wrong."""
        content = tomllib.loads((file or SHIPPED).read_text())
        return cls([Office.model_validate(item) for item in content["office"]])

    def __iter__(self) -> Iterator[Office]:
        return iter(self._by_code.values())

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def __getitem__(self, code: str) -> Office:
        """Raises NotFound (404) for an office that is not in the file."""
        if code not in self._by_code:
            raise NotFound(f"kantor {code} tidak dikenal", field="office")
        return self._by_code[code]

    def overlapping(self, wilayah: str) -> list[Office]:
        """Those that lie in a wilayah, or that it lies in; "" is the whole country."""
        wanted = f"{wilayah}." if wilayah else ""
        codes = [(office, f"{office.code}.") for office in self]
        return [office for office, code in codes if code.startswith(wanted) or wanted.startswith(code)]

    def of(self, region: str) -> Office:
        """The office of a kelurahan or any code below it."""
        return self[region[:5]]
