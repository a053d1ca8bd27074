"""What hangs on time in requests, while devices say what they like: ages, the hold until 17, retention, turns."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.requests import privacy
from services.requests.privacy import RetentionPolicy
from shared.contract.events import CardHandedOver, CaseClosed
from shared.contract.fields import ClosingReason
from tests.services.requests.desk import MORNING, OPENS, Desk, fact, letter, resident

LONG_AGO = "2011-06-01T09:00:00+07:00"
BIRTHDAY = "2026-11-25T08:00:00+07:00"
"""OPENS is on the eve: within a day ahead of it, a device may say that it is the birthday."""
OLD_LETTER = {"number": "470/1", "date": "2011-05-30"}


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    desk.on_time = False
    return desk


def born(years: int) -> dict[str, Any]:
    """A resident who comes to this age on 25 November 2026, in two hours less than a day from OPENS."""
    return resident(birth_date=f"{2026 - years}-11-25")


@pytest.mark.parametrize("path", ["/requests", "/requests/check"])
async def test_who_is_too_young_stays_so_whatever_the_device_says(desk: Desk, path: str) -> None:
    early = await desk.post(path, letter(born(16), at="2026-11-25T07:00:00+07:00"))
    codes = [error["code"] for error in early.json()["errors"]]
    assert codes == ["age.recording"]
    await desk.tick(BIRTHDAY)
    answer = await desk.post(path, letter(born(16), at="2026-11-23T09:00:00+07:00"))  # a queue that waited
    assert answer.is_success, answer.text
    assert not answer.json().get("errors")


async def test_the_hold_until_17_is_by_the_time_of_receipt(desk: Desk) -> None:
    ahead = await desk.file(born(17), at="2026-11-25T07:00:00+07:00")
    assert [event["print_on_hold"] for event in await desk.told("CaseAdded")] == [True]
    url = f"/requests/{ahead['request_id']}/cases/{ahead['case_ids'][0]}"
    for at, status in (("2027-11-24T09:00:00+07:00", 422), ("2026-11-25T07:30:00+07:00", 200)):
        answer = await desk.patch(url, {"at": at, "address": "Jalan Sintetis No. 2"})
        assert answer.status_code == status
    assert await desk.told("PrintEligible") == []
    await desk.tick(BIRTHDAY)
    assert len(await desk.told("PrintEligible")) == 1
    await desk.file(born(17), at="2026-11-20T09:00:00+07:00", letter={"number": "2", "date": "2026-11-19"})
    assert [event["print_on_hold"] for event in await desk.told("CaseAdded")] == [True, False]
    # What was said of before the birthday, and comes after it, brings the hold back to nobody.
    answer = await desk.patch(url, {"at": "2026-11-24T10:00:00+07:00", "address": "Jalan Sintetis No. 3"})
    assert answer.status_code == 200


async def test_a_drives_list_is_judged_on_the_day_it_comes(desk: Desk) -> None:
    drive = await desk.drive()
    at = "2026-11-25T07:00:00+07:00"
    added = await desk.post(
        f"/requests/{drive['request_id']}/residents", {"at": at, "documents_complete": True, "residents": [born(16)]}
    )
    assert (added.status_code, added.json()["errors"][0]["code"]) == (422, "age.recording")


async def test_what_dispatch_is_told_says_when_it_was_received(desk: Desk) -> None:
    await desk.file(at=LONG_AGO, letter=OLD_LETTER)
    waiting = await desk.file(resident(), documents_complete=False)
    await desk.post(f"/requests/{waiting['request_id']}/accept", {"at": MORNING})
    told = await desk.told("CaseAdded", "RequestAccepted")
    received = datetime.fromisoformat(OPENS)
    assert len(told) == 4
    assert {datetime.fromisoformat(event["received_at"]) for event in told} == {received}
    assert {datetime.fromisoformat(event["at"]).year for event in told} == {2011, 2026}


async def test_nothing_happens_to_a_request_long_before_it_was_filed(desk: Desk) -> None:
    filed = await desk.file(resident(), resident(name="Budi Sintetis"), documents_complete=False)
    url, case = f"/requests/{filed['request_id']}", filed["case_ids"][0]
    reason = {"reason": ClosingReason.ASKED_BY_RESIDENT}
    verbs: list[tuple[str, dict[str, Any]]] = [
        (f"{url}/cases/{case}/documents", {"documents": ["kk"]}),
        (f"{url}/accept", {}),
        (f"{url}/reject", reason),
        (f"{url}/cancel", reason),
        (f"{url}/cases/{case}/withdraw", reason),
    ]
    for path, body in verbs:
        answer = await desk.post(path, {"at": "2026-11-23T08:59:00+07:00", **body})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "at.early"), path
        assert "server_time" in answer.json()
    answer = await desk.post(f"{url}/accept", {"at": "2026-11-24T08:00:00+07:00"})  # a device an hour behind
    assert answer.status_code == 200
    (told,) = await desk.told("RequestAccepted")
    assert told["at"] == "2026-11-24T02:00:00Z"  # with the filing, not before it


async def _kept(desk: Desk) -> int:
    return len(await desk.rows("select from person")) + len(await desk.rows("select from contact"))


async def test_retention_of_a_backdated_fact_counts_from_its_receipt(desk: Desk) -> None:
    policy, old = RetentionPolicy.load(), {"at": LONG_AGO, "letter": OLD_LETTER}
    withdrawn, cancelled, drive = await desk.file(**old), await desk.file(**old), await desk.drive(**old)
    handed = await desk.file(**old)
    reason = {"at": LONG_AGO, "reason": ClosingReason.ASKED_BY_RESIDENT}
    path = f"/requests/{withdrawn['request_id']}/cases/{withdrawn['case_ids'][0]}/withdraw"
    for done in (path, *(f"/requests/{each['request_id']}/cancel" for each in (cancelled, drive))):
        assert (await desk.post(done, reason)).status_code == 200
    await desk.takes((1, fact(CardHandedOver, handed["case_ids"][0], at=LONG_AGO, receiver="resident")))
    without = {"at": LONG_AGO, "reason": "withdrawn", "card_outstanding": False}
    for closed in (withdrawn, cancelled):
        await desk.takes((1, fact(CaseClosed, closed["case_ids"][0], **without)))
    opens = datetime.fromisoformat(OPENS)
    for after, left in (
        (timedelta(days=1), 4),
        (policy.person_without_card.age, 4),
        (policy.person_without_card.age + timedelta(hours=1), 1),
        (policy.person_with_card.age, 1),
        (policy.person_with_card.age + timedelta(hours=1), 0),
    ):
        await desk.tick((opens + after).isoformat())
        await privacy.apply_retention(desk.db, policy)
        assert await _kept(desk) == left, after


async def test_a_future_dated_handover_still_ends_person_and_limit(desk: Desk) -> None:
    """As an older version may have stated it."""
    filed = await desk.file()
    await desk.takes((1, fact(CardHandedOver, filed["case_ids"][0], at="2098-01-01T00:00:00Z", receiver="family")))
    policy = RetentionPolicy.load()
    await desk.tick((datetime.fromisoformat(OPENS) + policy.person_with_card.age + timedelta(hours=1)).isoformat())
    await privacy.apply_retention(desk.db, policy)
    assert await _kept(desk) == 0


async def test_a_letter_is_judged_by_the_day_that_it_is_now(desk: Desk) -> None:
    """The clock that was looked at for the last letter is not the one for the next."""
    assert (await desk.post("/requests", letter(born(16)))).status_code == 422
    await desk.tick(BIRTHDAY)
    first = await desk.post("/requests", letter(born(16)))
    second = await desk.post("/requests", letter(resident(birth_date="2009-11-25", name="Budi Sintetis")))
    assert [first.status_code, second.status_code] == [201, 201], (first.text, second.text)
    assert [event["print_on_hold"] for event in await desk.told("CaseAdded")] == [True, False]
