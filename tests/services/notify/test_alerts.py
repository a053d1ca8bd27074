"""The provincial desk: alerts raised once, answered, escalated, resolved; shipments approved; each in its wilayah."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from ops.system import Issuer
from services.notify.app import build
from services.notify.consumers import consumers
from services.notify.settings import Settings
from shared.contract.events import (
    RationingChanged,
    ShipmentCountCorrected,
    ShipmentDispatched,
    ShipmentReceived,
    StockCritical,
    StockLow,
    StockOut,
    StockRecovered,
    StockReportCorrected,
    StockReported,
)
from shared.contract.fields import StockLevel
from shared.contract.ids import new_id
from shared.reference.offices import Offices
from shared.security.auth import Role
from tests.services.notify.desk import MORNING, Desk, Receiver, fall, open_desk, recovery
from tests.support.kafka import read_all, send_raw
from tests.support.polling import until
from tests.support.records import record
from tests.support.serving import serve

Given = Callable[[str], Awaitable[dict[str, object]]]
LOW, CRITICAL, OUT = StockLevel.LOW, StockLevel.CRITICAL, StockLevel.OUT


@pytest.fixture
async def desk(
    database: Callable[[str], Awaitable[str]], issuer: Issuer, token: Callable[..., dict[str, str]]
) -> AsyncIterator[Desk]:
    async with open_desk(await database("notify"), issuer, token, largest_shipment=5000) as opened:
        yield opened


def names(stated: list[tuple[str, dict[str, object]]]) -> list[str]:
    return [name for name, _ in stated]


async def test_each_fall_raises_one_alert_and_recovery_resolves_all(desk: Desk) -> None:
    await desk.takes(fall(LOW, 1), fall(CRITICAL, 2), fall(OUT, 3))
    alerts = await desk.alerts()
    assert [(a["level"], a["crossing"], a["state"]) for a in alerts] == [
        ("low", 1, "raised"),
        ("critical", 2, "raised"),
        ("out", 3, "raised"),
    ]
    assert (alerts[0]["on_hand"], alerts[0]["cover"], alerts[0]["usage"]) == (99, 3.0, 33.0)
    await desk.takes(recovery(4))
    assert {a["state"] for a in await desk.alerts()} == {"resolved"}
    assert await desk.alerts(state="raised") == []
    stated = await desk.stated()
    assert names(stated) == ["AlertRaised"] * 3 + ["AlertResolved"] * 3
    assert [said["alert_id"] for _, said in stated[3:]] == [a["alert_id"] for a in alerts]


async def test_a_crossing_told_twice_or_late_raises_nothing_more(desk: Desk) -> None:
    await desk.takes(fall(LOW, 1), fall(LOW, 1))
    await desk.takes(fall(CRITICAL, 3))
    await desk.takes(fall(LOW, 2))
    assert [a["crossing"] for a in await desk.alerts()] == [1, 3]


async def test_a_recovery_told_late_leaves_a_later_fall_open(desk: Desk) -> None:
    await desk.takes(fall(LOW, 1), fall(LOW, 3))
    await desk.takes(recovery(2))
    assert [a["state"] for a in await desk.alerts()] == ["resolved", "raised"]
    assert (await desk.get("/standings")).json()["items"][0]["level"] == "low"


async def test_an_answer_covers_the_offices_earlier_alerts_once(desk: Desk) -> None:
    await desk.takes(fall(LOW, 1), fall(CRITICAL, 2), fall(LOW, 1, office="17.71"))
    low, critical, other = await desk.alerts()
    key = new_id()
    for _ in range(2):
        answer = await desk.post(f"/alerts/{critical['alert_id']}/acknowledge", key=key)
        assert (answer.status_code, answer.json()["state"]) == (200, "acknowledged")
    again = await desk.post(f"/alerts/{low['alert_id']}/acknowledge")
    assert again.json() == {"alert_id": low["alert_id"], "state": "acknowledged"}
    assert [a["state"] for a in await desk.alerts()] == ["acknowledged", "acknowledged", "raised"]
    assert names(await desk.stated())[3:] == ["AlertAcknowledged"] * 2
    await desk.takes(recovery(3))
    late = await desk.post(f"/alerts/{low['alert_id']}/acknowledge")
    assert (late.status_code, late.json()["errors"][0]["field"]) == (409, "alert_id")
    assert other["alert_id"] == (await desk.alerts(state="raised"))[0]["alert_id"]


async def test_silence_escalates_every_four_working_hours(desk: Desk) -> None:
    await desk.takes(fall(LOW, 1))
    await desk.clock("2026-11-24T13:59:00+07:00")
    assert names(await desk.stated()) == ["AlertRaised"]
    await desk.clock("2026-11-24T14:00:00+07:00")
    await desk.clock("2026-11-24T15:00:00+07:00")
    await desk.clock("2026-11-25T10:00:00+07:00")
    (alert,) = await desk.alerts()
    assert alert["step"] == 2
    await desk.post(f"/alerts/{alert['alert_id']}/acknowledge", at="2026-11-25T11:00:00+07:00")
    await desk.clock("2026-11-30T10:00:00+07:00")
    stated = await desk.stated()
    assert names(stated) == ["AlertRaised", "AlertEscalated", "AlertEscalated", "AlertAcknowledged"]
    assert [(said["step"], said["at"]) for _, said in stated[1:3]] == [
        (1, "2026-11-24T07:00:00Z"),
        (2, "2026-11-25T03:00:00Z"),
    ]


async def test_an_office_without_a_calendar_alerts_without_escalating(desk: Desk) -> None:
    await desk.takes(fall(LOW, 1, office="17.99"), fall(LOW, 1))
    await desk.clock("2026-11-24T14:00:00+07:00")
    assert [(a["office"], a["step"]) for a in await desk.alerts()] == [("17.99", 0), ("17.02", 1)]


async def granted(desk: Desk, quantity: int, alert_id: str | None = None) -> str:
    answer = await desk.post("/shipments", office="17.02", quantity=quantity, alert_id=alert_id)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["shipment_id"])


def left(shipment_id: str, quantity: int, at: str = MORNING) -> ShipmentDispatched:
    return ShipmentDispatched(at=at, office="17.02", province="17", shipment_id=shipment_id, quantity=quantity)


def came(shipment_id: str, quantity: int, expected: int, at: str = MORNING) -> ShipmentReceived:
    about = {"office": "17.02", "province": "17", "shipment_id": shipment_id}
    return ShipmentReceived(at=at, **about, quantity=quantity, expected=expected)


async def test_an_approved_shipment_answers_its_alert_when_it_leaves(desk: Desk) -> None:
    await desk.takes(fall(LOW, 1))
    (alert,) = await desk.alerts()
    key = new_id()
    grant = {"office": "17.02", "quantity": 2000, "alert_id": alert["alert_id"]}
    answers = [await desk.post("/shipments", key=key, **grant) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    (shipment_id,) = {answer.json()["shipment_id"] for answer in answers}
    stated = await desk.stated()
    assert names(stated) == ["AlertRaised", "ShipmentApproved"]
    assert stated[1][1] == {
        "at": "2026-11-24T03:00:00Z",
        "office": "17.02",
        "province": "17",
        "shipment_id": shipment_id,
        "quantity": 2000,
    }
    await desk.takes(left(shipment_id, 2000))
    assert names(await desk.stated())[2:] == ["AlertAcknowledged"]
    await desk.takes(came(shipment_id, 1990, 2000))
    (shipment,) = (await desk.get("/shipments", office="17.02")).json()["items"]
    assert (shipment["approved"], shipment["dispatched"], shipment["received"]) == (2000, 2000, 1990)
    assert shipment["received_at"] == "2026-11-24T03:00:00Z"


async def test_a_promise_and_a_handful_of_cards_answer_no_alert(desk: Desk) -> None:
    await desk.takes(fall(OUT, 1))
    (alert,) = await desk.alerts()
    promised = await granted(desk, 5000, alert["alert_id"])  # of a province whose store is empty, or has none
    await desk.takes(left(await granted(desk, 1, alert["alert_id"]), 1))
    assert [a["state"] for a in await desk.alerts()] == ["raised"]
    await desk.clock("2026-11-24T14:00:00+07:00")
    assert names(await desk.stated())[-1] == "AlertEscalated"
    await desk.takes(left(promised, 5000))
    assert [a["state"] for a in await desk.alerts()] == ["acknowledged"]


async def test_small_shipments_answer_an_alert_together(desk: Desk) -> None:
    await desk.takes(fall(CRITICAL, 1))  # 99 cards are left: critical at or below that
    (alert,) = await desk.alerts()
    await desk.takes(left(await granted(desk, 1), 1))
    assert [a["state"] for a in await desk.alerts()] == ["raised"]
    await desk.takes(left(await granted(desk, 1, alert["alert_id"]), 1))
    assert [a["state"] for a in await desk.alerts()] == ["acknowledged"]


async def test_the_rest_of_a_grant_stays_granted_until_it_has_left(desk: Desk) -> None:
    await desk.takes(fall(OUT, 1))
    (alert,) = await desk.alerts()
    first = await granted(desk, 2000, alert["alert_id"])
    part = left(first, 50, "2026-11-24T11:00:00+07:00")
    await desk.takes(part)
    await desk.takes(part)
    rest, sent = (await desk.get("/shipments")).json()["items"]
    assert (sent["approved"], sent["dispatched"], sent["rest_of"]) == (2000, 50, None)
    assert (rest["approved"], rest["dispatched"], rest["rest_of"]) == (1950, None, first)
    assert rest["alert_id"] == alert["alert_id"]
    name, stated = (await desk.stated())[-1]
    assert (name, stated["shipment_id"], stated["quantity"]) == ("ShipmentApproved", rest["shipment_id"], 1950)
    assert [a["state"] for a in await desk.alerts()] == ["raised"], "fifty cards are no answer"
    await desk.takes(left(rest["shipment_id"], 1950, "2026-11-25T09:00:00+07:00"))
    assert len((await desk.get("/shipments")).json()["items"]) == 2
    assert [a["state"] for a in await desk.alerts()] == ["acknowledged"]


async def test_an_acknowledged_alert_without_cards_is_told_again(desk: Desk) -> None:
    await desk.takes(fall(LOW, 1))
    (alert,) = await desk.alerts()
    await desk.post(f"/alerts/{alert['alert_id']}/acknowledge", at="2026-11-24T11:00:00+07:00")
    await granted(desk, 2000, alert["alert_id"])  # and nothing leaves
    await desk.clock("2026-11-30T10:59:00+07:00")
    assert "AlertEscalated" not in names(await desk.stated())
    for at in ("2026-11-30T11:00:00+07:00", "2026-11-30T11:01:00+07:00"):
        await desk.clock(at)
    (again,) = await desk.alerts()
    assert (again["state"], again["step"]) == ("raised", 1)
    assert again["lapsed_at"] == "2026-11-30T04:00:00Z"
    told = [said for name, said in await desk.stated() if name == "AlertEscalated"]
    assert [(said["step"], said["at"]) for said in told] == [(1, "2026-11-30T04:00:00Z")]
    await desk.post(f"/alerts/{alert['alert_id']}/acknowledge", at="2026-11-30T12:00:00+07:00")
    await desk.clock("2026-12-02T12:00:00+07:00")
    assert [a["state"] for a in await desk.alerts()] == ["acknowledged"]


async def test_an_answer_lapses_when_its_cards_lifted_nothing(
    desk: Desk,
) -> None:
    await desk.takes(fall(LOW, 1))
    (alert,) = await desk.alerts()
    await desk.post(f"/alerts/{alert['alert_id']}/acknowledge", at="2026-11-24T11:00:00+07:00")
    shipment_id = await granted(desk, 10, alert["alert_id"])
    await desk.takes(left(shipment_id, 10, "2026-11-26T11:00:00+07:00"))
    await desk.takes(came(shipment_id, 10, 10, "2026-11-27T11:00:00+07:00"))
    await desk.clock("2026-12-03T10:59:00+07:00")
    assert [a["state"] for a in await desk.alerts()] == ["acknowledged"]
    await desk.clock("2026-12-03T11:00:00+07:00")
    assert [a["state"] for a in await desk.alerts()] == ["raised"]


async def test_a_shipment_approved_elsewhere_is_known_from_its_events(desk: Desk) -> None:
    about = {"at": MORNING, "office": "17.02", "province": "17", "shipment_id": new_id()}
    await desk.takes(ShipmentDispatched(**about, quantity=10), ShipmentReceived(**about, quantity=10, expected=10))
    (shipment,) = (await desk.get("/shipments")).json()["items"]
    assert (shipment["approved"], shipment["dispatched"], shipment["received"]) == (None, 10, 10)


WRONG = (
    ({"quantity": 5001}, 422, "quantity"),
    ({"quantity": 0}, 422, "quantity"),
    ({"alert_id": str(new_id())}, 422, "alert_id"),
    ({"office": "32.74"}, 403, "wilayah"),
    ({"office": "17.99"}, 404, "office"),
    ({"at": "2026-11-24T10:00:00"}, 422, "at"),
)


async def test_a_wrong_grant_is_refused_by_name(desk: Desk) -> None:
    for wrong, status, field in WRONG:
        answer = await desk.post("/shipments", **{"office": "17.02", "quantity": 10, **wrong})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)
    assert await desk.stated() == []


async def test_an_alert_of_another_office_is_no_reason_for_a_shipment(desk: Desk) -> None:
    await desk.takes(fall(LOW, 1, office="17.71"))
    (alert,) = await desk.alerts()
    answer = await desk.post("/shipments", office="17.02", quantity=10, alert_id=alert["alert_id"])
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "alert_id")


async def test_the_latest_report_of_an_office_is_remembered(desk: Desk) -> None:
    def report(day: str, closing: int) -> dict[str, object]:
        numbers = {"opening": closing, "received": 0, "printed": 0, "spoiled": 0, "closing": closing}
        return {"at": MORNING, "office": "17.02", "province": "17", "day": day, **numbers}

    await desk.takes(StockReported(**report("2026-11-23", 500)), StockReported(**report("2026-11-24", 460)))
    await desk.takes(StockReportCorrected(**report("2026-11-24", 455), revision=2))
    await desk.takes(StockReportCorrected(**report("2026-11-24", 458), revision=1))
    await desk.takes(StockReported(**report("2026-11-23", 500)))
    assert (await desk.get("/standings")).json()["items"] == [
        {"office": "17.02", "province": "17", "level": "ok", "reported_day": "2026-11-24", "reported_closing": 455}
    ]


async def test_nobody_sees_or_answers_beyond_the_own_wilayah(desk: Desk) -> None:
    await desk.takes(fall(LOW, 1), fall(LOW, 1, office="17.71"), fall(LOW, 1, office="32.74"))
    assert [a["office"] for a in await desk.alerts()] == ["17.02", "17.71"]
    assert await desk.alerts(province="32") == []
    of_office = (await desk.get("/alerts", Role.STOREKEEPER, "17.71")).json()["items"]
    assert [a["office"] for a in of_office] == ["17.71"]
    (foreign,) = (await desk.get("/alerts", wilayah="32")).json()["items"]
    unknown = await desk.post(f"/alerts/{new_id()}/acknowledge")
    hidden = await desk.post(f"/alerts/{foreign['alert_id']}/acknowledge")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.json() == unknown.json()


async def test_only_the_province_answers_and_approves(desk: Desk) -> None:
    for role in set(Role) - {Role.PROVINCIAL}:
        assert (await desk.post(f"/alerts/{new_id()}/acknowledge", role)).status_code == 403
        assert (await desk.post("/shipments", role, office="17.02", quantity=10)).status_code == 403


async def test_alerts_come_in_pages(desk: Desk) -> None:
    await desk.takes(*(fall(LOW, crossing) for crossing in range(1, 6)))
    seen, after = [], None
    while True:
        query = {"limit": "2", **({"after": after} if after else {})}
        found = (await desk.get("/alerts", **query)).json()
        seen += [alert["crossing"] for alert in found["items"]]
        if (after := found["next"]) is None:
            break
    assert seen == [5, 4, 3, 2, 1]


def test_the_consumer_group_is_pinned() -> None:
    (stock,) = consumers(Offices([]))
    assert stock.group == "notify.stock"
    assert set(stock.consumes) == {
        *(StockLow, StockCritical, StockOut, StockRecovered, StockReported, StockReportCorrected),
        *(ShipmentDispatched, ShipmentReceived, ShipmentCountCorrected),
    }
    assert RationingChanged not in stock.consumes


async def test_from_low_stock_on_kafka_to_the_webhook_of_the_province(
    settings: Given,
    token: Callable[..., dict[str, str]],
    namespace: str,
    bootstrap_servers: str,
    stack: AsyncExitStack,
) -> None:
    told = Settings.model_validate({**await settings("notify"), "allow_private_webhooks": True})
    http = await stack.enter_async_context(serve(build(told)))
    receiver = await stack.enter_async_context(Receiver())
    headers = token(Role.PROVINCIAL, "17")
    body = {"at": MORNING, "province": "17", "url": receiver.url}
    secret = (await http.post("/subscriptions", json=body, headers=headers)).json()["secret"]

    sent = record(fall(CRITICAL, 1))
    message = {"value": sent.value, "key": sent.key, "headers": sent.headers, "partition": sent.partition}
    await send_raw(bootstrap_servers, f"{namespace}stock", [message, message])

    async def arrived() -> bool:
        return bool(receiver.posts)

    await until(arrived, what="the webhook")
    (raised,) = await read_all(bootstrap_servers, f"{namespace}alerts", 1)
    (said,) = receiver.verified(secret)
    assert said["type"] == dict(raised.headers)["ce_type"].decode() == "id.jemputbola.AlertRaised.v1"
    assert raised.key == b"17.02"
    assert said["data"]["level"] == "critical"
