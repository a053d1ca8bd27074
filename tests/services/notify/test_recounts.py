"""A corrected count reaches the province: the right number, and by how much it had been told wrong."""

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import permutations
from uuid import UUID

import pytest

from ops.system import Issuer
from shared.contract.events import Event, ShipmentCountCorrected, ShipmentDispatched, ShipmentReceived
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.services.notify.desk import MORNING, Desk, open_desk

LATER = "2026-11-25T10:00:00+07:00"


@pytest.fixture
async def desk(
    database: Callable[[str], Awaitable[str]], issuer: Issuer, token: Callable[..., dict[str, str]]
) -> AsyncIterator[Desk]:
    async with open_desk(await database("notify"), issuer, token) as opened:
        yield opened


def arrival(shipment_id: UUID) -> list[Event]:
    """A shipment of 600 of which 60, then 590, then 580 were counted."""
    about = {"office": "17.02", "province": "17", "shipment_id": shipment_id}
    wrong = {**about, "at": LATER, "expected": 600}
    return [
        ShipmentReceived(at=MORNING, quantity=60, expected=600, **about),
        ShipmentCountCorrected(revision=2, quantity=590, difference=530, **wrong),
        ShipmentCountCorrected(revision=3, quantity=580, difference=-10, **wrong),
    ]


async def received(desk: Desk, shipment_id: UUID) -> int:
    items = (await desk.get("/shipments")).json()["items"]
    return int(next(item["received"] for item in items if item["shipment_id"] == str(shipment_id)))


async def test_the_province_sees_the_count_and_each_signed_difference(desk: Desk) -> None:
    shipment_id = new_id()
    about = {"at": MORNING, "office": "17.02", "province": "17", "shipment_id": shipment_id}
    await desk.takes(ShipmentDispatched(quantity=600, **about))
    assert (await desk.get(f"/shipments/{shipment_id}/recounts")).json()["recounts"] == []
    await desk.takes(*arrival(shipment_id))
    (item,) = (await desk.get("/shipments")).json()["items"]
    assert (item["dispatched"], item["received"], item["received_at"]) == (600, 580, "2026-11-24T03:00:00Z")
    told = (await desk.get(f"/shipments/{shipment_id}/recounts")).json()
    assert [(each["revision"], each["quantity"], each["difference"]) for each in told["recounts"]] == [
        (2, 590, 530),
        (3, 580, -10),
    ]


async def test_the_latest_count_stands_in_whatever_order_they_come(desk: Desk) -> None:
    for order in permutations(range(3)):
        shipment_id = new_id()
        facts = arrival(shipment_id)
        for number in order:
            await desk.takes(facts[number])
            await desk.takes(facts[number])
        assert await received(desk, shipment_id) == 580, order


async def test_recounts_are_told_within_the_wilayah_only(desk: Desk) -> None:
    shipment_id = new_id()
    await desk.takes(*arrival(shipment_id))
    path = f"/shipments/{shipment_id}/recounts"
    assert (await desk.get(path, Role.STOREKEEPER, "17.02")).status_code == 200
    assert (await desk.get(path, Role.PROVINCIAL, "32")).status_code == 404
    assert (await desk.get(f"/shipments/{new_id()}/recounts")).status_code == 404
