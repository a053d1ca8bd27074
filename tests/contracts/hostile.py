"""Requests that somebody did think of: what breaks parsers, encoders and databases, put at every field of every
operation. Each must be answered, and none with a 5xx."""

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
from fastapi import FastAPI

from shared.security.auth import Role
from tests.contracts.generated import roles_of
from tests.contracts.story import OFFICE, VILLAGE, VISITED, Ids, Token
from tests.services.requests.desk import resident
from tests.support.files import bad_files

BODIES = [
    *(b"", b"null", b'""', b"[]", b"{}", b"{", b"\x00", b"\xff", b'{"at":"\xff"}', '{"at":1}'.encode("utf-16")),
    *(b"[" * 100_000, b"[" * 50_000 + b"]" * 50_000, b'{"at":' * 50_000 + b"1" + b"}" * 50_000),
    *(b'{"at":' + b"9" * 100_000 + b"}", b'{"at":NaN}', b'{"at":Infinity}', b'{"at":-1e999}', b'{"\\ud800":1}'),
]
VALUES: list[Any] = [
    *("\x00", "x\x00", "\ud800", "\U0010ffff" * 100, "9" * 5000, "2026-04-06T08:00:60Z", "0001-01-01T00:00:00Z"),
    *("9999-12-31T23:59:59-12:00", "infinity", "-infinity", "epoch", 2**31, 2**63, -(2**63), 10**400, math.nan),
    *(math.inf, True, None, [], {}, [[]], "١٧", "١٧.٠٢", "17\n"),
]
TEXTS = [
    *("", "%00", "%FF", "%ED%A0%80", "-1", "1e400", "NaN", "infinity", "9" * 5000, "99999999999999999999"),
    *("0001-01-01", "9999-12-31", "2099-12-31", "2011-01-01", "00.00", "%D9%A1%D9%A7.%D9%A0%D9%A2", "1_7"),
]
"""In paths and queries; `%D9%A1...` is ١٧.٠٢, digits to a careless pattern."""
NEEDED = ("kunjungan",)
"""A query's own word, where no id is asked for: a purpose, or what somebody types."""
MEANT: dict[str, Any] = {
    "at": VISITED,
    "ask_first": False,
    "birth_date": "1950-08-17",
    "birth_date_estimated": False,
    "cases": ["0198c0de-0000-7000-8000-000000000002"],
    "cause": "misprint",
    "consent": "warga",
    "date": "2026-04-09",
    "document": "BA/3",
    "decision": "again",
    "documents": ["kk"],
    "documents_complete": True,
    "family_card": False,
    "force": False,
    "headcount": 10,
    "kelurahan": VILLAGE,
    "kind": "home_visit",
    "letter": {"number": "2", "date": "2026-04-09"},
    "levels": ["out"],
    "name": "Warga Sintetis",
    "needs": [],
    "number": "2",
    "office": OFFICE,
    "on_holidays": False,
    "outcome": "absent",
    "place": OFFICE,
    "preferred_days": [2],
    "province": "17",
    "print_id": "0198c0de-0000-7000-8000-000000000001",
    "purpose": "kunjungan",
    "quantity": 1,
    "reason": "moved_away",
    "receiver": "family",
    "residents": [resident()],
    "serial": "BL000001",
    "same_document": False,
    "confirmed": False,
    "service": "first",
    "sex": "P",
    "station": "P1",
    "url": "http://127.0.0.1:9/x",
}
OPTIONAL = dict.fromkeys(
    (
        *("alert_id", "address", "contact", "drive", "nik", "phone", "marital_status", "vulnerable"),
        *("photo_reason", "recorded_before", "usual_service", "usual_reason", "version"),
    ),
    None,
)


class Enemy:
    """Sends them to one service, with a token of a role that the route lets in."""

    def __init__(self, app: FastAPI, url: str, token: Token, known: Ids) -> None:
        self._document, self._known, self._token = app.openapi(), known, token
        self._roles = roles_of(app)
        self._http = httpx.Client(base_url=url, timeout=60)
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []

    def attack(self) -> None:
        """Every operation, at each of its inputs."""
        for path, operations in self._document["paths"].items():
            for method, operation in operations.items():
                there = path.format_map(self._ids())
                headers = self._authorized(method, path)
                if "requestBody" in operation:
                    for kind, body in self._contents(operation):
                        self._send(method, f"{there}?{self._required(operation, '')}", headers | kind, body)
                for name in (each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"):
                    for text in TEXTS:
                        self._send(method, f"{there}?{self._required(operation, name)}{name}={text}", headers)
                for name in re.findall(r"{(\w+)}", path):
                    for text in filter(None, TEXTS):
                        self._send(method, path.format_map({**self._ids(), name: text}), headers)
        for value in _credentials():
            self._send("get", "/health/live", {"Authorization": value})
            self._send("post", "/clock", {"Authorization": value}, b'{"at":"2026-04-06T08:00:00Z"}')

    def _ids(self) -> dict[str, str]:
        return {name: values[0] for name, values in self._known.items()}

    def _authorized(self, method: str, path: str) -> dict[str, str]:
        return self._token((self._roles.get((method.upper(), path)) or (Role.OPS,))[0])

    def _contents(self, operation: dict[str, Any]) -> Iterator[tuple[dict[str, str], bytes]]:
        """Bodies with their type: of JSON, and of files at the route that takes them."""
        if "application/json" in operation["requestBody"]["content"]:
            for body in [*BODIES, *(each for fields in self._fields(operation) for each in _bodies(fields))]:
                yield {"Content-Type": "application/json"}, body
        elif "text/csv" in operation["requestBody"]["content"]:
            for body in [*BODIES, b"a," * 100_000, b'"' * 100_000, b"nama;layanan;alasan;jenis_kelamin\n=1;\x00;;"]:
                yield {"Content-Type": "text/csv"}, body
        else:
            for body in [*BODIES, *(content for _, _, content in bad_files())]:
                yield {"Content-Type": "image/jpeg"}, body

    def _fields(self, operation: dict[str, Any]) -> list[list[str]]:
        """The fields of a body; of each, where it is one of several."""
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        bodies = schema.get("oneOf") or schema.get("anyOf") or [schema]
        names = [each["$ref"].rpartition("/")[2] for each in bodies]
        return [list(self._document["components"]["schemas"][name]["properties"]) for name in names]

    def _required(self, operation: dict[str, Any], but: str) -> str:
        """The other parameters without which a query says nothing."""
        needed = [
            each["name"] for each in operation.get("parameters", ()) if each["in"] == "query" and each["required"]
        ]
        return "".join(f"{name}={self._known.get(name, NEEDED)[0]}&" for name in needed if name != but)

    def _send(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> None:
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        answer = self._http.request(method, target, headers=encoded, content=body)
        self.statuses[answer.status_code] += 1
        problem = answer.headers.get("content-type") == "application/problem+json"
        if answer.status_code >= 500 or (answer.status_code >= 400 and not problem):
            self.wrong.append(f"{answer.status_code} {method} {target[:120]} {body[:300]!r}: {answer.text[:200]}")


def _bodies(fields: list[str]) -> Iterator[bytes]:
    meant = {**MEANT, **OPTIONAL}
    whole = {name: meant[name] for name in fields}
    for name in fields:
        for value in VALUES:
            yield json.dumps(whole | {name: value}).encode()
    for name in resident() if "residents" in fields else ():
        for value in VALUES:
            yield json.dumps(whole | {"residents": [resident(**{name: value})]}).encode()
    yield json.dumps(whole | {"\x00": 1, "x" * 5000: 1}).encode()


def _credentials() -> Iterator[str]:
    yield from ("Bearer", "Bearer x", "Bearer \xff", "Basic eDp4", "bearer a.b.c", "Bearer ..")
    for header in (b"[" * 15_000, b"[]", b'{"alg":"none","kid":"dev"}', b'{"alg":"EdDSA","kid":[]}', b"\xff", b"1"):
        yield f"Bearer {base64.urlsafe_b64encode(header).decode().rstrip('=')}.e30.eA"
