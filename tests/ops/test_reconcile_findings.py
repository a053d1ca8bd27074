"""What reconcile compares: pairs, streams, offices, and what was taken."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from ops.reconcile import offices, pairs, streams, unconsumed
from ops.reconcile.findings import Finding
from ops.reconcile.published import PublishedEvent, TopicContents
from ops.reconcile.snapshots import QUESTIONS, ServiceSnapshot
from ops.system import SERVICES
from services.inventory.maintenance import level_differs

NOW = datetime(2026, 4, 6, tzinfo=UTC)
CASE = str(uuid4())


def fact(sequence: int, kind: str = "PrintReady", event_id: UUID | None = None, age: int = 0) -> PublishedEvent:
    return PublishedEvent(event_id or uuid4(), kind, "cases", CASE, sequence, NOW - timedelta(days=age))


def held(**answers: dict[str, dict[str, str]]) -> dict[str, ServiceSnapshot]:
    questions = {name: dict.fromkeys(QUESTIONS[name]) for name in SERVICES}
    return {
        name: ServiceSnapshot(answers={what: answers.get(name, {}).get(what, {}) for what in questions[name]})
        for name in SERVICES
    }


def published(*facts: PublishedEvent) -> TopicContents:
    found = TopicContents()
    for each in facts:
        found.add(each)
    return found


def found(findings: list[Finding]) -> dict[str, set[str]]:
    return {finding.kind: set(finding.things) for finding in findings if finding.things}


def test_each_pair_finds_what_only_one_of_them_knows() -> None:
    for pair in pairs.EXPECTATIONS:
        there = held(**{pair.knows: {pair.there: {"a": "", "b": ""}}, pair.lacks: {pair.here: {"b": "", "c": ""}}})
        assert found(pairs.check(there))[pair.kind] == {"a"}


def test_a_stream_must_be_beyond_what_topics_and_others_know() -> None:
    there = held(requests={"steps": {f"{CASE}/3": "printed"}})
    there["dispatch"].heads["cases", CASE] = 3
    assert found(streams.check(there, None, NOW)) == {}
    assert found(streams.check(there, published(fact(4)), NOW)) == {"stream of cases behind": {CASE}}
    there["dispatch"].heads["cases", CASE] = 2
    assert found(streams.check(there, None, NOW)) == {"stream of cases behind": {CASE}}


def test_a_sequence_is_used_twice_if_one_of_two_facts_is_known() -> None:
    there, mine, forgotten = held(), fact(2), fact(2)
    there["dispatch"].heads["cases", CASE] = 2
    there["dispatch"].outbox_events[mine.id] = mine
    assert found(streams.check(there, published(mine), NOW)) == {}
    log = published(forgotten, mine)
    assert found(streams.check(there, log, NOW)) == {"place used twice": {f"cases {CASE} 2"}}
    assert streams.forgotten(there, log, NOW) == {"PrintReady": (CASE,)}


@pytest.mark.parametrize(("age", "missed"), [(1, True), (20, False)])
def test_a_fact_not_on_its_topic_is_missed_unless_expired(age: int, missed: bool) -> None:
    there, mine = held(), fact(1, age=age)
    there["dispatch"].heads["cases", CASE] = 1
    there["dispatch"].outbox_events[mine.id] = mine
    assert bool(found(streams.check(there, published(), NOW))) is missed


def test_a_fact_is_taken_by_its_id_or_its_place() -> None:
    there, ready = held(), fact(4)
    there["dispatch"].outbox_events[ready.id] = ready
    assert found(unconsumed.check(there)) == {"fact not taken by requests.cases": {str(ready.id)}}
    there["requests"].answers["steps"][f"{CASE}/4"] = "print_ready"
    assert found(unconsumed.check(there)) == {}


@pytest.mark.parametrize(
    ("own", "told", "differ"),
    [
        ("ok", "ok", False),
        ("low", "critical", False),  # eased without a word
        ("critical", "low", True),
        ("ok", "low", True),
        ("low", "ok", True),
    ],
)
def test_a_level_that_eases_is_told_to_nobody(own: str, told: str, differ: bool) -> None:
    assert level_differs(own, told) is differ


def test_counters_of_an_office_must_not_be_behind() -> None:
    office = {"offices": {"17.02": "low 3 2 True"}}
    there = held(
        inventory=office, notify={"offices": {"17.02": "low 3"}}, dispatch={"rationing": {"17.02": "2 True"}}
    )
    assert found(offices.check(there)) == {}
    there = held(
        inventory=office, notify={"offices": {"17.02": "low 4"}}, dispatch={"rationing": {"17.02": "2 False"}}
    )
    assert found(offices.check(there)) == {
        "counters of an office behind": {"17.02"},
        "office stands differently": {"17.02"},
    }
