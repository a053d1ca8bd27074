"""One resident's card, from the letter to the print that makes an office's stock low."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from lab.simulate.service_client import Command, ServiceClient
from ops.system import SERVICES, System, wait_until_quiescent
from shared.reference.offices import Offices
from shared.security.auth import Role

OFFICE, KELURAHAN = "17.02", "17.02.06.1004"
NAME = "Siti Sintetis Pelacakan"
STATION = "P1"
RESIDENT = {
    "name": NAME,
    "birth_date": "1950-01-31",
    "sex": "P",
    "address": "Jalan Sintetis No. 1",
    "service": "first",
    "reason": "lansia",
    "needs": [],
}


@dataclass
class Errand:
    """Says what happens where, each step once everything before it is quiet."""

    system: System
    client: ServiceClient
    at: datetime = datetime(2026, 4, 6, 1, tzinfo=UTC)

    async def say(self, service: str, path: str, role: Role, wilayah: str = OFFICE, **body: Any) -> Any:
        await wait_until_quiescent(self.system)
        self.at += timedelta(seconds=1)
        return await self.client.post(Command(str(uuid4()), service, path, role, wilayah, self.at, body))

    async def tick(self, days: int = 0) -> None:
        """Every service is told the time."""
        self.at += timedelta(days=days)
        for service in SERVICES:
            await self.say(service, "/clock", Role.OPS, "")

    async def receive(self, quantity: int) -> None:
        """Blank cards, all of them into the tray of the station."""
        document = {"place": OFFICE, "quantity": quantity, "document": "BA/001"}
        await self.say("inventory", "/receipts", Role.STOREKEEPER, **document)
        await self.say("inventory", f"/offices/{OFFICE}/tray", Role.STOREKEEPER, station=STATION, quantity=quantity)

    async def file(self) -> str:
        """A letter for one resident; returns the case's id."""
        letter = {"number": f"470/{uuid4().hex[:4]}", "date": self.at.date().isoformat()}
        answer = await self.say(
            "requests",
            "/requests",
            Role.OPERATOR,
            KELURAHAN,
            kelurahan=KELURAHAN,
            kind="home_visit",
            letter=letter,
            consent="warga",
            documents_complete=True,
            residents=[RESIDENT],
        )
        return str(answer["case_ids"][0])

    async def visit(self, case_id: str) -> None:
        """The team was there, and recorded."""
        await wait_until_quiescent(self.system)
        found = await self.client.get("dispatch", f"/cases/{case_id}", Role.OFFICER, OFFICE)
        visit = found["visits"][-1]
        self.at = datetime.fromisoformat(visit["ends_at"])
        await self.say("dispatch", "/clock", Role.OPS, "")
        await self.say("dispatch", f"/visits/{visit['visit_id']}/outcome", Role.OFFICER, outcome="recorded")

    async def print(self, case_id: str) -> None:
        """PRR, then the card."""
        await self.say("dispatch", f"/cases/{case_id}/print-ready", Role.PRINT_OPERATOR)
        attempt = {"print_id": str(uuid4()), "station": STATION, "serial": f"B{uuid4().hex[:10].upper()}"}
        await self.say("dispatch", f"/cases/{case_id}/prints", Role.PRINT_OPERATOR, **attempt)


def low_at() -> int:
    """With so many cards the office is just not low."""
    office = Offices.load()[OFFICE]
    return round(office.low_cover * office.usage)
