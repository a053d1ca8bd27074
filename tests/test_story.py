"""The story of one card: from the letter of a kelurahan to the shipment that fills the office's store again.

The four services run as processes on a real Kafka and PostgreSQL. Each step is a command by HTTP from somebody whose
work it is. Then `sees` looks at what a person would look at, again and again up to a deadline: one service hears of
another through Kafka alone, a moment later.
"""

import json
from collections.abc import Callable
from uuid import uuid4

from tests.support.kafka import read_all
from tests.support.polling import until_equal as sees
from tests.support.running.office import KELURAHAN, OFFICE, PROVINCE, RunningOffice
from tests.support.running.services import Caller

MONDAY, TUESDAY, WEDNESDAY, FRIDAY = "2026-04-06", "2026-04-07", "2026-04-08", "2026-04-10"
RESIDENT = {"name": "Siti Sintetis", "birth_date": "1950-01-31", "sex": "P", "service": "first", "reason": "lansia"}
LETTER = {
    "kelurahan": KELURAHAN,
    "kind": "home_visit",
    "letter": {"number": "470/001", "date": MONDAY},
    "consent": "warga",
    "address": "Jalan Sintetis No. 1",
    "residents": [RESIDENT],
}


async def test_one_card_from_the_letter_to_the_next_shipment(
    caller: Callable[..., Caller], bootstrap_servers: str, namespace: str
) -> None:
    office = RunningOffice(caller)
    await open_stores(office, blanks=231)  # the office prints 33 a day, and fewer than 7 days of that are low
    await sees(office.blanks, (231, "ok"))

    await file(office)
    await sees(office.stage, "needs_documents")
    await accept(office)
    await sees(office.stage, "accepted")
    await sees(office.waiting, [office.case])
    await plan(office)
    await sees(office.stage, "scheduled")
    await record(office)
    await sees(office.stage, "recorded")
    await report_print_ready(office)
    await sees(office.stage, "print_ready")
    await print_card(office)
    await sees(office.stage, "printed")

    await sees(office.movements, ["receipt 231", "refill 50", "print 1"])
    await sees(office.blanks, (230, "low"))
    (stock_low,) = await read_all(bootstrap_servers, f"{namespace}stock", 1)
    assert json.loads(stock_low.value)["on_hand"] == 230
    await sees(office.alert, "raised")
    await acknowledge(office)
    await sees(office.alert, "acknowledged")
    await ship(office, 100)
    await sees(office.shipment, "dispatched")
    await receive(office, 100)
    await sees(office.shipment, "received")
    await sees(office.blanks, (330, "ok"))
    await sees(office.alert, "resolved")
    await sees(office.balances, (0, []))


async def open_stores(office: RunningOffice, blanks: int) -> None:
    opening = {"at": f"{MONDAY}T08:00+07:00", "document": "BA/1"}
    await office.province.post("inventory", "/receipts", place=PROVINCE, quantity=500, **opening)
    await office.storekeeper.post("inventory", "/receipts", place=OFFICE, quantity=blanks, **opening)
    tray = {"at": f"{MONDAY}T08:00+07:00", "station": "P1", "quantity": 50}
    await office.storekeeper.post("inventory", f"/offices/{OFFICE}/tray", **tray)


async def file(office: RunningOffice) -> None:
    filed = await office.kelurahan.post("requests", "/requests", at=f"{MONDAY}T09:00+07:00", **LETTER)
    office.request, office.case = f"/requests/{filed['request_id']}", f"/cases/{filed['case_ids'][0]}"


async def accept(office: RunningOffice) -> None:
    await office.kelurahan.post("requests", f"{office.request}/accept", at=f"{MONDAY}T10:00+07:00")


async def plan(office: RunningOffice) -> None:
    await office.ops.post("dispatch", "/clock", at=f"{MONDAY}T18:00+07:00")


async def record(office: RunningOffice) -> None:
    (visit,) = (await office.team.get("dispatch", "/visits", office=OFFICE, day=TUESDAY))["items"]
    path = f"/visits/{visit['visit_id']}/outcome"
    await office.team.post("dispatch", path, at=visit["ends_at"], outcome="recorded")


async def report_print_ready(office: RunningOffice) -> None:
    await office.printer.post("dispatch", f"{office.case}/print-ready", at=f"{TUESDAY}T15:00+07:00")


async def print_card(office: RunningOffice) -> None:
    card = {"print_id": str(uuid4()), "station": "P1", "serial": "BL17020001"}
    await office.printer.post("dispatch", f"{office.case}/prints", at=f"{TUESDAY}T15:30+07:00", **card)


async def acknowledge(office: RunningOffice) -> None:
    path = f"/alerts/{await office.alert('alert_id')}/acknowledge"
    await office.province.post("notify", path, at=f"{WEDNESDAY}T08:00+07:00")


async def ship(office: RunningOffice, quantity: int) -> None:
    answer = {"office": OFFICE, "quantity": quantity, "alert_id": await office.alert("alert_id")}
    await office.province.post("notify", "/shipments", at=f"{WEDNESDAY}T08:30+07:00", **answer)


async def receive(office: RunningOffice, quantity: int) -> None:
    path = f"/shipments/{await office.shipment('shipment_id')}/receive"
    await office.storekeeper.post("inventory", path, at=f"{FRIDAY}T09:30+07:00", quantity=quantity)
