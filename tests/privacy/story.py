"""A full story through the one origin: filing and refusals, reading, planning, printing, alerts, a failure."""

import asyncio
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx

from lab.simulate.webhook import Receiver
from ops.system import SERVICES, wait_until_quiescent
from shared.security.auth import Role
from tests.privacy.office import Office
from tests.privacy.people import BRAMANTIO, ELSEWHERE, KEZIAH, ZULAIKHA, Resident
from tests.support.kafka import send_raw

KELURAHAN, OFFICE, PROVINCE = "17.02.06.1004", "17.02", "17"
MONDAY = date(2026, 4, 6)


class Story:
    """What the story's people do."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.cases: dict[str, str] = {}
        self._http, self._url = office.http, office.caddy.url

    def headers(self, role: Role, wilayah: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.office.system.token(role, wilayah)}"}

    def get(self, path: str, role: Role, wilayah: str = OFFICE, **query: str) -> httpx.Response:
        return self._http.get(f"{self._url}/api/{path}", params=query, headers=self.headers(role, wilayah))

    def post(self, path: str, role: Role, wilayah: str, at: str, *, key: str = "", **body: Any) -> httpx.Response:
        headers = {**self.headers(role, wilayah), "Idempotency-Key": key or str(uuid4())}
        return self._http.post(f"{self._url}/api/{path}", json={"at": at, **body}, headers=headers)

    def file(self, *residents: dict[str, Any], role: Role = Role.OPERATOR, **more: Any) -> httpx.Response:
        body = {
            "kelurahan": KELURAHAN,
            "kind": "home_visit",
            "letter": {"number": "470/12", "date": MONDAY.isoformat()},
            "consent": "warga",
            "documents_complete": True,
            "residents": list(residents),
            **more,
        }
        return self.post("requests/requests", role, OFFICE, f"{MONDAY}T09:00:00+07:00", **body)

    def quiet(self) -> None:
        asyncio.run(wait_until_quiescent(self.office.system))

    def tick(self, at: str) -> None:
        for name in SERVICES:
            expect(self.post(f"{name}/clock", Role.OPS, "", at), 200)
        self.quiet()

    # --- chapters ----------------------------------------------------------------------------------------------

    def filing(self) -> None:
        self.tick(f"{MONDAY}T06:30:00+07:00")
        for resident in (ZULAIKHA, BRAMANTIO, KEZIAH):
            filed = expect(self.file(resident.body()), 201).json()
            self.cases[resident.name] = filed["case_ids"][0]
        expect(self.file(ZULAIKHA.body()), 409)
        expect(self.file(BRAMANTIO.body(nik=BRAMANTIO.nik, birth_date="1971-10-02"), ELSEWHERE.body()), 409)

    def refusals(self) -> None:
        """Each holds somebody's values; none may come back."""
        for wrong in (
            {"nik": ELSEWHERE.nik[:-1] if ELSEWHERE.nik else ""},
            {"nik": f"9{ELSEWHERE.nik}"},
            {"phone": f"{ELSEWHERE.phone}-{ELSEWHERE.phone}"},
            {"sex": ELSEWHERE.name},
            {"birth_date": ELSEWHERE.address},
            {"birth_date": "2015-01-01"},
            {"marital_status": ELSEWHERE.nik},
        ):
            expect(self.file(ELSEWHERE.body(**wrong)), 422)
        expect(self.file(ELSEWHERE.body(), role=Role.STOREKEEPER), 403)
        expect(self.file(ELSEWHERE.body(), kelurahan="32.74.01.1001"), 403)
        url = f"{self._url}/api/requests/requests"
        headers = self.headers(Role.OPERATOR, OFFICE)
        broken = json.dumps({"residents": [ELSEWHERE.body()]})[:-1]
        expect(self._http.post(url, content=broken, headers={**headers, "content-type": "application/json"}), 422)
        expect(self._http.post(url, json=ELSEWHERE.body()), 401)
        straight = self.office.system.url(
            "requests"
        )  # past the origin: its log would hold the URL that the test made
        expect(self._http.get(f"{straight}/requests", params={"kelurahan": ELSEWHERE.nik}, headers=headers), 422)

    def reading(self) -> None:
        case_id = self.cases[ZULAIKHA.name]
        path = f"requests/cases/{case_id}/person"
        assert expect(self.get(path, Role.OFFICER, purpose="kunjungan"), 200).json()["nik"] == ZULAIKHA.nik
        expect(self.get(path, Role.OFFICER), 422)
        expect(self.get(path, Role.OFFICER, "32.74", purpose="cetak"), 404)
        expect(self.get(path, Role.PROVINCIAL, purpose="cetak"), 403)
        for item in expect(self.get("requests/requests", Role.DISPATCHER), 200).json()["items"]:
            expect(self.get(f"requests/requests/{item['request_id']}", Role.DISPATCHER), 200)

    def stock(self, receiver: Receiver) -> None:
        """So few cards that the province is told, by webhook."""
        at = f"{MONDAY}T07:00:00+07:00"
        body = {"province": PROVINCE, "url": receiver.url}
        answer = expect(self.post("notify/subscriptions", Role.PROVINCIAL, PROVINCE, at, **body), 201)
        receiver.secret = answer.json()["secret"]
        for place, role, quantity in ((PROVINCE, Role.PROVINCIAL, 900), (OFFICE, Role.STOREKEEPER, 120)):
            body = {"place": place, "quantity": quantity, "document": f"BA/{place}"}
            expect(self.post("inventory/receipts", role, place, at, **body), 201)
        tray = {"station": "P1", "quantity": 50}
        expect(self.post(f"inventory/offices/{OFFICE}/tray", Role.STOREKEEPER, OFFICE, at, **tray), 201)
        self.quiet()

    def field(self) -> None:
        """Visits are planned and made, cards are printed and handed over."""
        self.tick(f"{MONDAY}T18:00:00+07:00")
        for ahead in range(1, 9):
            day = MONDAY + timedelta(days=ahead)
            self.tick(f"{day}T06:30:00+07:00")
            found = self.get("dispatch/visits", Role.OFFICER, office=OFFICE, day=day.isoformat())
            for visit in expect(found, 200).json()["items"]:
                self._visit(visit, str(visit["ends_at"]), day)
        self.quiet()

    def _visit(self, visit: dict[str, Any], at: str, day: date) -> None:
        outcome = f"dispatch/visits/{visit['visit_id']}/outcome"
        expect(self.post(outcome, Role.OFFICER, OFFICE, at, outcome="recorded"), 200)
        case = f"dispatch/cases/{visit['case_id']}"
        later = f"{day}T15:50:00+07:00"
        expect(self.post(f"{case}/print-ready", Role.PRINT_OPERATOR, OFFICE, later), 200)
        body = {"print_id": str(uuid4()), "station": "P1", "serial": "B" + uuid4().hex[:9].upper()}
        printed = self.post(f"{case}/prints", Role.PRINT_OPERATOR, OFFICE, f"{day}T15:55:00+07:00", **body)
        if printed.is_success:  # the youngest waits for a birthday
            expect(
                self.post(f"{case}/handover", Role.OFFICER, OFFICE, f"{day}T16:00:00+07:00", receiver="family"), 200
            )

    def trouble(self) -> None:
        """A record that is no event becomes a dead letter; a table that is away makes a failure nobody foresaw."""
        servers = self.office.system.bootstrap_servers
        headers = [("ce_specversion", b"1.0"), ("ce_type", b"id.jemputbola.VisitCompleted.v1")]
        asyncio.run(send_raw(servers, "cases", [{"value": b'{"case_id": 1}', "key": b"x", "headers": headers}]))
        self.quiet()
        psql: Callable[..., str] = self.office.system.platform.postgres.psql
        item = self.get("requests/requests", Role.DISPATCHER).json()["items"][0]
        psql("alter table overdue rename to away", "requests")
        expect(self.get(f"requests/requests/{item['request_id']}", Role.DISPATCHER), 500)
        psql("alter table away rename to overdue; alter table person rename to away", "requests")
        expect(self.file(ELSEWHERE.body()), 500)
        psql("alter table away rename to person", "requests")
        assert "1" in psql("select count(*) from dead_letter", "requests")


def expect(answer: httpx.Response, status: int) -> httpx.Response:
    assert answer.status_code == status, (
        answer.request.method,
        answer.request.url.path,
        answer.status_code,
        answer.text,
    )
    return answer


def case_of(story: Story, resident: Resident) -> str:
    return story.cases[resident.name]
