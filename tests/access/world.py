"""Two offices with something of everything that has a wilayah, made by the running services themselves.

What a route names in its path, query or body is looked up here by that name; what is here of one office must never
be told to anybody of another. A new kind of object gets a line in `Office` and is seeded in `World.fill`.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from services.dispatch.app import build as dispatch
from services.dispatch.settings import Settings as DispatchSettings
from services.inventory.app import build as inventory
from services.inventory.settings import Settings as InventorySettings
from services.notify.app import build as notify
from services.notify.settings import Settings as NotifySettings
from services.requests.app import build as requests
from services.requests.settings import Settings as RequestsSettings
from shared.security.auth import Role
from shared.service import Service
from tests.access.passport import Passports
from tests.support.files import png
from tests.support.polling import until

FRIDAY, EVENING = "2026-04-10T09:00:00+07:00", "2026-04-10T18:00:00+07:00"
VISIT_DAY, MONDAY, LATE = "2026-04-13", "2026-04-13T15:00:00+07:00", "2026-04-13T20:00:00+07:00"

CALM_SECONDS = 1.0
PASSING = {"migration", "relay_mark", "inbox", "audit_batch", "person_access"}
"""Tables that change by themselves; and the audit, where who was refused a person is written down too."""


@dataclass
class Office:
    """An office and everything of it that a route may name, by the name that routes use for it."""

    office: str
    kelurahan: str
    mark: str
    named: dict[str, str] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    """Receipts by place, the office and its province: whoever keeps a store room reverses its receipts."""
    secrets: set[str] = field(default_factory=set)
    """What must not be told elsewhere: ids, serials, document and letter numbers, names, codes."""

    def __post_init__(self) -> None:
        province = self.office[:2]
        self.named |= {"office": self.office, "kelurahan": self.kelurahan, "province": province}
        self.named |= {"day": VISIT_DAY, "url": f"http://127.0.0.1:9/{self.mark}"}
        self.secrets |= {self.office, f'"{province}"', self.mark}

    def wilayah(self, role: Role) -> str:
        """Where a person of this role stands here."""
        return self.office[:2] if role in (Role.PROVINCIAL, Role.SUBSCRIBER) else self.office

    def note(self, **ids: str) -> None:
        """Keep ids by their name in routes."""
        self.named |= ids
        self.secrets |= set(ids.values())


@dataclass
class World:
    """The services, their addresses, and the two offices."""

    services: dict[str, Service]
    clients: dict[str, httpx.AsyncClient]
    passports: Passports
    here: Office = field(default_factory=lambda: Office("17.02", "17.02.06.1004", "tanda-di-sini"))
    there: Office = field(default_factory=lambda: Office("32.74", "32.74.01.1001", "tanda-di-sana"))

    async def fill(self) -> None:
        """Both offices live a working day, from the letter to the card and from the truck to the alert."""
        offices = (self.here, self.there)
        for name in self.services:
            await self._tick(name, FRIDAY)
        await asyncio.gather(*(self._file(office) for office in offices))
        for at in (EVENING, MONDAY):
            await self._tick("dispatch", at)
        await asyncio.gather(*(self._visit_and_print(office) for office in offices))
        await asyncio.gather(*(self._stock(office) for office in offices))
        await asyncio.gather(*(self._alert_and_subscribe(office) for office in offices))
        for name in self.services:
            await self._tick(name, LATE)
        await self._quiet()

    async def send(
        self, service: str, method: str, path: str, role: Role, office: Office | None, /, **body: Any
    ) -> dict[str, Any]:
        """Ask as a person of an office, who must be let in."""
        token = self.passports.token(role, office.wilayah(role) if office else "")
        answer = await self.clients[service].request(
            method, path, json=body or None, headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.is_success, (service, path, answer.text)
        content: dict[str, Any] = answer.json()
        return content

    async def _tick(self, service: str, at: str) -> None:
        await self.send(service, "POST", "/clock", Role.OPS, None, at=at)

    async def _file(self, office: Office) -> None:
        residents = [
            {
                "name": f"Warga {office.mark}",
                "birth_date": "1950-08-17",
                "sex": "P",
                "address": f"Jalan {office.mark} {number}",
                "service": "first",
                "reason": "lansia",
            }
            for number in range(4)
        ]
        filed = await self.send(
            *("requests", "POST", "/requests", Role.OPERATOR, office),
            at=FRIDAY,
            kelurahan=office.kelurahan,
            kind="home_visit",
            letter={"number": f"470/{office.mark}", "date": "2026-04-09"},
            consent="warga",
            documents_complete=True,
            residents=residents,
        )
        cases = filed["case_ids"]
        office.note(request_id=filed["request_id"], case_id=cases[0])
        office.secrets |= set(cases)

        async def heard() -> bool:
            path = f"/waiting?office={office.office}"
            return len((await self.send("dispatch", "GET", path, Role.DISPATCHER, office))["items"]) == len(cases)

        await until(heard, what="dispatch heard of the cases")

    async def _attach(self, office: Office) -> None:
        path = f"/requests/{office.named['request_id']}/cases/{office.named['case_id']}/attachments"
        headers = {"Authorization": f"Bearer {self.passports.token(Role.OPERATOR, office.office)}"}
        answer = await self.clients["requests"].post(
            path, params={"document": "kk", "at": FRIDAY}, content=png(), headers=headers
        )
        assert answer.status_code == 201, answer.text
        office.note(attachment_id=answer.json()["attachment_id"])

    async def _visit_and_print(self, office: Office) -> None:
        """The first is printed, the second waits to be, the third was not at home, the fourth is still to be seen."""
        path = f"/visits?office={office.office}&day={VISIT_DAY}"
        visits = (await self.send("dispatch", "GET", path, Role.OFFICER, office))["items"]
        of = {visit["case_id"]: visit["visit_id"] for visit in visits}
        office.secrets |= set(of.values())
        first, second, third, fourth = sorted(of, key=list(of).index)
        office.note(case_id=first, visit_id=of[fourth])
        await self._attach(office)
        for case, outcome in ((first, "recorded"), (second, "recorded"), (third, "absent")):
            path = f"/visits/{of[case]}/outcome"
            await self.send("dispatch", "POST", path, Role.OFFICER, office, at=MONDAY, outcome=outcome)
        for case in (first, second):
            await self.send("dispatch", "POST", f"/cases/{case}/print-ready", Role.SERVICE, office, at=MONDAY)
        blank = {"print_id": str(uuid4()), "station": "P1", "serial": f"BL{office.office.replace('.', '')}0001"}
        office.secrets |= {blank["print_id"], blank["serial"]}
        path = f"/cases/{first}/prints"
        await self.send("dispatch", "POST", path, Role.PRINT_OPERATOR, office, at=MONDAY, **blank)

    async def _stock(self, office: Office) -> None:
        """Cards come to the province; the office has too few, and raises an alarm."""
        province = office.office[:2]
        for place, role in ((province, Role.PROVINCIAL), (office.office, Role.STOREKEEPER)):
            body = {"at": FRIDAY, "place": place, "quantity": 40, "document": f"BA/{office.mark}"}
            receipt = await self.send("inventory", "POST", "/receipts", role, office, **body)
            office.receipts[place] = receipt["receipt_id"]
            office.secrets.add(receipt["receipt_id"])
        approved = await self.send(
            "notify", "POST", "/shipments", Role.PROVINCIAL, office, at=FRIDAY, office=office.office, quantity=20
        )
        office.note(shipment_id=approved["shipment_id"])

        async def left() -> bool:
            found = (await self.send("inventory", "GET", "/shipments", Role.STOREKEEPER, office))["shipments"]
            return bool(found and found[0]["state"] == "dispatched")

        await until(left, what="the shipment left")

    async def _alert_and_subscribe(self, office: Office) -> None:
        async def raised() -> list[Any]:
            items: list[Any] = (await self.send("notify", "GET", "/alerts", Role.PROVINCIAL, office))["items"]
            return items

        office.note(alert_id=(await until(raised, what="the alert"))[0]["alert_id"])
        told = await self.send(
            *("notify", "POST", "/subscriptions", Role.SUBSCRIBER, office),
            at=FRIDAY,
            province=office.office[:2],
            url=office.named["url"],
        )
        office.note(subscription_id=told["subscription_id"])
        office.secrets.add(told["secret"])

    async def _quiet(self) -> None:
        """Nothing is on its way any more: for a while every look found the same rows, however long a look takes."""
        seen, since = "", 0.0

        async def still() -> bool:
            nonlocal seen, since
            now = json.dumps(await self.rows())
            if now != seen:
                seen, since = now, time.monotonic()
            return time.monotonic() - since > CALM_SECONDS

        await until(still, what="quiet")

    async def rows(self) -> dict[str, int]:
        """How many rows each table has, as "service.table", but for what only delivers, remembers or seals."""
        found: dict[str, int] = {}
        for name, service in self.services.items():
            found |= {f"{name}.{table}": count for table, count in (await _counts(service)).items()}
        return found


async def _counts(service: Service) -> dict[str, int]:
    conn = await asyncpg.connect(service.settings.database_url)
    try:
        tables = await conn.fetch(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
        names = sorted({row["relname"] for row in tables} - PASSING)
        return {name: await conn.fetchval(f'select count(*) from "{name}"') for name in names}  # noqa: S608
    finally:
        await conn.close()


Told = Callable[[str], Awaitable[dict[str, object]]]


async def built(told: Told, passports: Passports, person_key: Any) -> dict[str, Service]:
    """The four services as in production, with the tokens of a provider."""
    common = {
        "environment": "production",
        "jwks_file": passports.jwks_file,
        "jwt_issuer": passports.issuer,
        "clock_leeway": 0,
        # The walk is a flood of failures from one address; limits have tests of their own.
        **dict.fromkeys(("rate_subject", "rate_address", "rate_failures"), ""),
    }
    private = {
        "person_key_file": person_key,
        "session_key_file": passports.session_key_file,
        "attachments_url": (passports.folder / "attachments").as_uri(),
    }
    return {
        "requests": requests(RequestsSettings.model_validate({**await told("requests"), **common, **private})),
        "dispatch": dispatch(DispatchSettings.model_validate({**await told("dispatch"), **common})),
        "inventory": inventory(InventorySettings.model_validate({**await told("inventory"), **common})),
        "notify": notify(
            NotifySettings.model_validate({**await told("notify"), **common, "allow_private_webhooks": True})
        ),
    }
