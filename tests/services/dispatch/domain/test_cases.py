"""What a case may become, stage by stage."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatch.domain.cases import ATTEMPTS, FAULTS, OUR_FAULTS, PRINTS_AGAIN, Case, Needs, is_closed
from services.dispatch.domain.rationing import NONE, Rationing
from services.dispatch.domain.visits import Visit, VisitState, still_fits
from shared.contract.fields import DeferralReason, DestroyCause, Outcome, Receiver, ServiceCode, Skill, Stage, Urgency
from shared.problems import Conflict

AT = datetime(2026, 4, 6, 3, tzinfo=UTC)
NEEDS = Needs("17.02.06.1004", 20, 2, frozenset({Skill.ACCESSIBLE}), Urgency.NORMAL)
CASE = Case(
    id=UUID(int=1),
    request_id=UUID(int=2),
    correlation_id=UUID(int=3),
    office="17.02",
    service=ServiceCode.LOST,
    needs=NEEDS,
    on_hold=False,
    filed_at=AT,
    position=2,
    needs_sequence=2,
)
RECORDED = CASE.accept(AT).schedule().visited(Outcome.RECORDED, AT)
READY = RECORDED.print_ready(AT)
PRINTED = READY.printed(NONE, AT)
HANDED_OVER = PRINTED.handed_over(Receiver.FAMILY, AT)
FIRST_ONLY = Rationing.of(True, frozenset({ServiceCode.FIRST}))


def at_stage(stage: Stage) -> Case:
    return replace(CASE, stage=stage)


def test_the_way_from_the_letter_to_the_hand() -> None:
    assert [CASE.stage, CASE.accept(AT).stage, RECORDED.stage, READY.stage, PRINTED.stage, HANDED_OVER.stage] == [
        *(Stage.FILED, Stage.ACCEPTED, Stage.RECORDED, Stage.PRINT_READY, Stage.PRINTED, Stage.HANDED_OVER),
    ]


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.RELAPSED, Outcome.ABSENT, Outcome.NOT_FOUND])
def test_without_a_record_it_is_visited_until_the_last_attempt(outcome: Outcome) -> None:
    case = CASE.accept(AT)
    for attempt in range(1, ATTEMPTS):
        case = case.schedule().visited(outcome, AT + timedelta(days=attempt))
        assert (case.stage, case.attempts, case.deferred) == (Stage.ACCEPTED, attempt, None)
        assert case.ready_at == AT + timedelta(days=attempt)
    case = case.schedule().visited(outcome, AT)
    assert (case.stage, case.deferred) == (Stage.VISITED, DeferralReason.OUTCOME)


@pytest.mark.parametrize("outcome", OUR_FAULTS)
def test_our_fault_is_no_attempt_and_every_fifth_needs_a_person(outcome: Outcome) -> None:
    case = CASE.accept(AT).schedule().visited(Outcome.ABSENT, AT)
    for faults in range(1, FAULTS):
        case = case.schedule().visited(outcome, AT, faults)
        assert (case.stage, case.attempts) == (Stage.ACCEPTED, 1)
    assert case.schedule().visited(outcome, AT, FAULTS).stage is Stage.VISITED
    assert case.schedule().visited(Outcome.ABSENT, AT, FAULTS).stage is Stage.ACCEPTED
    assert case.schedule().visited(outcome, AT, FAULTS + 1).stage is Stage.ACCEPTED


def test_after_the_last_attempt_a_person_decides() -> None:
    waits = replace(CASE.accept(AT).schedule(), attempts=ATTEMPTS - 1).visited(Outcome.ABSENT, AT)
    again = waits.resume(AT + timedelta(days=1))
    assert (again.stage, again.attempts, again.deferred) == (Stage.ACCEPTED, 0, None)
    assert again.ready_at == AT + timedelta(days=1)
    assert waits.give_up().stage is Stage.CANCELLED
    for stage in sorted(set(Stage) - {Stage.VISITED}):
        for decide in (lambda case: case.resume(AT), lambda case: case.give_up()):
            with pytest.raises(Conflict, match="tidak menunggu keputusan"):
                decide(at_stage(stage))


@pytest.mark.parametrize("outcome", [Outcome.UNDER_AGE, Outcome.ALREADY_RECORDED])
def test_who_is_not_eligible_is_not_visited_again(outcome: Outcome) -> None:
    assert CASE.accept(AT).schedule().visited(outcome, AT).stage is Stage.REJECTED


@pytest.mark.parametrize("stage", Stage)
def test_prr_follows_the_record_and_a_late_one_changes_nothing(stage: Stage) -> None:
    case = at_stage(stage)
    if stage in (Stage.FILED, Stage.ACCEPTED, Stage.SCHEDULED, Stage.VISITED):
        with pytest.raises(Conflict, match="belum direkam"):
            case.print_ready(AT)
    elif stage is Stage.RECORDED:
        assert case.print_ready(AT).stage is Stage.PRINT_READY
    else:
        assert case.print_ready(AT) is case


@pytest.mark.parametrize("stage", [each for each in Stage if each is not Stage.PRINT_READY])
def test_only_a_prr_case_is_printed(stage: Stage) -> None:
    with pytest.raises(Conflict):
        at_stage(stage).printed(NONE, AT)


def test_neither_a_hold_nor_rationing_is_passed_over() -> None:
    with pytest.raises(Conflict, match="ditahan"):
        replace(READY, on_hold=True).printed(NONE, AT)
    with pytest.raises(Conflict, match="lost"):
        READY.printed(FIRST_ONLY, AT)
    assert replace(READY, service=ServiceCode.FIRST).printed(FIRST_ONLY, AT).stage is Stage.PRINTED
    assert Rationing.of(False, frozenset()) == NONE


def test_a_blank_card_is_spoiled_between_prr_and_the_card() -> None:
    READY.must_be_spoilable()
    READY.close(Stage.CANCELLED).must_be_spoilable()
    replace(READY, on_hold=True).must_be_spoilable()
    for case in (CASE, RECORDED, PRINTED, PRINTED.close(Stage.CANCELLED)):
        with pytest.raises(Conflict):
            case.must_be_spoilable()


@pytest.mark.parametrize(
    ("case", "advice"),
    [
        (PRINTED.close(Stage.CANCELLED), "serahkan atau musnahkan"),
        (READY.close(Stage.CANCELLED), "status_change"),
        (RECORDED.close(Stage.CANCELLED), "sebelum PRR"),
    ],
)
def test_a_print_of_a_closed_case_says_what_to_do_with_the_card(case: Case, advice: str) -> None:
    with pytest.raises(Conflict, match=advice):
        case.printed(NONE, AT)
    if advice == "status_change":
        case.must_be_spoilable()


def test_a_card_is_handed_over_once() -> None:
    assert HANDED_OVER.handed_over(Receiver.FAMILY, AT + timedelta(days=1)) is HANDED_OVER
    with pytest.raises(Conflict):
        HANDED_OVER.handed_over(Receiver.RESIDENT, AT)
    for stage in set(Stage) - {Stage.PRINTED, Stage.HANDED_OVER}:
        with pytest.raises(Conflict):
            at_stage(stage).handed_over(Receiver.FAMILY, AT)


@pytest.mark.parametrize("end", [Stage.CANCELLED, Stage.REJECTED])
def test_a_card_of_a_closed_case_is_handed_over_or_destroyed(
    end: Literal[Stage.CANCELLED, Stage.REJECTED],
) -> None:
    closed = PRINTED.close(end)
    assert (closed.stage, closed.card_outstanding) == (end, True)
    assert closed.handed_over(Receiver.FAMILY, AT).stage is Stage.HANDED_OVER
    for cause in DestroyCause:
        destroyed = closed.card_destroyed(cause)
        assert (destroyed.stage, destroyed.card_outstanding) == (end, False)
        with pytest.raises(Conflict, match="tanpa kartu"):
            destroyed.handed_over(Receiver.FAMILY, AT)


def test_a_destroyed_card_is_printed_again_if_somebody_needs_it() -> None:
    for cause in PRINTS_AGAIN:
        again = PRINTED.card_destroyed(cause)
        assert again == READY
        assert again.printed(NONE, AT).stage is Stage.PRINTED
    for cause in (DestroyCause.DECEASED, DestroyCause.UNCLAIMED):
        assert PRINTED.card_destroyed(cause).stage is Stage.CANCELLED
    with pytest.raises(Conflict, match="masih berjalan"):
        PRINTED.card_destroyed(DestroyCause.CASE_CLOSED)
    for case in (CASE, RECORDED, READY, READY.close(Stage.CANCELLED), HANDED_OVER):
        with pytest.raises(Conflict):
            case.card_destroyed(DestroyCause.MISPRINT)


def test_what_was_told_later_counts() -> None:
    other = replace(NEEDS, minutes=40)
    assert CASE.amend(other, 5).needs == other
    assert CASE.amend(other, 5).amend(NEEDS, 4).needs == other


def test_a_visit_holds_for_needs_that_did_not_grow() -> None:
    assert still_fits(NEEDS, replace(NEEDS, minutes=10, skills=frozenset(), urgency=Urgency.HIGH))
    grown: list[dict[str, object]] = [
        {"minutes": 21},
        {"kelurahan": "17.02.06.1015"},
        {"team_size": 3},
        {"skills": frozenset({Skill.ESCORT})},
    ]
    for change in grown:
        assert not still_fits(NEEDS, replace(NEEDS, **change))  # type: ignore[arg-type]


def test_a_visit_has_one_outcome() -> None:
    visit = Visit(UUID(int=4), CASE.id, VisitState.PLANNED, "T1", AT, AT + timedelta(minutes=20))
    done = visit.complete(Outcome.ABSENT, AT)
    assert done.complete(Outcome.ABSENT, AT + timedelta(hours=1)) is done
    with pytest.raises(Conflict, match="absent"):
        done.complete(Outcome.RECORDED, AT)
    with pytest.raises(Conflict, match="dibatalkan"):
        replace(visit, state=VisitState.CANCELLED).complete(Outcome.ABSENT, AT)


DESTROY = [partial(Case.card_destroyed, cause=cause) for cause in DestroyCause]
verbs: st.SearchStrategy[Callable[[Case], Case]] = st.sampled_from(
    [
        lambda case: case.accept(AT),
        lambda case: case.close(Stage.CANCELLED),
        lambda case: case.close(Stage.REJECTED),
        lambda case: case.print_ready(AT),
        lambda case: case.printed(NONE, AT),
        lambda case: case.printed(FIRST_ONLY, AT),
        lambda case: case.handed_over(Receiver.FAMILY, AT),
        lambda case: case.handed_over(Receiver.RESIDENT, AT),
        *DESTROY,
    ]
)


@given(st.sampled_from([CASE, CASE.accept(AT), RECORDED, READY, PRINTED, HANDED_OVER]), st.lists(verbs, max_size=12))
def test_no_order_of_commands_undoes_a_case_or_loses_a_card(
    case: Case, commands: list[Callable[[Case], Case]]
) -> None:
    order = list(Stage)
    for command in commands:
        before = case
        try:
            case = command(before)
        except Conflict:
            continue
        fate = before.card_outstanding and not case.card_outstanding
        assert order.index(case.stage) >= order.index(before.stage) or fate
        assert case == before or not is_closed(before.stage) or fate
        if case.card_outstanding:
            assert case.handed_over(Receiver.FAMILY, AT).stage is Stage.HANDED_OVER
            assert not case.card_destroyed(DestroyCause.MISPRINT).card_outstanding
