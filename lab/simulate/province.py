"""The province's desk and the office's store: the answer to an alert, from acknowledgement to receipt."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from time import monotonic
from typing import Any

from lab.simulate.outcome.story import Shipment
from lab.simulate.population.city import City
from lab.simulate.service_client import Command, ServiceClient
from lab.simulate.webhook import Receiver
from shared.reference.offices import Office
from shared.security.auth import Role

ANSWERS, RECEIVES = time(8, 5), time(9, 30)
"""When the province answers on a working day, and when the office counts what has come."""
TOLD_WITHIN = 30.0
"""Seconds of real time within which an alert has come by webhook: a first attempt, and one more."""

Said = Callable[[datetime, str], None]
WaitQuiescent = Callable[[], Awaitable[None]]


class Supply:
    """Blank cards: opening balances, trays, alerts and shipments of one office."""

    def __init__(
        self, city: City, office: Office, client: ServiceClient, wait_quiescent: WaitQuiescent, said: Said
    ) -> None:
        self._city, self._office, self._client, self._wait_quiescent, self._said = (
            city,
            office,
            client,
            wait_quiescent,
            said,
        )
        self.receiver = Receiver()
        self.shipments: dict[str, Shipment] = {}
        self.acknowledged: dict[str, datetime] = {}

    async def open(self, day: date) -> None:
        """The first morning: what the province and the office have, and where the province wants to be told."""
        at = self._office.moment(day, time(7, 0))
        for place, role, quantity in (
            (self._city.province, Role.PROVINCIAL, self._city.provincial),
            (self._city.office, Role.STOREKEEPER, self._city.opening),
        ):
            body = {"place": place, "quantity": quantity, "document": f"BA/{place}/{day:%Y%m%d}"}
            await self._client.post(Command(f"opening/{place}", "inventory", "/receipts", role, place, at, body))
        await self.receiver.start()
        body = {"province": self._city.province, "url": self.receiver.url}
        answer = await self._desk("subscribe", "/subscriptions", at, body)
        self.receiver.secret = answer["secret"]

    async def morning(self, day: date) -> None:
        """Answer what is open, receive what has come."""
        for alert in sorted(await self.alerts(), key=lambda found: str(found["raised_at"])):
            if alert["alert_id"] not in self.acknowledged and alert["resolved_at"] is None:
                await self._answer(alert, day)
        await self._receive(day)

    async def alerts(self) -> list[dict[str, Any]]:
        """All alerts of the province, a page after the other, the newest first."""
        found: list[dict[str, Any]] = []
        query = {"province": self._city.province}
        while True:
            page = await self._client.get("notify", "/alerts", Role.PROVINCIAL, self._city.province, **query)
            found += page["items"]
            if page["next"] is None:
                return found
            query["after"] = page["next"]

    def answer_due(self, raised: date) -> datetime:
        """When the desk answers an alert at the latest: the next working morning."""
        return self._office.moment(self._office.working_day_after(raised, 1), ANSWERS)

    async def told(self, alerts: int) -> Counter[str]:
        """How many different webhook messages raised each alert, by its id; waits until so many alerts have come,
        for a delivery is no part of what `wait_quiescent` waits for."""
        until = monotonic() + TOLD_WITHIN
        while len(told := self.receiver.raised()) < alerts and monotonic() < until:
            await asyncio.sleep(0.02)
        return told

    async def load_tray(self, day: date, number: int, station: str, quantity: int) -> None:
        """Store to tray, first thing in the morning."""
        body = {"station": station, "quantity": quantity}
        at = self._office.moment(day, time(8, 0))
        await self._store(f"tray/{number}", f"/offices/{self._city.office}/tray", at, body)

    async def _answer(self, alert: dict[str, Any], day: date) -> None:
        at = self._office.moment(day, ANSWERS)
        name = f"alert/{len(self.acknowledged)}"
        await self._desk(f"{name}/acknowledge", f"/alerts/{alert['alert_id']}/acknowledge", at, {})
        self.acknowledged[alert["alert_id"]] = at
        self._said(at, "Provinsi menanggapi peringatan stok")
        if any(shipment.received is None for shipment in self.shipments.values()):
            return
        at = self._office.moment(day, time(8, 20))
        body = {"office": self._city.office, "quantity": self._city.grant, "alert_id": alert["alert_id"]}
        answer = await self._desk(f"{name}/shipment", "/shipments", at, body)
        due = self._office.working_day_after(day, self._office.lead_time)
        self.shipments[answer["shipment_id"]] = Shipment(self._city.grant, at, due)
        self._said(at, f"Provinsi menyetujui kiriman {self._city.grant} blanko")
        await self._wait_quiescent()

    async def _receive(self, day: date) -> None:
        at = self._office.moment(day, RECEIVES)
        for number, (shipment_id, shipment) in enumerate(self.shipments.items()):
            if shipment.received is None and shipment.due <= day:
                path = f"/shipments/{shipment_id}/receive"
                await self._store(f"receive/{number}", path, at, {"quantity": shipment.quantity})
                shipment.received = at
                self._said(at, f"Kiriman {shipment.quantity} blanko diterima")

    async def _desk(self, what: str, path: str, at: datetime, body: dict[str, Any]) -> Any:
        province = self._city.province
        return await self._client.post(Command(what, "notify", path, Role.PROVINCIAL, province, at, body))

    async def _store(self, what: str, path: str, at: datetime, body: dict[str, Any]) -> Any:
        office = self._city.office
        return await self._client.post(Command(what, "inventory", path, Role.STOREKEEPER, office, at, body))
