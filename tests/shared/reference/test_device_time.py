"""What a device says of time, held against the server's clock; and how far a tick may go."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import LEAP, check_tick
from shared.reference.device_time import AHEAD, WrongClock, at_most_now, not_before, reject_future

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
spans = st.timedeltas(timedelta(days=-20 * 366), timedelta(days=70 * 366))
SECOND = timedelta(seconds=1)


@given(spans)
def test_only_a_moment_more_than_a_day_ahead_is_refused(off: timedelta) -> None:
    at = NOW + off
    if off <= AHEAD:
        reject_future(at, NOW)
        return
    with pytest.raises(WrongClock) as refused:
        reject_future(at, NOW, "received_at")
    assert (refused.value.status, refused.value.field) == (422, "received_at")
    assert refused.value.members == {"server_time": "2026-11-24T02:00:00+00:00"}


@given(spans, spans)
def test_what_follows_is_refused_only_if_clocks_differ_by_a_day(first: timedelta, second: timedelta) -> None:
    before, at = NOW + first, NOW + second
    known = at_most_now(before, NOW)
    try:
        kept = not_before(at, before, NOW, "perekaman")
    except WrongClock:
        assert known - at > AHEAD
    else:
        assert known - at <= AHEAD
        assert kept == max(at, known)


def test_what_follows_a_far_wrong_day_is_not_refused() -> None:
    assert not_before(NOW, NOW + timedelta(days=9999), NOW, "peringatan") == NOW
    assert not_before(NOW, None, NOW, "peringatan") == NOW


def test_a_tick_is_not_ahead_of_the_wall_clock_that_drives_it() -> None:
    check_tick(NOW, None, NOW, force=False)
    for force in (False, True):
        with pytest.raises(WrongClock, match="mengikuti jam server"):
            check_tick(NOW + SECOND, NOW - SECOND, NOW, force=force)


def test_a_far_leap_of_an_outside_clock_must_be_forced() -> None:
    check_tick(NOW, None, None, force=False)  # a fresh one starts anywhere
    check_tick(NOW + LEAP, NOW, None, force=False)
    check_tick(NOW + LEAP + SECOND, NOW, None, force=True)
    with pytest.raises(WrongClock, match="force") as refused:
        check_tick(NOW + LEAP + SECOND, NOW, None, force=False)
    assert refused.value.members["server_time"] == NOW.isoformat()
