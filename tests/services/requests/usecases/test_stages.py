"""Where a case stands: dispatch's facts in any order and any number, and what the reader is shown."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contract.events import (
    CardHandedOver,
    CaseEvent,
    PrintCompleted,
    PrintReady,
    RecordCaptured,
    VisitCompleted,
    VisitDeferred,
    VisitRescheduled,
    VisitScheduled,
)
from shared.contract.fields import Outcome
from shared.contract.ids import new_id
from tests.services.requests.desk import Desk, fact, letter, resident

VISIT = {"visit_id": str(new_id())}
SLOT = {"team": "T1", "starts_at": "2026-11-25T09:00:00+07:00", "ends_at": "2026-11-25T09:30:00+07:00"}
NIK = "1702065708500001"


def way(case_id: str) -> list[tuple[int, CaseEvent]]:
    """All the way of a case that was deferred once."""
    printing = {"print_id": new_id(), "station": "P1", "serial": "BL000001"}
    events = [
        fact(VisitScheduled, case_id, kelurahan="17.02.06.1004", **VISIT, **SLOT),
        fact(VisitRescheduled, case_id, **VISIT, **SLOT),
        fact(VisitCompleted, case_id, **VISIT, outcome="absent"),
        fact(VisitDeferred, case_id, reason="outcome"),
        fact(VisitScheduled, case_id, kelurahan="17.02.06.1004", **VISIT, **SLOT),
        fact(VisitCompleted, case_id, **VISIT, outcome="recorded"),
        fact(RecordCaptured, case_id, **VISIT),
        fact(PrintReady, case_id),
        fact(PrintCompleted, case_id, **printing),
        fact(CardHandedOver, case_id, receiver="family"),
    ]
    return list(enumerate(events, start=1))


STAGES = ["scheduled", "scheduled", "visited", "visited", "scheduled", "visited", "recorded", "print_ready"]
STAGES += ["printed", "handed_over"]
STATES = [*STAGES[:3], "awaiting_decision", *STAGES[4:]]


def turned_away(case_id: str, outcome: Outcome) -> list[tuple[int, CaseEvent]]:
    """The way of a resident who has no right to a card, as the team finds at the second visit."""
    return [*way(case_id)[:5], (6, fact(VisitCompleted, case_id, **VISIT, outcome=outcome))]


async def test_each_fact_moves_the_case_on(desk: Desk) -> None:
    filed = await desk.file()
    for step, expected in zip(way(filed["case_ids"][0]), STATES, strict=True):
        await desk.takes(step)
        assert (await desk.case(filed["request_id"]))["stage"] == expected
        assert (await desk.get(f"/requests/{filed['request_id']}")).json()["stage"] == expected


async def test_any_order_and_repetition_gives_the_same_state(desk: Desk) -> None:
    filed = await desk.file(*(resident() for _ in range(12)))
    random = Random(7)  # noqa: S311
    for upto, case_id in enumerate(filed["case_ids"], start=1):
        known = way(case_id)[: min(upto, 10)]
        arriving = known + random.choices(known, k=4)
        random.shuffle(arriving)
        cut = random.randrange(len(arriving))
        await desk.takes(*arriving[:cut])
        await desk.takes(*arriving[cut:])
    detail = (await desk.get(f"/requests/{filed['request_id']}")).json()
    for upto, case in enumerate(detail["cases"], start=1):
        upto = min(upto, 10)
        assert case["stage"] == STATES[upto - 1]
        assert [step["stage"] for step in case["stages"]] == ["filed", "accepted", *STAGES[:upto]]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_facts_in_any_order_or_repeated_lead_to_the_same_state(desk: Desk, data: st.DataObject) -> None:
    filed = await desk.file(resident(), resident())
    in_order, arriving = (way(case_id) for case_id in filed["case_ids"])
    upto = data.draw(st.integers(1, len(in_order)))
    again = data.draw(st.lists(st.sampled_from(arriving[:upto]), max_size=6))
    left = data.draw(st.permutations([*arriving[:upto], *again]))
    for step in in_order[:upto]:
        await desk.takes(step)
    while left:
        size = data.draw(st.integers(1, len(left)))
        await desk.takes(*left[:size])
        left = left[size:]
    once, any_way = (await desk.get(f"/requests/{filed['request_id']}")).json()["cases"]
    of_its_own = ("case_id", "tracking")
    assert {name: once[name] for name in once if name not in of_its_own} == {
        name: any_way[name] for name in any_way if name not in of_its_own
    }


async def test_the_reader_sees_times_visit_and_outcome(desk: Desk) -> None:
    filed = await desk.file()
    await desk.takes(*way(filed["case_ids"][0])[:4])
    steps = (await desk.case(filed["request_id"]))["stages"]
    assert steps[2]["starts_at"] == "2026-11-25T02:00:00Z"
    assert steps[4]["outcome"] == "absent"
    assert steps[5]["deferral"] == "outcome"


async def test_a_fact_on_an_unknown_case_is_kept_and_harms_nothing(desk: Desk) -> None:
    stranger = str(new_id())
    filed = await desk.file()
    await desk.takes(way(stranger)[0], way(filed["case_ids"][0])[0])
    assert (await desk.case(filed["request_id"]))["stage"] == "scheduled"
    assert len(await desk.rows("select from step where case_id = $1", stranger)) == 1
    assert await desk.rows("select from dead_letter") == []


async def test_a_case_stays_withdrawn_unless_its_card_is_handed_over(desk: Desk) -> None:
    filed = await desk.file(resident(nik=NIK))
    case_id = filed["case_ids"][0]
    path = f"/requests/{filed['request_id']}/cases/{case_id}/withdraw"
    assert (await desk.post(path, {"at": SLOT["starts_at"], "reason": "moved_away"})).status_code == 200
    await desk.takes(*way(case_id)[:9])
    assert (await desk.case(filed["request_id"]))["stage"] == "awaiting_answer"
    await desk.takes(way(case_id)[9])
    assert (await desk.case(filed["request_id"]))["stage"] == "handed_over"


async def test_a_card_in_the_hand_frees_the_nik(desk: Desk) -> None:
    filed = await desk.file(resident(nik=NIK))
    await desk.takes(*way(filed["case_ids"][0]))
    await desk.file(resident(nik=NIK, service="lost"))


@pytest.mark.parametrize("outcome", [Outcome.UNDER_AGE, Outcome.ALREADY_RECORDED])
async def test_a_resident_turned_away_is_rejected_and_may_apply_again(desk: Desk, outcome: Outcome) -> None:
    filed = await desk.file(resident(nik=NIK))
    case_id = filed["case_ids"][0]
    await desk.takes(*turned_away(case_id, outcome)[:5])
    assert (await desk.post("/requests", letter(resident(nik=NIK)))).status_code == 409
    await desk.takes(turned_away(case_id, outcome)[5])
    case = await desk.case(filed["request_id"])
    assert (case["stage"], case["stages"][-1]["stage"]) == ("rejected", "rejected")
    assert case["stages"][-1]["outcome"] == outcome
    path = f"/requests/{filed['request_id']}/cases/{case_id}/withdraw"
    assert (await desk.post(path, {"at": SLOT["starts_at"], "reason": "moved_away"})).status_code == 409
    await desk.file(resident(nik=NIK))


async def test_an_ending_told_in_any_order_ends_the_case_alike(desk: Desk) -> None:
    """The end first, last, or in the middle, and repeated: rejected, without a limit, the NIK free."""
    random = Random(11)  # noqa: S311
    filed = await desk.file(*(resident(nik=f"17020657085{n:05}") for n in range(1, 11)))
    for case_id in filed["case_ids"]:
        known = turned_away(case_id, Outcome.UNDER_AGE)
        arriving = known + random.choices(known, k=4)
        random.shuffle(arriving)
        cut = random.randrange(len(arriving))
        await desk.takes(*arriving[:cut])
        await desk.takes(*arriving[cut:])
    states = await desk.rows("select c.stage, c.due_at, p.open from case_file c join person p on p.case_id = c.id")
    assert [tuple(state) for state in states] == [("rejected", None, False)] * 10
    await desk.tick("2027-01-04T09:00:00+07:00")
    assert await desk.told("RequestOverdue") == []


async def test_pages_follow_one_another_and_keep_to_the_wilayah(desk: Desk) -> None:
    mine = [(await desk.file())["request_id"] for _ in range(5)]
    body = letter(kelurahan="32.74.01.1001")
    assert (await desk.post("/requests", body, wilayah="32.74")).status_code == 201
    seen, after = [], {}
    while True:
        page = (await desk.get("/requests", limit=2, **after)).json()
        seen += [item["request_id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == mine[::-1]
    assert len((await desk.get("/requests", wilayah="")).json()["items"]) == 6
    assert (await desk.get("/requests", wilayah="17.71")).json()["items"] == []
    assert (await desk.get("/requests", wilayah="17.0")).status_code == 401


async def test_the_list_is_filtered_by_kelurahan_and_stage(desk: Desk) -> None:
    moved = await desk.file(resident(), resident())
    await desk.takes(way(moved["case_ids"][0])[0])
    await desk.file(documents_complete=False)
    by_stage = (await desk.get("/requests", stage="scheduled")).json()["items"]
    assert [(item["request_id"], item["stage"], item["cases_total"]) for item in by_stage] == [
        (moved["request_id"], "accepted", 2)
    ]
    assert len((await desk.get("/requests", kelurahan="17.02.06")).json()["items"]) == 2
    assert (await desk.get("/requests", kelurahan="17.02.07.1001")).json()["items"] == []
    assert (await desk.get("/requests", kelurahan="%")).status_code == 422


async def test_a_foreign_request_is_not_found(desk: Desk) -> None:
    filed = await desk.file()
    for wilayah in ("17.71", "17.02.07", "32"):
        answer = await desk.get(f"/requests/{filed['request_id']}", wilayah=wilayah)
        assert answer.status_code == 404
        assert "17.02" not in answer.text
