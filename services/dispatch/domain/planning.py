"""Which team comes when: each case gets the next free slot, the urgent ones first.

Promised: no two visits of a team overlap, with the way between two kelurahan left free; all lie within the
office's hours, outside lunch, on its working days or on the days that the place prefers; the team can serve; and
nothing that was booked moves.
"""

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile

from services.dispatch.domain.cases import Case, Needs, VisitDays
from services.dispatch.domain.visits import can_serve
from shared.contract.fields import DeferralReason, Urgency
from shared.reference.offices import Office, Team

LUNCH = (time(12), time(13))
TRAVEL = timedelta(minutes=20)
"""The way from one kelurahan to another; within one it is part of the visit."""
HORIZON = timedelta(days=30)
"""No visit is promised further ahead."""
GRAIN = timedelta(minutes=5)
_RANK = {Urgency.HIGH: 0, Urgency.RAISED: 1, Urgency.NORMAL: 2}


@dataclass(frozen=True, slots=True)
class Booking:
    """A team's time that is taken, and where."""

    team: str
    starts_at: datetime
    ends_at: datetime
    kelurahan: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A case with its slot."""

    case: Case
    team: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A case without a slot, and why."""

    case: Case
    reason: DeferralReason


def plan(
    office: Office, cases: Sequence[Case], bookings: Sequence[Booking], now: datetime
) -> list[Placed | Unplaced]:
    """A decision for each case, in the order in which they were served; the same input gives the same plan."""
    diary = _Diary(office, bookings, now)
    return [diary.place(case) for case in sorted(cases, key=_turn)]


def _turn(case: Case) -> tuple[object, ...]:
    """Urgency, then acceptance, then the order of filing; ids only where all else is the same."""
    assert case.accepted_at is not None
    filed = (case.filed_at, case.position, case.needs.kelurahan, str(case.id))
    return (_RANK[case.needs.urgency], case.accepted_at, *filed)


class _Diary:
    """The teams' days while a plan is being made."""

    def __init__(self, office: Office, bookings: Sequence[Booking], now: datetime) -> None:
        self._office = office
        self._now = _rounded_up(now)
        self._end = office.day_of(now) + HORIZON
        self._booked: dict[tuple[str, date], list[Booking]] = {}
        # A day that had no room for such a visit has none later either: bookings are only added.
        self._full: set[tuple[str, date, str, int]] = set()
        for booking in bookings:
            self._book(booking)

    def place(self, case: Case) -> Placed | Unplaced:
        """The earliest slot; at the same time the team that can do the least else."""
        needs = case.needs
        teams = [team for team in self._office.teams if can_serve(team, needs)]
        if not teams:
            return Unplaced(case, DeferralReason.NO_TEAM_WITH_SKILL)
        for day in self._days(case):
            slots = [(start, _worth(team)) for team in teams if (start := self._free(team.code, day, needs))]
            if slots:
                start, (_, _, team_code) = min(slots)
                end = start + timedelta(minutes=needs.minutes)
                self._book(Booking(team_code, start, end, needs.kelurahan))
                return Placed(case, team_code, start, end)
        return Unplaced(case, DeferralReason.NO_CAPACITY)

    def _book(self, booking: Booking) -> None:
        booked = self._booked.setdefault((booking.team, self._office.day_of(booking.starts_at)), [])
        insort(booked, booking, key=lambda each: each.starts_at)

    def _days(self, case: Case) -> Iterator[date]:
        assert case.ready_at is not None
        office = self._office
        # A time in the future is that of a device whose clock is wrong.
        first = office.day_of(min(case.ready_at, self._now))
        if office.visit_lead:
            first = office.working_day_after(first, office.visit_lead)
        days = _days_from(max(first, office.day_of(self._now)))
        return takewhile(lambda day: day <= self._end, filter(self._open_to(case.days), days))

    def _open_to(self, days: VisitDays) -> Callable[[date], bool]:
        """Whether a place is visited on a day. Whoever prefers days is visited on these, whatever the office's."""
        office = self._office
        if not days.preferred:
            return office.works_on
        return lambda day: day.weekday() in days.preferred and (days.on_holidays or not office.is_holiday(day))

    def _free(self, team: str, day: date, needs: Needs) -> datetime | None:
        """When on that day the team could begin; None when it could not."""
        shape = (team, day, needs.kelurahan, needs.minutes)
        if shape in self._full:
            return None
        length = timedelta(minutes=needs.minutes)
        for opens, closes in _halves(self._office, day):
            start = self._first_gap(team, day, needs.kelurahan, length, max(opens, self._now))
            if start + length <= closes:
                return start
        self._full.add(shape)
        return None

    def _first_gap(self, team: str, day: date, kelurahan: str, length: timedelta, start: datetime) -> datetime:
        """The first moment from `start` on at which the team is there and free for so long."""
        for booking in self._booked.get((team, day), ()):
            way = timedelta() if booking.kelurahan == kelurahan else TRAVEL
            if start + length + way <= booking.starts_at:
                return start
            start = max(start, booking.ends_at + way)
        return start


def _worth(team: Team) -> tuple[int, int, str]:
    """What else a team could do."""
    return (len(team.skills), team.size, team.code)


def _days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += timedelta(days=1)


def _halves(office: Office, day: date) -> list[tuple[datetime, datetime]]:
    """The office's hours before and after lunch."""
    noon, one = LUNCH
    halves = [(office.opens, min(office.closes, noon)), (max(office.opens, one), office.closes)]
    return [(office.moment(day, opens), office.moment(day, closes)) for opens, closes in halves if opens < closes]


def _rounded_up(at: datetime) -> datetime:
    """Promised times are whole steps of GRAIN."""
    since = timedelta(minutes=at.minute, seconds=at.second, microseconds=at.microsecond) % GRAIN
    return at if not since else at + GRAIN - since
