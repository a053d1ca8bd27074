"""Decisions of notify: working time, escalation, what an answer and a recovery cover, webhooks."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.alerts import (
    PATIENCE,
    STEPS,
    Alert,
    AlertState,
    Lapse,
    answered_by,
    due,
    is_answered_with,
    level_of,
    resolved_by,
)
from services.notify.domain.shipments import Approval, ShipmentGrant, must_be_plausible
from services.notify.domain.webhooks import (
    LONGEST_PAUSE,
    RETRIES,
    Delivered,
    GivenUp,
    Gone,
    TryAgain,
    WebhookResponse,
    classify,
    event_body,
    requested_pause,
)
from services.notify.domain.worktime import worked_until
from shared.contract.events import AlertRaised, StockRecovered
from shared.contract.fields import StockLevel
from shared.contract.ids import new_id
from shared.problems import Invalid
from shared.reference.offices import Office, Offices

OFFICES = Offices.load()
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
OFFICE_CODES = st.sampled_from([office.code for office in OFFICES])


def wib(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


RAISED = wib("2026-11-24T10:00")
"""A Tuesday, like all of these days in the time of Bengkulu."""


def an_alert(crossing: int = 1, state: AlertState = AlertState.RAISED, **changes: object) -> Alert:
    about = {"alert_id": new_id(), "office": "17.02", "province": "17", "level": StockLevel.LOW, "on_hand": 99}
    return Alert(
        **{**about, "usage": 33.0, "crossing": crossing, "state": state, "raised_at": RAISED, **changes}  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("since", "hours", "expected"),
    [
        ("2026-11-24T10:00", 4, "2026-11-24T14:00"),
        ("2026-11-24T12:00", 4, "2026-11-24T16:00"),
        ("2026-11-24T14:00", 4, "2026-11-25T10:00"),
        ("2026-11-24T05:00", 4, "2026-11-24T12:00"),
        ("2026-11-24T18:00", 4, "2026-11-25T12:00"),
        ("2026-11-27T15:00", 4, "2026-11-30T11:00"),  # over the weekend
        ("2026-12-23T15:00", 4, "2026-12-28T11:00"),  # over cuti bersama, Christmas and a weekend
    ],
)
def test_working_time_passes_only_while_the_office_is_open(since: str, hours: int, expected: str) -> None:
    assert worked_until(OFFICES["17.02"], wib(since), timedelta(hours=hours)) == wib(expected)


def test_working_time_is_in_the_zone_of_the_office() -> None:
    kupang = worked_until(OFFICES["53.71"], datetime(2026, 11, 24, 0, 0, tzinfo=UTC), timedelta(hours=1))
    assert kupang == datetime.fromisoformat("2026-11-24T09:00+08:00")


@given(OFFICE_CODES, MOMENTS, st.integers(1, 60), st.integers(1, 60))
def test_working_time_adds_up(code: str, since: datetime, first: int, second: int) -> None:
    office, one, other = OFFICES[code], timedelta(minutes=13 * first), timedelta(minutes=13 * second)
    assert worked_until(office, worked_until(office, since, one), other) == worked_until(office, since, one + other)


@given(OFFICE_CODES, MOMENTS, st.integers(1, 2000))
def test_working_time_ends_while_the_office_is_open(code: str, since: datetime, minutes: int) -> None:
    office = OFFICES[code]
    end = worked_until(office, since, timedelta(minutes=minutes))
    local = end.astimezone(office.tz)
    assert end >= since + timedelta(minutes=minutes)
    assert office.works_on(local.date())
    assert office.opens < local.time() <= office.closes


def steps_due(opened: list[Alert], at: datetime, office: Office = OFFICES["17.02"]) -> list[tuple[int, datetime]]:
    found = due(office, opened, None, 1, at)
    return [(step.step, step.at) for step in found.steps] if found else []


def test_an_alert_escalates_up_to_three_times_in_working_hours() -> None:
    assert steps_due([an_alert()], wib("2026-12-24T10:00")) == [
        (1, wib("2026-11-24T14:00")),
        (2, wib("2026-11-25T10:00")),
        (3, wib("2026-11-25T14:00")),
    ]


@given(OFFICE_CODES, MOMENTS, st.lists(st.integers(0, 400), min_size=1, max_size=12), st.booleans())
def test_steps_do_not_depend_on_how_often_the_clock_ticks(
    code: str, raised_at: datetime, hours: list[int], answered: bool
) -> None:
    state, acknowledged_at = (AlertState.ACKNOWLEDGED, raised_at) if answered else (AlertState.RAISED, None)
    first = an_alert(raised_at=raised_at, state=state, acknowledged_at=acknowledged_at)
    alert, told = first, []
    for hour in sorted(hours):
        if found := due(OFFICES[code], [alert], None, 1, raised_at + timedelta(hours=hour)):
            told += found.steps
            raised = AlertState.RAISED
            alert = replace(alert, state=raised, step=found.steps[-1].step, lapse=found.lapse or alert.lapse)
    at_once = due(OFFICES[code], [first], None, 1, raised_at + timedelta(hours=max(hours)))
    assert told == (at_once.steps if at_once else [])
    assert len(told) <= STEPS + answered


def test_only_the_leading_alert_escalates() -> None:
    late = wib("2026-11-25T09:00")
    first, second = an_alert(1), an_alert(2)
    found = due(OFFICES["17.02"], [first, second], None, 1, late)
    assert found is not None
    assert found.alert is second
    assert steps_due([first, an_alert(2, AlertState.ACKNOWLEDGED, acknowledged_at=RAISED)], late) == []
    assert steps_due([], late) == []
    assert steps_due([first], first.raised_at + PATIENCE - timedelta(seconds=1)) == []


def test_an_answer_without_cards_lapses_and_is_told_as_new() -> None:
    answered = an_alert(state=AlertState.ACKNOWLEDGED, acknowledged_at=wib("2026-11-24T11:00"), step=2)
    lapses_at = wib("2026-11-30T11:00")  # three working days of lead time and one more, over a weekend
    assert steps_due([answered], lapses_at - timedelta(seconds=1)) == []
    found = due(OFFICES["17.02"], [answered], None, 1, wib("2026-12-24T10:00"))
    assert found is not None
    assert found.lapse == Lapse(lapses_at, 3)
    assert [(step.step, step.at) for step in found.steps] == [
        (3, lapses_at),
        (4, wib("2026-11-30T15:00")),
        (5, wib("2026-12-01T11:00")),
        (6, wib("2026-12-01T15:00")),
    ]


@pytest.mark.parametrize("moved_at", [wib("2026-11-26T09:00"), wib("2026-11-23T09:00")])
def test_an_answer_holds_while_cards_move(moved_at: datetime) -> None:
    answered = an_alert(state=AlertState.ACKNOWLEDGED, acknowledged_at=RAISED)
    grace = timedelta(hours=4 * 8)
    lapses_at = worked_until(OFFICES["17.02"], max(moved_at, RAISED), grace)
    assert due(OFFICES["17.02"], [answered], moved_at, 1, lapses_at - timedelta(seconds=1)) is None
    assert due(OFFICES["17.02"], [answered], moved_at, 1, lapses_at) is not None


def test_a_second_answer_holds_as_long_as_the_first() -> None:
    lapse = Lapse(wib("2026-11-30T11:00"), 3)
    late = an_alert(state=AlertState.ACKNOWLEDGED, acknowledged_at=RAISED, lapse=lapse, step=3)  # given long before
    assert steps_due([late], wib("2026-12-03T16:00")) == []
    assert steps_due([late], wib("2026-12-04T11:00"))[0] == (4, wib("2026-12-04T11:00"))


@pytest.mark.parametrize(
    ("level", "on_hand", "coming", "answered"),
    [
        (StockLevel.OUT, 0, 1, False),
        (StockLevel.OUT, 0, 99, False),  # as much as a shipment takes to come
        (StockLevel.OUT, 0, 100, True),
        (StockLevel.CRITICAL, 60, 39, False),
        (StockLevel.CRITICAL, 60, 40, True),
        (StockLevel.LOW, 200, 30, False),
        (StockLevel.LOW, 200, 31, True),
    ],
)
def test_an_alert_is_answered_by_cards_that_lift_the_level(
    level: StockLevel, on_hand: int, coming: int, answered: bool
) -> None:
    assert is_answered_with(an_alert(level=level, on_hand=on_hand), OFFICES["17.02"], coming) == answered


def test_the_rest_of_a_grant_is_what_stayed_behind() -> None:
    assert [ShipmentGrant(new_id(), 100, None).rest(sent) for sent in (30, 100, 120)] == [70, 0, 0]
    assert ShipmentGrant(new_id(), None, None).rest(5) == 0


def test_an_answer_covers_and_a_recovery_ends_earlier_alerts() -> None:
    opened = [an_alert(1, AlertState.ACKNOWLEDGED), an_alert(2), an_alert(3), an_alert(5)]
    assert answered_by(opened[2], opened) == opened[1:3]
    assert resolved_by(4, opened) == opened[:3]


def test_a_recovery_is_no_fall() -> None:
    event = StockRecovered(
        at=wib("2026-11-24T10:00"), office="17.02", province="17", crossing=2, on_hand=9, cover=9, usage=1
    )
    with pytest.raises(ValueError, match="StockRecovered is no fall"):
        level_of(event)


def test_a_shipment_past_the_limit_is_refused_as_a_slip() -> None:
    approval = Approval(new_id(), "17.02", 1001, wib("2026-11-24T10:00"), None)
    must_be_plausible(approval, 1001)
    with pytest.raises(Invalid) as refused:
        must_be_plausible(approval, 1000)
    assert (refused.value.field, refused.value.rule) == ("quantity", "paling banyak 1000")


def test_a_message_is_tried_ten_times_over_some_three_days() -> None:
    waits = [classify(WebhookResponse(503), attempt, RETRIES) for attempt in range(1, 11)]
    assert waits[:-1] == [TryAgain(seconds) for seconds in RETRIES]
    assert waits[-1] == GivenUp()
    assert 75 * 3600 < sum(RETRIES) < 76 * 3600


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Delivered()),
        (204, Delivered()),
        (410, Gone()),
        (301, TryAgain(5)),
        (429, TryAgain(5)),
        (None, TryAgain(5)),
    ],
)
def test_what_an_answer_means(status: int | None, verdict: object) -> None:
    assert classify(WebhookResponse(status) if status else None, 1, RETRIES) == verdict


NOW = datetime(2026, 11, 24, 3, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "said", "seconds"),
    [
        (429, "120", 120),
        (503, " 7 ", 7),
        (503, "Tue, 24 Nov 2026 03:02:00 GMT", 120),
        (429, "Tuesday, 24-Nov-26 03:01:00 GMT", 60),  # as RFC 850 wrote it
        (429, "Tue Nov 24 03:00:30 2026", 30),  # as asctime writes it
        (429, "Tue, 24 Nov 2026 02:00:00 GMT", 0),
        (429, "999999999999", LONGEST_PAUSE),
        (503, "Fri, 24 Nov 2028 03:00:00 GMT", LONGEST_PAUSE),
        (429, None, 0),
        (429, "soon", 0),
        (429, "-5", 0),
        (429, "1.5", 0),
        (429, "²", 0),
        (500, "120", 0),
        (200, "120", 0),
    ],
)
def test_a_receiver_is_left_alone_as_it_asks_up_to_a_day(status: int, said: str | None, seconds: float) -> None:
    assert requested_pause(status, said, NOW) == seconds


@given(st.sampled_from([429, 503]), st.text(max_size=40))
def test_any_wish_is_read_and_none_is_longer_than_a_day(status: int, said: str) -> None:
    assert 0 <= requested_pause(status, said, NOW) <= LONGEST_PAUSE


def test_the_next_attempt_is_no_sooner_than_asked_or_planned() -> None:
    assert classify(WebhookResponse(429, pause=120), 1, RETRIES) == TryAgain(120, pause=120)
    assert classify(WebhookResponse(429, pause=1), 1, RETRIES) == TryAgain(5, pause=1)
    assert classify(WebhookResponse(429, pause=120), 10, RETRIES) == GivenUp()


@pytest.mark.parametrize(
    ("said", "proven"),
    [
        (b"s3cret", True),
        (b" s3cret\r\n", True),
        (b'"s3cret"', True),
        (b'{"challenge": "s3cret"}', True),
        (b'{"challenge": "other"}', False),
        (b'{"data": {"challenge": "s3cret"}}', False),  # a mirror
        (b"you said s3cret", False),
        (b"", False),
        (b"\xff\xfe", False),
        (b"[" * 4096, False),
        (b"1", False),
    ],
)
def test_a_challenge_is_taken_only_by_whoever_repeats_it(said: bytes, proven: bool) -> None:
    assert (classify(WebhookResponse(200, content=said), 1, RETRIES, "s3cret") == Delivered()) == proven


def test_a_challenge_ends_after_four_attempts_or_a_refusal() -> None:
    verdicts = [classify(WebhookResponse(204), attempt, RETRIES, "s3cret") for attempt in range(1, 5)]
    assert verdicts == [*(TryAgain(seconds) for seconds in RETRIES[:3]), GivenUp()]
    assert classify(WebhookResponse(410), 1, RETRIES, "s3cret") == Gone()


def test_the_body_is_the_event_as_cloudevents_json() -> None:
    alert_id, sent = new_id(), new_id()
    event = AlertRaised(
        at=wib("2026-11-24T10:00"),
        office="17.02",
        province="17",
        alert_id=alert_id,
        level=StockLevel.OUT,
        crossing=3,
    )
    assert json.loads(event_body(event, sent)) == {
        "specversion": "1.0",
        "id": str(sent),
        "type": "id.jemputbola.AlertRaised.v1",
        "source": "/notify",
        "time": "2026-11-24T03:00:00Z",
        "subject": "17.02",
        "data": {
            "at": "2026-11-24T03:00:00Z",
            "office": "17.02",
            "province": "17",
            "alert_id": str(alert_id),
            "level": "out",
            "crossing": 3,
        },
    }
