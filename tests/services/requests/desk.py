"""Requests without a broker: its routes and its consumer on a real database."""

import base64
import json
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from faststream.kafka import KafkaBroker

from ops.system import Issuer
from services.requests.app import build
from services.requests.encryption import Vault
from services.requests.settings import Settings
from shared.contract.events import CaseClosed, CaseEvent
from shared.contract.ids import new_id
from shared.database.pool import Database
from shared.messaging.consumer import Consumer
from shared.security.auth import Identity, Role
from shared.security.encryption import derive
from shared.security.session_tokens import SessionKey
from tests.support.records import attributes, record
from tests.support.rightclock import right_for
from tests.support.serving import app_of

KELURAHAN = "17.02.06.1004"
OFFICE = "17.02"
MORNING = "2026-11-24T09:00:00+07:00"
OPENS = "2026-11-24T08:00:00+07:00"
"""What the business clock shows as a test begins: it decides, not the day on which the test runs."""


DRIVE = {"place": "school", "name": "SMA Sintetis 1", "headcount": 1000, "preferred_days": [2]}
CONTACT = {"name": "Guru Sintetis", "phone": "081234567891"}


def key_file(folder: Path) -> Path:
    """A fresh key of the persons."""
    file = folder / "person.key"
    file.write_bytes(base64.b64encode(os.urandom(32)))
    return file


def resident(**fields: Any) -> dict[str, Any]:
    """A resident of a letter, born 17 August 1950, without a NIK."""
    return {
        "name": "Siti Sintetis",
        "birth_date": "1950-08-17",
        "sex": "P",
        "address": "Jalan Sintetis No. 1, RT 001",
        "service": "first",
        "reason": "lansia",
        "needs": [],
        **fields,
    }


def letter(*residents: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The body of POST /requests."""
    return {
        "at": MORNING,
        "kelurahan": KELURAHAN,
        "kind": "home_visit",
        "letter": {"number": "470/001/11/2026", "date": "2026-11-23"},
        "consent": "warga",
        "documents_complete": True,
        "residents": list(residents) or [resident()],
        **fields,
    }


def fact(event: type[CaseEvent], case_id: str, at: str = MORNING, **fields: Any) -> CaseEvent:
    """A fact of dispatch on a case."""
    return event(at=at, case_id=case_id, request_id=new_id(), office=OFFICE, **fields)


def browser(issuer: Issuer, who: Identity) -> dict[str, str]:
    """What a browser of this person sends along."""
    session = SessionKey.load(issuer.session_key_file).sign(who, "00", datetime.now(UTC), 240)
    return {"Cookie": f"sesi={session}", "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@dataclass
class Desk:
    """What a test of requests holds in its hands."""

    db: Database
    http: httpx.AsyncClient
    token: Callable[..., dict[str, str]]
    vault: Vault
    cases: Consumer
    settings: Settings
    on_time: bool = True
    """Whether the business clock is right for whatever is sent."""

    async def get(self, path: str, role: Role = Role.OPERATOR, wilayah: str = OFFICE, **query: Any) -> httpx.Response:
        return await self.http.get(path, params=query, headers=self.token(role, wilayah))

    async def post(
        self,
        path: str,
        body: dict[str, Any] | None = None,
        role: Role = Role.OPERATOR,
        wilayah: str = OFFICE,
        key: UUID | None = None,
    ) -> httpx.Response:
        headers = {**self.token(role, wilayah), "Idempotency-Key": str(key or new_id())}
        content = body or {"at": MORNING}
        async with right_for(self.db, content.get("at") if self.on_time and path != "/clock" else None):
            return await self.http.post(path, json=content, headers=headers)

    async def patch(self, path: str, body: dict[str, Any], wilayah: str = OFFICE) -> httpx.Response:
        headers = {**self.token(Role.OPERATOR, wilayah), "Idempotency-Key": str(new_id())}
        content = {"at": MORNING, **body}
        async with right_for(self.db, content["at"] if self.on_time else None):
            return await self.http.patch(path, json=content, headers=headers)

    async def drive(self, *residents: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """File a drive that must be taken."""
        body = {"kind": "drive", "drive": DRIVE, "contact": CONTACT, **fields}
        answer = await self.post("/requests", letter(**{**body, "residents": [*residents]}))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def file(self, *residents: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """File a letter that must be taken."""
        answer = await self.post("/requests", letter(*residents, **fields))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def takes(self, *steps: tuple[int, CaseEvent]) -> None:
        """The consumer takes these facts, each with its sequence, as one batch."""
        self.cases.attach(KafkaBroker(), self.db)
        await self.cases.process([record(event, sequence=sequence) for sequence, event in steps])

    async def answered(self, *case_ids: str) -> None:
        """Dispatch says first of cases that were closed here that there is no card."""
        content = {"reason": "withdrawn", "card_outstanding": False}
        await self.takes(*((1, fact(CaseClosed, case_id, **content)) for case_id in case_ids))

    async def person(
        self, case_id: str, role: Role = Role.OFFICER, wilayah: str = OFFICE, purpose: str = "kunjungan"
    ) -> httpx.Response:
        """Read the person of a case."""
        return await self.get(f"/cases/{case_id}/person", role, wilayah, purpose=purpose)

    async def case(self, request_id: str, number: int = 0) -> dict[str, Any]:
        """A case as the detail of its request shows it."""
        return (await self.get(f"/requests/{request_id}")).json()["cases"][number]

    async def tick(self, at: str) -> None:
        answer = await self.post("/clock", {"at": at, "force": True}, Role.OPS, "")
        assert answer.status_code == 200, answer.text

    async def told(self, *names: str) -> list[dict[str, Any]]:
        """The events in the outbox with their class name as `event`; those of `names` if any are given."""
        async with self.db.connection() as conn:
            rows = await conn.fetch("select headers, value from outbox order by id")
        events = [{"event": _name(row["headers"]), **json.loads(row["value"])} for row in rows]
        return [event for event in events if not names or event["event"] in names]

    async def rows(self, sql: str, *values: Any) -> Sequence[Any]:
        async with self.db.connection() as conn:
            return await conn.fetch(sql, *values)


def _name(headers: str) -> str:
    return str(attributes(headers)["ce_type"].split(".")[2])


@asynccontextmanager
async def desk_on(
    dsn: str,
    jwks_file: Path,
    person_key_file: Path,
    token: Callable[..., dict[str, str]],
    *,
    as_of_0_1_0: bool = False,
    policy_file: Path | None = None,
) -> AsyncIterator[Desk]:
    """A desk on a database: the application without its broker and relay.

    `as_of_0_1_0` leaves the keys as an office has them that comes from that version.
    """
    settings = Settings(
        database_url=dsn,
        kafka_bootstrap_servers="127.0.0.1:1",
        jwks_file=jwks_file,
        person_key_file=person_key_file,
        policy_file=policy_file,
        attachments_url=(person_key_file.parent / "attachments").as_uri(),
    )
    service = build(settings)
    key = derive(settings.service_key(), "commands")
    db = await Database.connect(dsn, size=4, command_key=key)
    app = app_of(service, db)
    if not as_of_0_1_0:
        conn = await asyncpg.connect(dsn)
        await app.state.dependencies.vault.prepare(conn)
        await conn.execute(
            "insert into business_clock (at) values ($1) on conflict do nothing", datetime.fromisoformat(OPENS)
        )
        await conn.close()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://requests") as http:
        yield Desk(db, http, token, app.state.dependencies.vault, service.consumers[0], settings)
    await db.close()
