"""The people of one office and of its province, and what each of them sees on the routes of the running services."""

from collections.abc import Callable
from typing import Any

from shared.security.auth import Role
from tests.support.running.services import Caller

PROVINCE, OFFICE, KELURAHAN = "17", "17.02", "17.02.06.1004"


class RunningOffice:
    """Callers by their work. `request` and `case` are the paths of what a test follows, once it has filed it."""

    request = case = ""

    def __init__(self, caller: Callable[..., Caller]) -> None:
        self.kelurahan = caller(Role.OPERATOR, KELURAHAN)
        self.team = caller(Role.OFFICER, OFFICE)
        self.printer = caller(Role.PRINT_OPERATOR, OFFICE)
        self.storekeeper = caller(Role.STOREKEEPER, OFFICE)
        self.province = caller(Role.PROVINCIAL, PROVINCE)
        self.ops = caller(Role.OPS)

    async def stage(self) -> Any:
        """How far the request is, as the portal shows it to the kelurahan."""
        return (await self.kelurahan.get("requests", self.request))["stage"]

    async def waiting(self) -> list[str]:
        """The cases for which the office has to plan a visit."""
        found = await self.team.get("dispatch", "/waiting", office=OFFICE)
        return [f"/cases/{case['case_id']}" for case in found["items"]]

    async def blanks(self) -> tuple[int, str]:
        """The number of blank cards on hand, and the level of the stock."""
        found = await self.storekeeper.get("inventory", f"/offices/{OFFICE}/stock")
        return found["on_hand"], found["level"]

    async def movements(self) -> list[str]:
        """The office's ledger: kind and number of cards of each movement, the oldest first."""
        found = await self.storekeeper.get("inventory", f"/offices/{OFFICE}/ledger")
        return [f"{movement['kind']} {movement['quantity']}" for movement in found["movements"]]

    async def balances(self) -> Any:
        """What an audit of the whole ledger finds: the sum of all accounts, and each that differs."""
        found = await self.ops.get("inventory", "/ledger/verify")
        return found["sum"], found["differences"]

    async def alert(self, field: str = "state") -> Any:
        """The newest alert that the province sees; None before there is one."""
        found = await self.province.get("notify", "/alerts", province=PROVINCE)
        return found["items"][0][field] if found["items"] else None

    async def shipment(self, field: str = "state") -> Any:
        """The shipment that the office sees; None before there is one."""
        found = await self.storekeeper.get("inventory", "/shipments", office=OFFICE)
        return found["shipments"][0][field] if found["shipments"] else None
