"""What was recorded wrongly is put right by further entries: once, with a reason, and the books agree throughout."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from ops.system import Issuer
from services.inventory.app import build
from services.inventory.settings import Settings
from services.inventory.store import verify
from shared.contract.ids import new_id
from shared.database.connection import Session
from shared.database.pool import Database
from shared.security.auth import Role
from tests.services.inventory.store import MONDAY, approved, balances, consumers_on, receive, tick, told
from tests.support.records import record
from tests.support.serving import app_of

DEADLINE = MONDAY.replace(hour=9)
KEEPER, PROVINCE = (Role.STOREKEEPER, "17.02"), (Role.PROVINCIAL, "17")


class Store:
    """Inventory's routes on a database of its own, without a broker."""

    def __init__(self, db: Database, client: httpx.AsyncClient, token: Callable[..., dict[str, str]]) -> None:
        self.db, self._client, self._token = db, client, token

    async def post(
        self, path: str, who: tuple[Role, str] = KEEPER, key: UUID | None = None, **body: Any
    ) -> httpx.Response:
        headers = {**self._token(*who), "Idempotency-Key": str(key or uuid4())}
        return await self._client.post(path, json={"at": MONDAY.isoformat(), **body}, headers=headers)

    async def get(self, path: str, who: tuple[Role, str] = KEEPER) -> Any:
        answer = await self._client.get(path, headers=self._token(*who))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def receive(self, quantity: int, document: str = "DO/1", **more: Any) -> httpx.Response:
        return await self.post("/receipts", place="17.02", quantity=quantity, document=document, **more)

    async def shipped(self, quantity: int, counted: int) -> str:
        """A shipment that came, as it was counted."""
        await receive(self.db, "17", quantity)
        shipment = approved(quantity)
        _, alerts = consumers_on(self.db)
        await alerts.process([record(shipment)])
        answer = await self.post(f"/shipments/{shipment.shipment_id}/receive", quantity=counted)
        assert answer.status_code == 200, answer.text
        return str(shipment.shipment_id)

    async def must_agree(self) -> None:
        """The ledger counted again is what is kept of it."""
        async with self.db.connection() as conn:
            found = await verify.verify(conn)
        assert (found.sum, found.differences) == (0, [])

    async def holds(self) -> dict[str, int]:
        async with self.db.connection() as conn:
            return await balances(conn)


@pytest.fixture
async def store(
    database: Callable[[str], Awaitable[str]], issuer: Issuer, token: Callable[..., dict[str, str]]
) -> AsyncIterator[Store]:
    dsn = await database("inventory")
    service = build(Settings(database_url=dsn, kafka_bootstrap_servers="nowhere:1", jwks_file=issuer.jwks_file))
    db = await Database.connect(dsn, size=8)
    transport = httpx.ASGITransport(app_of(service, db))
    async with httpx.AsyncClient(transport=transport, base_url="http://inventory", timeout=30) as client:
        yield Store(db, client, token)
    await db.close()


# --- a wrong count -------------------------------------------------------------------------------


async def test_a_wrong_count_is_corrected_and_the_difference_is_told(
    store: Store,
) -> None:
    shipment = await store.shipped(600, 60)
    answer = await store.post(f"/shipments/{shipment}/recount", quantity=590, reason="mistyped")
    assert (answer.status_code, answer.json()["quantity"], answer.json()["difference"]) == (201, 590, 10)
    assert await store.holds() == {"17:outside": -600, "17.02:in_transit": 10, "17.02:office_store": 590}
    (event,) = await told(store.db, "ShipmentCountCorrected")
    assert (event["quantity"], event["expected"], event["difference"], event["revision"]) == (590, 600, 530, 2)
    lines = (await store.get("/offices/17.02/ledger"))["movements"]
    assert [(line["kind"], line["quantity"]) for line in lines] == [
        ("shipment", 600),
        ("arrival", 60),
        ("reversal", 60),
        ("arrival", 590),
    ]
    assert lines[2]["reference"] == lines[1]["event_id"]
    await store.must_agree()
    again = await store.post(f"/shipments/{shipment}/recount", quantity=580, reason="miscounted")
    assert again.json()["difference"] == 20
    events = await told(store.db, "ShipmentCountCorrected")
    assert [(event["revision"], event["difference"]) for event in events] == [(2, 530), (3, -10)]
    assert (await store.get("/offices/17.02/stock"))["difference"] == 20
    await store.must_agree()


async def test_a_corrected_count_corrects_the_report_of_its_day(store: Store) -> None:
    shipment = await store.shipped(600, 60)
    await tick(store.db, DEADLINE)
    later = (MONDAY + timedelta(days=1)).isoformat()
    await store.post(f"/shipments/{shipment}/recount", quantity=590, reason="mistyped", at=later)
    await tick(store.db, DEADLINE + timedelta(days=1))
    (corrected,) = await told(store.db, "StockReportCorrected")
    assert (corrected["day"], corrected["received"], corrected["closing"]) == ("2026-04-06", 590, 590)
    (recovered,) = await told(store.db, "StockRecovered")
    assert (recovered["at"], recovered["on_hand"]) == ("2026-04-07T02:00:00Z", 590)
    await store.must_agree()


async def test_a_count_of_zero_is_corrected_in_both_directions(store: Store) -> None:
    shipment = await store.shipped(50, 0)
    assert (await store.post(f"/shipments/{shipment}/recount", quantity=50, reason="found_later")).is_success
    assert (await store.holds())["17.02:office_store"] == 50
    assert (await store.post(f"/shipments/{shipment}/recount", quantity=0, reason="wrong_place")).is_success
    assert await store.holds() == {"17:outside": -50, "17.02:in_transit": 50}
    await store.must_agree()


async def test_an_invalid_recount_is_refused_and_changes_nothing(store: Store) -> None:
    shipment = await store.shipped(50, 40)
    path, before = f"/shipments/{shipment}/recount", await store.holds()
    refused = {
        404: [{"path": f"/shipments/{uuid4()}/recount"}, {"who": (Role.STOREKEEPER, "32.74")}],
        403: [{"who": PROVINCE}],
        409: [{"quantity": 40}],
        422: [{"quantity": 51}, {"quantity": -1}, {"reason": ""}, {"reason": "entah"}, {"reason": None}],
    }
    for status, tries in refused.items():
        for change in tries:
            asked = {"path": path, "who": KEEPER, "quantity": 45, "reason": "miscounted", **change}
            assert (await store.post(**asked)).status_code == status, change
    on_its_way = approved(5)
    await receive(store.db, "17", 5)
    await consumers_on(store.db)[1].process([record(on_its_way)])
    early = await store.post(f"/shipments/{on_its_way.shipment_id}/recount", quantity=5, reason="mistyped")
    assert early.status_code == 409
    assert (await store.holds())["17.02:office_store"] == before["17.02:office_store"]
    assert await told(store.db, "ShipmentCountCorrected") == []


async def test_concurrent_recounts_are_taken_one_after_the_other(store: Store) -> None:
    shipment = await store.shipped(100, 10)
    await asyncio.gather(
        *(store.post(f"/shipments/{shipment}/recount", quantity=n, reason="miscounted") for n in (91, 92, 93))
    )
    events = await told(store.db, "ShipmentCountCorrected")
    assert [event["revision"] for event in events] == [2, 3, 4]
    assert 10 + sum(event["difference"] for event in events) == events[-1]["quantity"]
    assert (await store.holds())["17.02:office_store"] == events[-1]["quantity"]
    await store.must_agree()


# --- a receipt -----------------------------------------------------------------------------------


async def test_a_delivery_note_under_another_key_is_asked_about(store: Store) -> None:
    key = uuid4()
    first = [await store.receive(500, "DO/7", key=key) for _ in range(2)]
    assert {(answer.status_code, answer.text) for answer in first} == {(201, first[0].text)}
    for document in ("DO/7", "do / 7", " DO/7"):
        asked = await store.receive(500, document)
        assert (asked.status_code, asked.json()["errors"][0]["field"]) == (409, "document")
        assert "500 keping pada 06-04-2026 09.00" in asked.json()["detail"]
        assert "same_document" in asked.json()["detail"]
    assert (await store.get("/offices/17.02/stock"))["on_hand"] == 500
    assert (await store.receive(200, "DO/7", same_document=True)).json()["store"] == 700
    assert (await store.receive(1, "DO/8")).json()["store"] == 701
    other = await store.post("/receipts", (Role.STOREKEEPER, "17.71"), place="17.71", quantity=9, document="DO/7")
    assert other.status_code == 201


async def test_two_clerks_with_one_delivery_note_record_it_once(store: Store) -> None:
    answers = await asyncio.gather(*(store.receive(500, "DO/7") for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert (await store.get("/offices/17.02/stock"))["on_hand"] == 500


async def test_a_mistyped_receipt_is_reversed_and_its_note_is_reused(store: Store) -> None:
    asked = await store.receive(5000, "DO/7")
    assert (asked.status_code, asked.json()["errors"][0]["field"]) == (409, "quantity")
    assert "152 hari kerja (33 cetak sehari)" in asked.json()["detail"]
    assert "confirmed" in asked.json()["detail"]
    wrong = (await store.receive(5000, "DO/7", confirmed=True)).json()["receipt_id"]
    await tick(store.db, DEADLINE)
    later = (MONDAY + timedelta(days=1)).isoformat()
    path, body = f"/receipts/{wrong}/reversal", {"reason": "mistyped", "at": later}
    answers = await asyncio.gather(*(store.post(path, **body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 3
    assert [a.json()["store"] for a in answers if a.is_success] == [0]
    (out,) = await told(store.db, "StockOut")
    assert out["at"] == "2026-04-07T02:00:00Z"
    assert (await store.receive(500, "DO/7")).json()["store"] == 500
    await tick(store.db, DEADLINE + timedelta(days=1))
    (corrected,) = await told(store.db, "StockReportCorrected")
    assert (corrected["received"], corrected["closing"]) == (500, 500)
    listed = (await store.get("/places/17.02/receipts"))["receipts"]
    assert [(each["quantity"], each["reason"]) for each in listed] == [(500, None), (5000, "mistyped")]
    await store.must_agree()


async def test_receipts_are_listed_page_by_page(store: Store) -> None:
    for number in range(5):
        await store.receive(number + 1, f"DO/{number}")
    seen, after = [], ""
    while after is not None:
        page = await store.get(f"/places/17.02/receipts?limit=2{after and f'&after={after}'}")
        seen += [each["quantity"] for each in page["receipts"]]
        after = page["next"]
    assert seen == [5, 4, 3, 2, 1]


async def test_a_province_may_reverse_a_receipt_after_the_cards_left(store: Store) -> None:
    answer = await store.post("/receipts", PROVINCE, place="17", quantity=1000, document="DO/1")
    receipt_id = answer.json()["receipt_id"]
    await consumers_on(store.db)[1].process([record(approved(600))])
    answer = await store.post(f"/receipts/{receipt_id}/reversal", PROVINCE, reason="mistyped")
    assert (answer.status_code, answer.json()["store"]) == (201, -600)
    assert (await store.holds())["17:provincial_store"] == -600
    await store.must_agree()


async def test_a_receipt_is_reversed_by_whoever_keeps_that_store_room(store: Store) -> None:
    receipt_id = (await store.receive(500)).json()["receipt_id"]
    path = f"/receipts/{receipt_id}/reversal"
    tries: list[tuple[int, str, tuple[Role, str], dict[str, Any]]] = [
        (404, path, (Role.STOREKEEPER, "32.74"), {"reason": "twice"}),
        (403, path, PROVINCE, {"reason": "twice"}),
        (403, path, (Role.OPERATOR, "17.02"), {"reason": "twice"}),
        (404, f"/receipts/{new_id()}/reversal", KEEPER, {"reason": "twice"}),
        (422, path, KEEPER, {}),
        (201, path, KEEPER, {"reason": "twice"}),
    ]
    for status, where, who, body in tries:
        assert (await store.post(where, who, **body)).status_code == status, (where, who)
    async with store.db.connection() as conn:
        reversal: UUID = await conn.fetchval("select event_id from reversal")
        assert await _reasons(conn) == ["twice"]
    # What took a receipt back is none itself.
    assert (await store.post(f"/receipts/{reversal}/reversal", reason="twice")).status_code == 404
    await store.must_agree()


async def _reasons(conn: Session) -> list[str]:
    return [row["reason"] for row in await conn.fetch("select reason from reversal")]
