"""A small story over HTTP, so that generated requests meet something: ids by the names that paths give them."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from shared.security.auth import Role
from tests.services.requests.desk import letter, resident
from tests.support import files
from tests.support.town import wait

Token = Callable[..., dict[str, str]]
Ids = dict[str, list[str]]

OFFICE, VILLAGE = "17.02", "17.02.06.1004"
FILED, EVENING, VISITED = (f"2026-04-{day}:00+07:00" for day in ("10T09:00", "10T18:00", "13T15:00"))


class Town:
    """The services' neighbours, with every role at hand."""

    def __init__(self, urls: Mapping[str, str], token: Token) -> None:
        self.urls, self.token = urls, token
        self.http = httpx.Client(timeout=30)

    def post(self, service: str, path: str, role: Role, at: str = FILED, **body: Any) -> Any:
        answer = self.http.post(f"{self.urls[service]}{path}", json={"at": at, **body}, headers=self.token(role))
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    def get(self, service: str, path: str, role: Role, **query: str) -> Any:
        answer = self.http.get(f"{self.urls[service]}{path}", params=query, headers=self.token(role))
        return answer.json() if answer.is_success else None


def lived(town: Town) -> Ids:
    """Letters filed, some visited, recorded and ready to print; cards few, alerts raised, a shipment approved."""
    town.post("inventory", "/receipts", Role.PROVINCIAL, place="17", quantity=5000, document="BA/1")
    receipt = town.post("inventory", "/receipts", Role.STOREKEEPER, place=OFFICE, quantity=60, document="BA/2")
    town.post("inventory", f"/offices/{OFFICE}/tray", Role.STOREKEEPER, station="P1", quantity=20)
    where = {"province": "17", "url": "http://127.0.0.1:9/peringatan"}
    subscription = town.post("notify", "/subscriptions", Role.PROVINCIAL, **where)["subscription_id"]
    shipment = town.post("notify", "/shipments", Role.PROVINCIAL, office=OFFICE, quantity=100)["shipment_id"]
    letters = [
        town.post("requests", "/requests", Role.OPERATOR, **_letter(complete)) for complete in (True, True, False)
    ]
    cases = [case for filed in letters for case in filed["case_ids"]]
    wait(lambda: town.get("dispatch", f"/cases/{cases[3]}", Role.OFFICER), "the cases in dispatch")
    attachments = [_attached(town, filed) for filed in (letters[0], letters[-1])]
    visits = _visited(town, cases)
    alerts = wait(lambda: (town.get("notify", "/alerts", Role.PROVINCIAL) or {}).get("items"), "an alert")
    wait(lambda: (town.get("inventory", "/shipments", Role.STOREKEEPER) or {}).get("shipments"), "a shipment")
    return {
        "request_id": [filed["request_id"] for filed in letters],
        "case_id": cases,
        "attachment_id": attachments,
        "document": ["kk"],
        "visit_id": visits,
        "alert_id": [alert["alert_id"] for alert in alerts],
        "shipment_id": [shipment],
        "receipt_id": [receipt["receipt_id"]],
        "subscription_id": [subscription],
        "office": [OFFICE],
        "kelurahan": [VILLAGE],
        "place": ["17", OFFICE],
        "province": ["17"],
        "at": [EVENING, VISITED, "2026-04-14T09:00:00+07:00"],
        "date": ["2026-04-09"],
        "day": ["2026-04-13"],
        "birth_date": ["1950-08-17", "2009-12-31"],
    }


def _attached(town: Town, filed: dict[str, Any]) -> str:
    path = f"/requests/{filed['request_id']}/cases/{filed['case_ids'][0]}/attachments"
    query = {"document": "kk", "at": FILED}
    answer = town.http.post(
        f"{town.urls['requests']}{path}", params=query, content=files.png(), headers=town.token(Role.OPERATOR)
    )
    assert answer.is_success, answer.text
    return str(answer.json()["attachment_id"])


def _letter(complete: bool) -> dict[str, Any]:
    body = letter(resident(), resident(), documents_complete=complete)
    return {**body, "letter": {"number": "1", "date": "2026-04-09"}, "at": FILED}


def _visited(town: Town, cases: list[str]) -> list[str]:
    """Visits of all accepted cases; the first two have a record, and the first is ready to print."""
    wait(lambda: town.get("dispatch", f"/cases/{cases[3]}", Role.OFFICER)["stage"] == "accepted", "the acceptance")
    town.post("dispatch", "/clock", Role.OPS, EVENING)
    visits = [town.get("dispatch", f"/cases/{case}", Role.OFFICER)["visits"][0]["visit_id"] for case in cases[:4]]
    town.post("dispatch", "/clock", Role.OPS, VISITED)
    for visit in visits[:2]:
        town.post("dispatch", f"/visits/{visit}/outcome", Role.OFFICER, VISITED, outcome="recorded")
    town.post("dispatch", f"/cases/{cases[0]}/print-ready", Role.PRINT_OPERATOR, VISITED)
    return visits
