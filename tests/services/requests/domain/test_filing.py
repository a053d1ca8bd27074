"""Efforts, filings, the life of a letter and the stages of a case, without a database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.domain.filing import Filing, Letter, Submission
from services.requests.domain.intake import file
from services.requests.domain.letters import LockedCase, Request
from services.requests.domain.people import Application, Document, Person, Reason, Sex
from services.requests.domain.rules.effort import Effort
from services.requests.domain.rules.policy import Policies
from services.requests.domain.stages import OPEN, State, state_of_all
from services.requests.domain.when import When
from shared.contract.fields import ClosingReason, RequestKind, ServiceCode, Stage, Urgency
from shared.contract.ids import new_id
from shared.problems import Conflict, Invalid, NotFound
from shared.reference.offices import Offices

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
DAY = date(2026, 11, 24)
WHEN = When(AT, AT)
OFFICE = Offices.load()["17.02"]
POLICY = Policies.load().of("17.02")
EFFORT = Effort(20, 2, (), Urgency.RAISED)
LETTER = Letter("17.02.06.1004", RequestKind.HOME_VISIT, "470/1", DAY)


def person(nik: str | None = None, born: date = date(1950, 8, 17)) -> Person:
    return Person("Siti Sintetis", born, Sex.FEMALE, Reason.ELDERLY, "Jalan Sintetis 1", nik, "+6281234567890")


def filed(*people: Person, complete: bool = True, letter: Letter = LETTER) -> Filing:
    applications = tuple(Application(each, ServiceCode.FIRST) for each in people)
    return file(Submission(letter, applications, complete, WHEN), OFFICE, POLICY, new_id)


def request(stage: Stage = Stage.ACCEPTED, *cases: Stage) -> Request:
    first, kk = ServiceCode.FIRST, (Document.KK,)
    held = [
        LockedCase(new_id(), None, first, EFFORT, False, False, (), kk, case is not Stage.FILED, case)
        for case in cases
    ]
    return Request(
        *(new_id(), "17.02", LETTER.kelurahan, RequestKind.HOME_VISIT, stage, AT, (), False),
        {each.id: each for each in held},
    )


def test_a_complete_letter_is_filed_and_accepted_in_story_order() -> None:
    filing = filed(person(), person(born=date(2010, 1, 5)))
    events = filing.events()
    assert [type(event).__name__ for event in events] == ["RequestFiled", "CaseAdded", "CaseAdded", "RequestAccepted"]
    assert [event.print_on_hold for event in events[1:3]] == [False, True]  # type: ignore[attr-defined]
    assert events[-1].due_at == AT + timedelta(hours=24)  # type: ignore[attr-defined]
    waits = filed(person(), complete=False)
    assert [type(event).__name__ for event in waits.events()] == ["RequestFiled"]
    assert (waits.state, waits.cases[0].missing) == (State.NEEDS_DOCUMENTS, (Document.KK,))


def test_no_word_of_a_person_is_in_events_or_reprs() -> None:
    filing = filed(person("1702065708500001"))
    shown = repr(filing) + "".join(event.model_dump_json() for event in filing.events())
    for secret in ("Siti", "1702065708500001", "Jalan", "81234567890", "lansia", "1950"):
        assert secret not in shown


def test_a_letter_of_tomorrow_and_a_nik_twice_are_refused() -> None:
    tomorrow = Letter(LETTER.kelurahan, LETTER.kind, LETTER.number, DAY + timedelta(days=1))
    with pytest.raises(Invalid) as refused:
        filed(person(), letter=tomorrow)
    assert refused.value.field == "letter.date"
    with pytest.raises(Invalid) as refused:
        filed(person("1702065708500001"), person(), person("1702065708500001"))
    assert refused.value.field == "residents.2.nik"


@pytest.mark.parametrize("stage", [Stage.ACCEPTED, Stage.REJECTED, Stage.CANCELLED])
def test_only_a_filed_letter_is_accepted_or_rejected(stage: Stage) -> None:
    with pytest.raises(Conflict):
        request(stage, Stage.ACCEPTED).accept(POLICY, WHEN)
    with pytest.raises(Conflict):
        request(stage, Stage.ACCEPTED).reject(AT, ClosingReason.DUPLICATE)
    request(Stage.FILED, Stage.FILED).accept(POLICY, WHEN)


@pytest.mark.parametrize("case", [Stage.PRINTED, Stage.HANDED_OVER, Stage.CANCELLED, Stage.REJECTED])
def test_what_is_printed_or_closed_is_not_taken_back(case: Stage) -> None:
    held = request(Stage.ACCEPTED, case)
    with pytest.raises(Conflict):
        held.cancel(AT, ClosingReason.MOVED_AWAY)
    with pytest.raises(Conflict):
        held.withdraw(next(iter(held.cases)), AT, ClosingReason.DECEASED)


def test_a_case_of_another_request_is_not_found() -> None:
    with pytest.raises(NotFound):
        request(Stage.ACCEPTED, Stage.ACCEPTED).withdraw(new_id(), AT, ClosingReason.DECEASED)


@given(st.lists(st.sampled_from(State), min_size=1))
def test_a_request_stands_at_its_slowest_open_case(states: list[State]) -> None:
    closed = (State.HANDED_OVER, State.REJECTED, State.CANCELLED)
    order = [State.FILED, State.NEEDS_DOCUMENTS, *map(State, OPEN[1:])]
    order.insert(order.index(State.RECORDED), State.AWAITING_DECISION)
    order += [State.CARD_OUTSTANDING, State.AWAITING_ANSWER]  # closed, and not over
    found = state_of_all(states)
    assert found in states
    if any(state in order for state in states):
        assert all(order.index(found) <= order.index(state) for state in states if state not in closed)
    elif State.HANDED_OVER in states:
        assert found is State.HANDED_OVER
