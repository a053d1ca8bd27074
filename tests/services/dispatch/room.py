"""Dispatch without a broker: its routes and its consumers on a real database."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from faststream.kafka import KafkaBroker

from ops.system import Issuer
from services.dispatch.app import build
from services.dispatch.consumers import consumers
from services.dispatch.settings import Settings
from shared.contract.envelope import MessageContext
from shared.contract.events import CaseAdded, Event, RequestAccepted, RequestAmended
from shared.contract.fields import ServiceCode, Urgency
from shared.contract.ids import new_id
from shared.database.pool import Database
from shared.security.auth import Role
from tests.support.records import attributes, record
from tests.support.rightclock import right_for
from tests.support.serving import app_of

OFFICE, KELURAHAN, ELSEWHERE = "17.02", "17.02.06.1004", "17.71.01.1004"
FRIDAY = "2026-04-10T09:00:00+07:00"
EVENING = "2026-04-10T18:00:00+07:00"
MONDAY = "2026-04-13T08:20:00+07:00"
"""The first visit ends."""


def added(request_id: UUID, case_id: UUID, **changes: Any) -> CaseAdded:
    """A resident's case of twenty minutes."""
    content = {
        "at": FRIDAY,
        "request_id": request_id,
        "case_id": case_id,
        "office": OFFICE,
        "kelurahan": KELURAHAN,
        "service": ServiceCode.LOST,
        "minutes": 20,
        "team_size": 2,
        "skills": (),
        "urgency": Urgency.NORMAL,
        "print_on_hold": False,
    }
    return CaseAdded.model_validate({**content, **changes})


def accepted(request_id: UUID, at: str = FRIDAY) -> RequestAccepted:
    """The letter's documents are complete."""
    return RequestAccepted.model_validate(
        {"at": at, "request_id": request_id, "office": OFFICE, "kelurahan": KELURAHAN, "due_at": EVENING}
    )


def amended(event: CaseAdded, **changes: Any) -> RequestAmended:
    """Other needs of a case."""
    return RequestAmended.model_validate({**event.model_dump(), **changes})


@dataclass
class Room:
    """What a test of dispatch holds in its hands."""

    db: Database
    http: httpx.AsyncClient
    token: Callable[..., dict[str, str]]
    on_time: bool = True
    """Whether the business clock is right for whatever is sent."""
    sequence: int = 0
    evenings: int = 0

    async def hears(self, *events: Event, context: MessageContext | None = None) -> None:
        """Its consumers take these events, each topic's as one batch, numbered in the order given."""
        for consumer in consumers():
            consumer.attach(KafkaBroker(), self.db)
            mine = [event for event in events if event.topic is consumer.topic]
            await consumer.process([record(event, sequence=self._next(), context=context) for event in mine])

    def _next(self) -> int:
        self.sequence += 1
        return self.sequence

    async def get(
        self, path: str, role: Role = Role.DISPATCHER, wilayah: str = OFFICE, status: int = 200, **query: str
    ) -> Any:
        answer = await self.http.get(path, params=query, headers=self.token(role, wilayah))
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(
        self,
        path: str,
        role: Role = Role.PRINT_OPERATOR,
        wilayah: str = OFFICE,
        *,
        status: int | None = None,
        key: UUID | None = None,
        **body: Any,
    ) -> Any:
        headers = {**self.token(role, wilayah), "Idempotency-Key": str(key or new_id())}
        content = json.loads(json.dumps({"at": MONDAY, **body}, default=str))
        async with right_for(self.db, content["at"] if self.on_time and path != "/clock" else None):
            answer = await self.http.post(path, json=content, headers=headers)
        assert answer.status_code == status if status else answer.is_success, answer.text
        return answer.json()

    async def tick(self, at: str = EVENING) -> None:
        """Business time comes to `at`."""
        await self.post("/clock", Role.OPS, "", at=at, force=True)

    async def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Every event in the outbox, by name, in order."""
        return [(name, value) for name, value, _ in await self.sent()]

    async def sent(self) -> list[tuple[str, dict[str, Any], dict[str, str]]]:
        """Every event in the outbox with its headers."""
        async with self.db.connection() as conn:
            rows = await conn.fetch("select headers, value from outbox order by id")
        headers = [attributes(row["headers"]) for row in rows]
        return [(h["ce_type"].split(".")[2], json.loads(r["value"]), h) for h, r in zip(headers, rows, strict=True)]

    async def names(self) -> list[str]:
        """The names of all events in the outbox, in order."""
        return [name for name, _ in await self.told()]

    async def case(self, case_id: UUID) -> Any:
        """A case as the dispatcher reads it."""
        return await self.get(f"/cases/{case_id}")

    async def visit_of(self, case_id: UUID) -> Any:
        """The latest visit of a case."""
        return (await self.case(case_id))["visits"][-1]

    # --- further on the way --------------------------------------------------------------------------------------

    async def scheduled(self, **changes: Any) -> tuple[UUID, UUID]:
        """An accepted case with a visit on Monday; its ids of request and case."""
        request_id, case_id = new_id(), new_id()
        await self.hears(added(request_id, case_id, **changes), accepted(request_id))
        # The business clock only moves forward.
        self.evenings += 1
        await self.tick(f"2026-04-10T18:{self.evenings:02}:00+07:00")
        return request_id, case_id

    async def outcome(self, case_id: UUID, outcome: str, at: str = MONDAY, status: int = 200) -> Any:
        """The team tells what came of the case's latest visit."""
        visit_id = (await self.visit_of(case_id))["visit_id"]
        return await self.post(f"/visits/{visit_id}/outcome", Role.OFFICER, status=status, at=at, outcome=outcome)

    async def recorded(self, **changes: Any) -> tuple[UUID, UUID]:
        """A case with a record."""
        request_id, case_id = await self.scheduled(**changes)
        await self.outcome(case_id, "recorded")
        return request_id, case_id

    async def print_ready(self, at: str = MONDAY, **changes: Any) -> tuple[UUID, UUID]:
        """A case that the centre answered."""
        request_id, case_id = await self.recorded(**changes)
        await self.post(f"/cases/{case_id}/print-ready", at=at)
        return request_id, case_id

    async def prints(
        self, case_id: UUID, serial: str, *, what: str = "prints", status: int = 201, **body: Any
    ) -> Any:
        """A blank card goes through printer P1."""
        content = {"print_id": new_id(), "station": "P1", "serial": serial, **body}
        return await self.post(f"/cases/{case_id}/{what}", status=status, **content)


@asynccontextmanager
async def open_room(database_url: str, issuer: Issuer, token: Callable[..., dict[str, str]]) -> AsyncIterator[Room]:
    """A room on a fresh database."""
    settings = Settings.model_validate(
        {"database_url": database_url, "jwks_file": issuer.jwks_file, "kafka_bootstrap_servers": "localhost:1"}
    )
    service = build(settings)
    db = await Database.connect(settings.database_url)
    transport = httpx.ASGITransport(app_of(service, db))
    async with httpx.AsyncClient(transport=transport, base_url="http://dispatch") as http:
        yield Room(db, http, token)
    await db.close()
