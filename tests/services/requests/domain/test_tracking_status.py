"""What a family is told at every stage, and what nobody is told at any."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest

from services.requests.domain.people import Document
from services.requests.domain.stages import Step, Wait
from services.requests.domain.tracking import tracking_status
from services.requests.domain.tracking.tracking_status import (
    CaseProgress,
    MilestoneStatus,
    News,
    Tone,
    milestones,
)
from shared.contract.fields import ClosingReason, DeferralReason, EndReason, Outcome, ServiceCode, Stage

FILED = datetime(2026, 3, 9, 2, tzinfo=UTC)
NOW = FILED + timedelta(hours=3)
VISIT = FILED + timedelta(days=3)
WORDS = tomllib.loads((Path(__file__).parents[4] / "shared" / "web" / "words.toml").read_text())


def news(of: CaseProgress, now: datetime) -> News:
    return tracking_status.news(
        of, now, timedelta(hours=24), lambda begins, ends: (begins, ends + timedelta(hours=2))
    )


def step(stage: Stage, number: int = 1, **fields: object) -> Step:
    return Step(UUID(int=1), number, stage, FILED + timedelta(hours=number), None, **fields)  # type: ignore[arg-type]


def planned(number: int = 1) -> Step:
    return step(Stage.SCHEDULED, number, starts_at=VISIT, ends_at=VISIT + timedelta(minutes=30))


def case(stage: Stage, *steps: Step, **changes: object) -> CaseProgress:
    made = CaseProgress(
        office="17.02",
        service=ServiceCode.FIRST,
        stage=stage,
        filed_at=FILED,
        accepted_at=FILED,
        closed_at=None,
        reason=None,
        print_on_hold=False,
        documents=(Document.KK,),
        missing=(),
        steps=steps,
        changed_at=FILED,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_papers_that_lack_are_said_before_anything_is_promised() -> None:
    lacking = case(Stage.FILED, accepted_at=None, missing=(Document.F102,))
    assert news(lacking, NOW) == News("needs_documents", Tone.BAD, prepare=True)
    assert lacking.papers([Document.DAMAGED_CARD]) == [Document.KK, Document.F102, Document.DAMAGED_CARD]
    assert news(case(Stage.FILED, accepted_at=None), NOW).word == "filed"


def test_before_a_visit_is_set_its_limit_or_delay_is_named() -> None:
    by = FILED + timedelta(hours=24)
    assert news(case(Stage.ACCEPTED), NOW) == News("accepted", prepare=True, at=by)
    assert news(case(Stage.ACCEPTED), by + timedelta(seconds=1)).word == "accepted_late"


def test_a_visit_is_named_by_its_window_until_it_is_over() -> None:
    told = news(case(Stage.SCHEDULED, planned()), VISIT)
    assert (told.word, told.tone, told.starts_at, told.ends_at) == (
        *("scheduled", Tone.GOOD),
        *(VISIT, VISIT + timedelta(minutes=150)),
    )
    assert news(case(Stage.SCHEDULED, planned()), VISIT + timedelta(hours=2)).word == "scheduled"
    assert news(case(Stage.SCHEDULED, planned()), VISIT + timedelta(hours=3)).word == "visit_past"
    assert news(case(Stage.ACCEPTED, planned(), step(Stage.ACCEPTED, 2)), NOW).word == "visit_off"


@pytest.mark.parametrize("reason", [DeferralReason.NO_CAPACITY, DeferralReason.NO_TEAM_WITH_SKILL])
def test_what_a_visit_needs_is_not_told_by_why_none_is_set(reason: DeferralReason) -> None:
    assert news(case(Stage.ACCEPTED, step(Stage.ACCEPTED, deferral=reason)), NOW) == News("deferred", prepare=True)


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.RELAPSED])
def test_news_of_health_is_told_as_a_visit_to_be_made_again(outcome: Outcome) -> None:
    told = news(case(Stage.VISITED, planned(), step(Stage.VISITED, 2, outcome=outcome)), NOW)
    assert told == News("visited_again", prepare=True)
    words = " ".join(WORDS["lacak"]["visited_again"] + WORDS["lacak"]["visited_again_next"]).lower()
    assert not any(word.lower() in words for word in WORDS["hasil"][outcome])


@pytest.mark.parametrize(
    ("stage", "hold", "word"),
    [
        (Stage.RECORDED, False, "recorded"),
        (Stage.PRINT_READY, False, "print_ready"),
        (Stage.RECORDED, True, "on_hold"),
        (Stage.PRINT_READY, True, "on_hold"),
        (Stage.PRINTED, False, "printed"),
        (Stage.HANDED_OVER, False, "handed_over"),
    ],
)
def test_after_the_record_nothing_is_to_be_prepared(stage: Stage, hold: bool, word: str) -> None:
    told = news(case(stage, step(stage), print_on_hold=hold), NOW)
    assert (told.word, told.prepare) == (word, False)


def test_an_end_says_why_where_there_is_a_word_for_it() -> None:
    closed = case(Stage.CANCELLED, closed_at=NOW, reason=ClosingReason.MOVED_AWAY)
    assert news(closed, NOW).reason == "tutup.moved_away"
    door = step(Stage.REJECTED, 2, outcome=Outcome.UNDER_AGE)
    assert news(case(Stage.REJECTED, planned(), door), NOW).reason == "hasil.under_age"
    assert news(case(Stage.REJECTED), NOW).reason == ""


def test_every_sentence_is_in_the_book_in_both_languages() -> None:
    steps = [step(stage, outcome=outcome) for stage, outcome in product(Stage, [None, *Outcome])]
    steps += [step(Stage.ACCEPTED, deferral=reason) for reason in DeferralReason] + [planned()]
    cases = [case(each.stage, each, print_on_hold=hold) for each, hold in product(steps, (False, True))]
    cases += [case(Stage.FILED), case(Stage.FILED, missing=(Document.KK,)), case(Stage.ACCEPTED, accepted_at=None)]
    cases += [case(Stage.CANCELLED, reason=reason) for reason in ClosingReason]
    cases += [case(Stage.CANCELLED, end=end, wait=wait) for end, wait in product(EndReason, (None, *Wait))]
    cases += [case(Stage.VISITED, wait=Wait.DECISION)]
    for each, now in product(cases, (NOW, VISIT + timedelta(days=9))):
        told = news(each, now)
        assert all(len(WORDS["lacak"][word]) == 2 for word in (told.word, f"{told.word}_next"))
        assert WORDS["stage"][each.state]
        if told.reason:
            chapter, _, key = told.reason.partition(".")
            assert WORDS[chapter][key]
        for milestone in milestones(each):
            assert WORDS["lacak"][f"way_{milestone.stage}"]
            assert WORDS["lacak"][f"mark_{milestone.mark}"]


def marks(of: CaseProgress) -> list[tuple[str, str]]:
    return [(each.stage.value, each.mark.value) for each in milestones(of)]


def test_the_milestones_show_done_next_and_later() -> None:
    assert marks(case(Stage.SCHEDULED, planned())) == [
        ("filed", "done"),
        ("accepted", "done"),
        ("recorded", "next"),
        ("printed", "ahead"),
        ("handed_over", "ahead"),
    ]
    assert milestones(case(Stage.SCHEDULED, planned()))[2].at == VISIT
    assert milestones(case(Stage.ACCEPTED))[2].at is None
    lost = milestones(case(Stage.PRINTED, step(Stage.PRINTED)))  # whose record was never heard of
    assert (lost[2].mark, lost[2].at) == (MilestoneStatus.DONE, None)
    assert {each.mark for each in milestones(case(Stage.HANDED_OVER, step(Stage.HANDED_OVER)))} == {
        MilestoneStatus.DONE
    }


def test_a_way_that_ended_shows_no_more_than_it_came_to() -> None:
    closed = case(Stage.CANCELLED, planned(), closed_at=NOW, reason=ClosingReason.MOVED_AWAY)
    assert marks(closed) == [("filed", "done"), ("accepted", "done"), ("cancelled", "ended")]
    # Accepted by a letter whose other cases went on after this one was withdrawn.
    withdrawn = replace(closed, accepted_at=NOW + timedelta(hours=1))
    assert marks(withdrawn) == [("filed", "done"), ("cancelled", "ended")]


def test_only_a_recording_counts_as_one() -> None:
    absent = step(Stage.VISITED, 2, outcome=Outcome.ABSENT)
    assert marks(case(Stage.VISITED, planned(), absent))[2] == ("recorded", "next")
    recorded = step(Stage.VISITED, 3, outcome=Outcome.RECORDED)
    assert marks(case(Stage.VISITED, planned(), absent, recorded))[2] == ("recorded", "done")
