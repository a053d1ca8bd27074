"""What a service finds of itself: each trouble once, with the command that mends it."""

from datetime import timedelta
from typing import Any

from shared.health.diagnostics import Age, GroupState, ServiceState, ago
from shared.system_clock import utc_now
from shared.web.words import words_in

NONE = Age(timedelta())


def state(**told: Any) -> ServiceState:
    well = {"parts": {"database": "ok"}, "clock": None, "unsent": 0, "oldest": NONE, "groups": [], "letters": []}
    return ServiceState(**{"service": "notify", "letters_open": 0, **well, **told})


def test_all_well_is_no_finding() -> None:
    assert state(groups=[GroupState("notify.stock", 7, NONE, 0)]).findings == []


def test_a_group_that_asks_no_more_is_one_finding() -> None:
    silent = GroupState("notify.stock", 7, Age(timedelta(seconds=20)), 0)
    found = state(parts={"database": "ok", "notify.stock": "not polled for 20 s"}, groups=[silent]).findings
    assert [finding.command for finding in found] == ["python -m ops lag"]


def test_every_issue_is_told_in_both_languages_with_a_command() -> None:
    found = state(
        parts={"database": "waiting"},
        clock=utc_now() - timedelta(hours=3),
        unsent=2,
        oldest=Age(timedelta(minutes=5)),
        groups=[GroupState("notify.stock", 0, NONE, 3)],
        letters_open=4,
    ).findings
    assert [finding.command for finding in found] == [
        "python -m ops doctor",
        "python -m ops outbox status",
        "python -m ops lag",
        "python -m ops dlq list --service notify",
        "python -m ops doctor",
    ]
    for language in ("id", "en"):
        assert all(finding.text(words_in(language)) for finding in found)
    assert ago(utc_now() - timedelta(days=2)).text(words_in("id")) == "2 hari lalu"
