"""The staff of the offices that the examples talk to, by the routes of a running system."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from ops.system import System
from shared.security.auth import Role
from tests.browser.support.town import OFFICE, Town

COUNTED = "17.71"
"""The office whose reports the analysts read; the portals file to OFFICE."""


class Staff(Town):
    """Works at `now`, which only moves forward."""

    def __init__(self, system: System, now: datetime) -> None:
        super().__init__(system)
        self.now = now

    async def to(self, service: str, moment: datetime) -> None:
        """Move a service's business clock to this moment, or a minute on if that has passed."""
        self.now = max(moment, self.now + timedelta(minutes=1))
        await self.ask(service, "POST", "/clock", Role.OPS, "", at=self.now.isoformat(), force=True)

    async def receive(self, office: str, quantity: int, at: datetime, document: str = "BA/001") -> None:
        """Blank cards come to an office."""
        receipt = {"at": at.isoformat(), "place": office, "quantity": quantity, "document": document}
        await self.ask("inventory", "POST", "/receipts", Role.STOREKEEPER, office, **receipt)

    async def request(self, request_id: str) -> dict[str, Any]:
        """A request, as the office sees it."""
        found: dict[str, Any] = await self.ask("requests", "GET", f"/requests/{request_id}", Role.OPERATOR)
        return found

    async def hand_over(self, request_id: str) -> None:
        """Plan the visit of a request of one resident, record, print and hand over."""
        (case_id,) = (case["case_id"] for case in (await self.request(request_id))["cases"])
        await self.until_waiting({"case_ids": [case_id]})
        await self.to("dispatch", self.now)
        await self.until_stage(request_id, "scheduled")
        visit_at = datetime.fromisoformat((await self.request(request_id))["visit_at"])
        await self.to("dispatch", visit_at)
        path = f"/visits?office={OFFICE}&day={visit_at.astimezone(self.now.tzinfo):%Y-%m-%d}"
        visits = (await self.ask("dispatch", "GET", path, Role.OFFICER))["items"]
        (visit_id,) = (visit["visit_id"] for visit in visits if visit["case_id"] == case_id)
        at = self.now.isoformat()
        await self.dispatch(f"/visits/{visit_id}/outcome", Role.OFFICER, at=at, outcome="recorded")
        await self.dispatch(f"/cases/{case_id}/print-ready", Role.SERVICE, at=at)
        blank = {"print_id": str(uuid4()), "station": "P1", "serial": f"BL{uuid4().int % 10**8:08}"}
        await self.dispatch(f"/cases/{case_id}/prints", Role.PRINT_OPERATOR, at=at, **blank)
        await self.dispatch(f"/cases/{case_id}/handover", Role.OFFICER, at=at, receiver="family")

    async def report(self, day: datetime) -> None:
        """Have a day reported at COUNTED on which 500 cards came, and again with ten more that were found later."""
        await self.receive(COUNTED, 500, day)
        await self.to("inventory", day + timedelta(days=1))
        await self.receive(COUNTED, 10, day, document="BA/002")
        await self.to("inventory", self.now)
