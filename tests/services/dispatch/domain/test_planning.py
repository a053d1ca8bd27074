"""The planner keeps its promises for any office, any cases and any diary."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.dispatch.domain.cases import ANY_WORKING_DAY, Case, Needs, VisitDays
from services.dispatch.domain.planning import HORIZON, TRAVEL, Booking, Placed, Unplaced, plan
from shared.contract.fields import DeferralReason, ServiceCode, Skill, Stage, Urgency
from shared.reference.offices import Office, Offices

RL = Offices.load()["17.02"]
OFFICES = list(Offices.load())
FRIDAY = datetime(2026, 4, 10, 9, tzinfo=UTC)
"""16:00 in Rejang Lebong, when the day's letters are in."""
PLACES = ("17.02.06.1004", "17.02.06.1015", "17.02.07.2001")


def case(number: int = 1, **changes: object) -> Case:
    needs = {
        "kelurahan": PLACES[0],
        "minutes": 20,
        "team_size": 2,
        "skills": frozenset[Skill](),
        "urgency": Urgency.NORMAL,
    }
    accepted = changes.pop("accepted_at", FRIDAY)
    days = changes.pop("days", ANY_WORKING_DAY)
    return Case(
        id=UUID(int=number),
        request_id=UUID(int=0),
        correlation_id=UUID(int=0),
        office="17.02",
        service=ServiceCode.FIRST,
        needs=Needs(**{**needs, **changes}),  # type: ignore[arg-type]
        on_hold=False,
        filed_at=FRIDAY - timedelta(hours=1),
        position=number,
        needs_sequence=number,
        days=days,  # type: ignore[arg-type]
        stage=Stage.ACCEPTED,
        accepted_at=accepted,  # type: ignore[arg-type]
        ready_at=accepted,  # type: ignore[arg-type]
    )


def clock(office: Office, at: datetime) -> str:
    return f"{at.astimezone(office.tz):%a %H:%M}"


def slots(cases: list[Case], bookings: list[Booking] | None = None, now: datetime = FRIDAY) -> list[tuple[str, str]]:
    decisions = plan(RL, cases, bookings or [], now)
    return [(d.team, clock(RL, d.starts_at)) if isinstance(d, Placed) else (d.reason, "") for d in decisions]


def placed(cases: list[Case], now: datetime) -> list[Placed]:
    return [each for each in plan(RL, cases, [], now) if isinstance(each, Placed)]


def test_the_first_visit_is_next_morning_by_the_least_able_team() -> None:
    assert slots([case()]) == [("T3", "Mon 08:00")]


def test_every_team_goes_out_before_one_makes_a_second_visit() -> None:
    visits = slots([case(n) for n in range(1, 6)])
    assert visits == [(team, "Mon 08:00") for team in ("T3", "T2", "T1", "T4")] + [("T3", "Mon 08:20")]


def test_travel_to_another_kelurahan_is_left_free_both_ways() -> None:
    eight_people = {"team_size": 8}
    first, second, third = (
        case(1, kelurahan=PLACES[0], **eight_people),
        case(2, kelurahan=PLACES[1], **eight_people),
        case(3, kelurahan=PLACES[0], minutes=10, **eight_people),
    )
    # The third fits behind the first, but then the second would be reached too late.
    times = slots([first, second, third])
    assert times == [("T4", "Mon 08:00"), ("T4", "Mon 08:40"), ("T4", "Mon 09:20")]


def test_order_is_by_urgency_then_acceptance_then_filing() -> None:
    late_and_ill = case(9, urgency=Urgency.HIGH, accepted_at=FRIDAY + timedelta(minutes=30))
    early = case(8, accepted_at=FRIDAY - timedelta(minutes=30))
    decisions = plan(RL, [case(1), case(2, urgency=Urgency.RAISED), early, late_and_ill], [], FRIDAY)
    assert [decision.case.id.int for decision in decisions] == [9, 2, 8, 1]


def test_lunch_is_kept_and_a_too_long_visit_finds_no_slot() -> None:
    morning, afternoon, endless = (
        case(n, team_size=8, minutes=minutes) for n, minutes in ((1, 230), (2, 20), (3, 300))
    )
    times = slots([morning, afternoon, endless])
    assert times == [("T4", "Mon 08:00"), ("T4", "Mon 13:00"), (DeferralReason.NO_CAPACITY, "")]


def test_nobody_comes_on_a_holiday() -> None:
    """Good Friday 2026 is 3 April; the weekend follows."""
    thursday = datetime(2026, 4, 2, 3, tzinfo=UTC)
    assert slots([case(accepted_at=thursday)], now=thursday) == [("T3", "Mon 08:00")]


def test_a_place_is_visited_on_the_days_it_prefers_weekends_too() -> None:
    wednesdays, weekends = VisitDays(frozenset({2})), VisitDays(frozenset({5, 6}))
    assert slots([case(1, days=wednesdays), case(2, days=weekends), case(3)]) == [
        ("T3", "Wed 08:00"),
        ("T3", "Sat 08:00"),
        ("T3", "Mon 08:00"),
    ]


def test_a_preferred_day_on_a_holiday_needs_the_places_consent() -> None:
    """1 May 2026 is a Friday; the next is the 8th."""
    monday = RL.moment(date(2026, 4, 27), time(9))
    fridays = case(days=VisitDays(frozenset({4})), accepted_at=monday)
    on_holidays = case(days=VisitDays(frozenset({4}), on_holidays=True), accepted_at=monday)
    assert [each.starts_at.date() for each in placed([fridays], monday)] == [date(2026, 5, 8)]
    assert [each.starts_at.date() for each in placed([on_holidays], monday)] == [date(2026, 5, 1)]


def test_whoever_prefers_no_day_is_not_visited_on_a_holiday() -> None:
    thursday = RL.moment(date(2026, 4, 30), time(9))
    anywhere = case(days=VisitDays(on_holidays=True), accepted_at=thursday)
    assert [each.starts_at.date() for each in placed([anywhere], thursday)] == [date(2026, 5, 4)]


def test_two_hundred_fit_one_place_a_day_the_rest_waits_a_week() -> None:
    """Two teams at four minutes a resident; what does not fit is not pushed into other days."""
    inmate = {"minutes": 4, "skills": frozenset({Skill.ESCORT}), "days": VisitDays(frozenset({5}))}
    prison = [case(n, **inmate) for n in range(1, 251)]
    kupang = Offices.load()["53.71"]
    decisions = [each for each in plan(kupang, prison, [], FRIDAY) if isinstance(each, Placed)]
    served = Counter(each.starts_at.astimezone(kupang.tz).date() for each in decisions)
    assert served == {date(2026, 4, 18): 210, date(2026, 4, 25): 40}


def test_a_plan_made_during_a_day_promises_nothing_past() -> None:
    monday = RL.moment(date(2026, 4, 13), time(9, 32, 10))
    assert slots([case()], now=monday) == [("T3", "Mon 09:35")]


def test_a_case_that_no_team_can_serve_is_told_so() -> None:
    assert slots([case(team_size=9), case(2)]) == [(DeferralReason.NO_TEAM_WITH_SKILL, ""), ("T3", "Mon 08:00")]


def test_a_gap_that_was_left_is_used() -> None:
    monday = date(2026, 4, 13)
    taken = [
        Booking("T4", RL.moment(monday, start), RL.moment(monday, end), PLACES[0])
        for start, end in ((time(8), time(8, 20)), (time(8, 40), time(12)), (time(13), time(16)))
    ]
    assert slots([case(team_size=8)], taken) == [("T4", "Mon 08:20")]
    assert slots([case(team_size=8, kelurahan=PLACES[1])], taken) == [("T4", "Tue 08:00")]


def test_beyond_the_horizon_nothing_is_promised() -> None:
    """One team, two such visits a day: the month is full before all are served."""
    decisions = plan(RL, [case(n, minutes=180, team_size=8) for n in range(1, 60)], [], FRIDAY)
    placed = [d for d in decisions if isinstance(d, Placed)]
    assert {d.reason for d in decisions if isinstance(d, Unplaced)} == {DeferralReason.NO_CAPACITY}
    assert max(d.starts_at for d in placed) < FRIDAY + HORIZON + timedelta(days=1)
    assert len(placed) == 2 * sum(RL.works_on(date(2026, 4, 13) + timedelta(days=n)) for n in range(28))


any_case = st.builds(
    case,
    st.integers(1, 10_000),
    kelurahan=st.sampled_from(PLACES),
    minutes=st.integers(5, 240),
    team_size=st.integers(1, 9),
    skills=st.frozensets(st.sampled_from(Skill), max_size=2),
    urgency=st.sampled_from(Urgency),
    days=st.just(ANY_WORKING_DAY) | st.builds(VisitDays, st.frozensets(st.integers(0, 6), max_size=3), st.booleans()),
    accepted_at=st.integers(-3000, 3000).map(lambda minutes: FRIDAY + timedelta(minutes=minutes)),
)
many_cases = st.lists(any_case, max_size=40, unique_by=lambda each: each.id)
moments = st.integers(0, 5000).map(lambda minutes: FRIDAY + timedelta(minutes=minutes))


def open_to(office: Office, days: VisitDays, day: date) -> bool:
    if not days.preferred:
        return office.works_on(day)
    return day.weekday() in days.preferred and (days.on_holidays or not office.is_holiday(day))


def check(office: Office, decisions: list[Placed | Unplaced], before: list[Booking], now: datetime) -> list[Booking]:
    """All bookings afterwards; fails when a promise is broken."""
    teams = {team.code: team for team in office.teams}
    booked = list(before)
    for each in decisions:
        needs = each.case.needs
        able = [t for t in office.teams if t.size >= needs.team_size and t.skills >= needs.skills]
        if isinstance(each, Unplaced):
            assert (each.reason is DeferralReason.NO_TEAM_WITH_SKILL) == (not able)
            continue
        start, end = each.starts_at.astimezone(office.tz), each.ends_at.astimezone(office.tz)
        assert teams[each.team] in able
        assert each.ends_at - each.starts_at == timedelta(minutes=needs.minutes)
        assert start.date() == end.date()
        assert open_to(office, each.case.days, start.date())
        assert office.opens <= start.time() < end.time() <= office.closes
        assert end.time() <= time(12) or start.time() >= time(13)
        assert each.starts_at >= now
        assert each.case.ready_at is not None
        assert start.date() >= office.working_day_after(office.day_of(each.case.ready_at), office.visit_lead)
        booked.append(Booking(each.team, each.starts_at, each.ends_at, needs.kelurahan))
    for code in teams:
        for one, other in pairwise(sorted((b for b in booked if b.team == code), key=lambda b: b.starts_at)):
            way = timedelta() if one.kelurahan == other.kelurahan else TRAVEL
            assert one.ends_at + way <= other.starts_at
    return booked


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(OFFICES), many_cases, many_cases, moments, st.randoms())
def test_every_plan_keeps_its_promises(
    office: Office, first: list[Case], second: list[Case], now: datetime, random: object
) -> None:
    decisions = plan(office, first, [], now)
    booked = check(office, decisions, [], now)
    shuffled = list(first)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert plan(office, shuffled, [], now) == decisions
    check(office, plan(office, second, booked, now), booked, now)
