"""The province is told in time, and answers in order, whatever devices say."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from ops.system import Issuer
from shared.contract.fields import StockLevel
from tests.services.notify.desk import MORNING, Desk, fall, open_desk

LOW = StockLevel.LOW


@pytest.fixture
async def desk(
    database: Callable[[str], Awaitable[str]], issuer: Issuer, token: Callable[..., dict[str, str]]
) -> AsyncIterator[Desk]:
    async with open_desk(await database("notify"), issuer, token) as opened:
        await opened.clock(MORNING)
        yield opened


@pytest.mark.parametrize("at", ["2098-01-01T00:00:00Z", "2026-11-25T09:00:00+07:00"])
async def test_a_future_dated_alert_escalates_from_when_it_arrived(desk: Desk, at: str) -> None:
    """By a print that a device dated ahead, a day or seventy years."""
    await desk.takes(fall(LOW, 1, at=at))
    await desk.clock("2026-11-24T10:01:00+07:00")
    await desk.clock("2026-11-24T13:59:00+07:00")
    assert [alert["step"] for alert in await desk.alerts()] == [0]
    await desk.clock("2026-11-24T14:01:00+07:00")
    (alert,) = await desk.alerts()
    assert alert["step"] == 1
    escalated = [said["at"] for name, said in await desk.stated() if name == "AlertEscalated"]
    assert escalated in (["2026-11-24T07:01:00Z"], ["2026-11-24T07:00:00Z"])


async def test_an_alert_is_not_answered_before_it_was_raised(desk: Desk) -> None:
    await desk.takes(fall(LOW, 1))
    (alert,) = await desk.alerts()
    path, grant = f"/alerts/{alert['alert_id']}/acknowledge", {"office": "17.02", "quantity": 100}
    for where, body in ((path, {}), ("/shipments", {**grant, "alert_id": alert["alert_id"]})):
        refused = await desk.post(where, at="2026-11-23T09:00:00+07:00", **body)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "at.early")
        assert refused.json()["server_time"] == "2026-11-24T03:00:00+00:00"
    assert (await desk.alerts())[0]["state"] == "raised"
    assert (await desk.post(path, at="2026-11-24T09:00:00+07:00")).status_code == 200  # an hour behind
    (alert,) = await desk.alerts()
    assert alert["acknowledged_at"] == alert["raised_at"]


async def test_an_alert_dated_far_ahead_can_be_answered_now(desk: Desk) -> None:
    await desk.takes(fall(LOW, 1, at="2098-01-01T00:00:00Z"))
    (alert,) = await desk.alerts()
    assert (await desk.post(f"/alerts/{alert['alert_id']}/acknowledge")).status_code == 200
