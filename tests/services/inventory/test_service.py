"""Inventory as it runs: HTTP, Kafka and its database together."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.inventory.app import build
from services.inventory.settings import Settings
from shared.contract.events import Event
from shared.security.auth import Role
from tests.services.inventory.store import MONDAY, approved, printed, spoiled
from tests.support.kafka import read_all, send_raw
from tests.support.polling import until
from tests.support.records import record
from tests.support.serving import serve

AT = MONDAY.isoformat()
Token = Callable[..., dict[str, str]]


class Inventory:
    """The running service, as its neighbours see it."""

    def __init__(self, client: httpx.AsyncClient, token: Token, servers: str, namespace: str) -> None:
        self.client, self.token, self.servers, self.namespace = client, token, servers, namespace

    async def post(self, path: str, who: tuple[Role, str], **body: Any) -> httpx.Response:
        return await self.client.post(path, json={"at": AT, **body}, headers=self.token(*who))

    async def get(self, path: str, who: tuple[Role, str] = (Role.OPS, "")) -> Any:
        answer = await self.client.get(path, headers=self.token(*who))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def hear(self, *events: Event) -> None:
        for event in events:
            sent = record(event)
            message: dict[str, object] = {"value": sent.value, "key": sent.key, "headers": sent.headers}
            await send_raw(self.servers, self.namespace + event.topic.name, [message])

    async def shipment(self, shipment_id: UUID) -> dict[str, Any]:
        found = (await self.get("/shipments"))["shipments"]
        return next((each for each in found if each["shipment_id"] == str(shipment_id)), {"state": "unknown"})

    async def until_state(self, shipment_id: UUID, state: str) -> dict[str, Any]:
        async def reached() -> bool:
            return bool((await self.shipment(shipment_id))["state"] == state)

        await until(reached, what=f"shipment {state}")
        return await self.shipment(shipment_id)


@pytest.fixture
async def inventory(
    settings: Callable[[str], Awaitable[dict[str, Any]]],
    stack: AsyncExitStack,
    token: Token,
    bootstrap_servers: str,
    namespace: str,
) -> Inventory:
    client = await stack.enter_async_context(serve(build(Settings(**await settings("inventory")))))
    return Inventory(client, token, bootstrap_servers, namespace)


PROVINCE = (Role.PROVINCIAL, "17")
KEEPER = (Role.STOREKEEPER, "17.02")
STRANGER = (Role.STOREKEEPER, "32.74")


async def test_from_the_provinces_store_to_a_print(inventory: Inventory) -> None:
    post = inventory.post
    assert (await post("/receipts", PROVINCE, place="17", quantity=1000, document="DO/7")).json()["store"] == 1000
    shipment = approved(600)
    await inventory.hear(shipment)
    assert (await inventory.until_state(shipment.shipment_id, "dispatched"))["dispatched"] == 600
    assert (await inventory.get("/offices/17.02/stock", KEEPER))["in_transit"] == 600
    counted = await post(f"/shipments/{shipment.shipment_id}/receive", KEEPER, quantity=590)
    assert counted.json()["difference"] == 10
    assert (await post("/offices/17.02/tray", KEEPER, station="P1", quantity=100)).json()["balance"] == 100
    await inventory.hear(printed(), spoiled(station="P2"))

    async def both_taken() -> bool:
        stock = await inventory.get("/offices/17.02/stock")
        return bool(stock["printed"] == 1 and stock["spoiled"] == 1)

    await until(both_taken, what="both taken")
    stock = await inventory.get("/offices/17.02/stock", (Role.PRINT_OPERATOR, "17.02"))
    assert {name: stock[name] for name in ("on_hand", "store", "in_transit", "difference", "needs_opname")} == {
        "on_hand": 588,
        "store": 490,
        "in_transit": 10,
        "difference": 10,
        "needs_opname": True,
    }
    assert stock["trays"] == [
        {"station": "P1", "balance": 99, "needs_opname": False},
        {"station": "P2", "balance": -1, "needs_opname": True},
    ]
    assert (await inventory.get("/ledger/verify")) == {"ok": True, "sum": 0, "movements": 6, "differences": []}
    page = await inventory.get("/offices/17.02/ledger?limit=3", KEEPER)
    assert [m["kind"] for m in page["movements"]] == ["shipment", "arrival", "refill"]
    rest = await inventory.get(f"/offices/17.02/ledger?limit=3&after={page['next']}", KEEPER)
    # Two cases: nothing is promised of their order.
    assert sorted(m["kind"] for m in rest["movements"]) == ["print", "spoil"]
    answer = await post("/clock", (Role.OPS, ""), at="2026-04-06T10:00:00Z")
    assert answer.status_code == 200
    (report,) = (await inventory.get("/offices/17.02/reports", KEEPER))["reports"]
    assert (report["received"], report["printed"], report["spoiled"], report["closing"]) == (590, 1, 1, 588)
    records = await read_all(inventory.servers, inventory.namespace + "stock", 7)
    assert [dict(r.headers)["ce_type"].decode().split(".")[2] for r in records] == [
        "StockOut",
        "RationingChanged",
        "ShipmentDispatched",
        "StockRecovered",
        "RationingChanged",
        "ShipmentReceived",
        "StockReported",
        "RationingChanged",
    ]
    assert {r.key for r in records} == {b"17.02"}


async def test_a_shipment_gets_what_there_is_or_waits_for_a_receipt(inventory: Inventory) -> None:
    first, second, third = approved(100), approved(50, "17.71"), approved(70)
    await inventory.post("/receipts", PROVINCE, place="17", quantity=60, document="DO/1")
    await inventory.hear(first)
    assert (await inventory.until_state(first.shipment_id, "dispatched"))["dispatched"] == 60
    await inventory.hear(second, third)
    await inventory.until_state(second.shipment_id, "waiting")
    await inventory.until_state(third.shipment_id, "waiting")
    answer = await inventory.post(f"/shipments/{third.shipment_id}/receive", KEEPER, quantity=1)
    assert answer.status_code == 409
    answer = await inventory.post("/receipts", PROVINCE, place="17", quantity=90, document="DO/2")
    assert answer.json()["store"] == 0
    sent = [(await inventory.shipment(each.shipment_id))["dispatched"] for each in (first, second, third)]
    assert sent == [60, 50, 40]
    assert (await inventory.get("/ledger/verify"))["ok"]
    stocks = await inventory.get("/stock?province=17", PROVINCE)
    assert stocks["provinces"] == [{"province": "17", "store": 0}]
    assert [office["office"] for office in stocks["offices"]] == ["17.02", "17.71"]


async def test_everybody_keeps_to_their_wilayah_and_role(inventory: Inventory) -> None:
    post, shipment = inventory.post, approved(5)
    await post("/receipts", PROVINCE, place="17", quantity=10, document="DO/1")
    await inventory.hear(shipment)
    await inventory.until_state(shipment.shipment_id, "dispatched")
    receive = f"/shipments/{shipment.shipment_id}/receive"
    assert (await post(receive, STRANGER, quantity=5)).status_code == 404
    assert (await post(f"/shipments/{uuid4()}/receive", KEEPER, quantity=5)).status_code == 404
    assert (await post(receive, PROVINCE, quantity=5)).status_code == 403
    assert (await post("/offices/17.02/tray", STRANGER, station="P1", quantity=1)).status_code == 403
    assert (await post("/receipts", STRANGER, place="17.02", quantity=1, document="x")).status_code == 403
    assert (await post("/receipts", KEEPER, place="17", quantity=1, document="x")).status_code == 403
    assert (await post("/receipts", PROVINCE, place="17.02", quantity=1, document="x")).status_code == 403
    assert (await inventory.get("/shipments", STRANGER))["shipments"] == []
    assert (await inventory.get("/stock", STRANGER)) == {"provinces": [], "offices": []}
    for path in ("/offices/17.02/stock", "/offices/17.02/ledger", "/offices/17.02/reports", "/ledger/verify"):
        answer = await inventory.client.get(path, headers=inventory.token(*STRANGER))
        assert answer.status_code == 403
    assert (await inventory.client.get("/stock")).status_code == 401


async def test_what_cannot_be_is_refused_with_field_and_reason(inventory: Inventory) -> None:
    post, shipment = inventory.post, approved(5)
    answer = await post("/offices/17.02/tray", KEEPER, station="P1", quantity=1)
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["field"] == "quantity"
    assert (await post("/receipts", KEEPER, place="17.02", quantity=0, document="x")).status_code == 422
    assert (await post("/receipts", KEEPER, place="17.02", quantity=1, document="\0")).status_code == 422
    unknown = await post("/receipts", (Role.PROVINCIAL, "99"), place="99", quantity=1, document="x")
    assert unknown.status_code == 404
    await post("/receipts", PROVINCE, place="17", quantity=10, document="DO/1")
    await inventory.hear(shipment)
    await inventory.until_state(shipment.shipment_id, "dispatched")
    receive = f"/shipments/{shipment.shipment_id}/receive"
    assert (await post(receive, KEEPER, quantity=6)).status_code == 422
    assert (await post(receive, KEEPER, quantity=0)).json()["difference"] == 5
    assert (await post(receive, KEEPER, quantity=5)).status_code == 409


async def test_a_receipt_sent_again_counts_once(inventory: Inventory) -> None:
    headers = {**inventory.token(*KEEPER), "Idempotency-Key": str(uuid4())}
    body = {"at": AT, "place": "17.02", "quantity": 500, "document": "BA/1"}
    answers = [await inventory.client.post("/receipts", json=body, headers=headers) for _ in range(3)]
    assert {(a.status_code, a.text) for a in answers} == {(201, answers[0].text)}
    assert (await inventory.get("/offices/17.02/stock"))["on_hand"] == 500


async def test_an_office_before_its_first_movement_has_no_card(inventory: Inventory) -> None:
    stock = await inventory.get("/offices/32.74/stock", STRANGER)
    assert (stock["on_hand"], stock["level"], stock["trays"], stock["crossing"]) == (0, "out", [], 1)
