"""Attempts to print, and what may be printed."""
# ruff: noqa: S608  what is put into a statement are names of columns

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from services.dispatch.domain.rationing import NONE, Rationing
from shared.contract.events import RationingChanged
from shared.contract.fields import DestroyCause, ServiceCode, SpoilCause
from shared.database.connection import Connection

COLUMNS = "print_id, case_id, kind, station, serial, cause, at"


class PrintKind(StrEnum):
    """How an attempt turned out."""

    PRINTED = "printed"
    SPOILED = "spoiled"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One blank card put into a printer; `print_id` and `serial` are each unique."""

    print_id: UUID
    case_id: UUID
    kind: PrintKind
    station: str
    serial: str
    cause: SpoilCause | None
    at: datetime


_ATTEMPTS = TypeAdapter(Attempt)


def _attempt(row: asyncpg.Record) -> Attempt:
    return _ATTEMPTS.validate_python(dict(row))


async def find(conn: Connection, print_id: UUID) -> Attempt | None:
    """An attempt by its id."""
    row = await conn.fetchrow(f"select {COLUMNS} from print_attempt where print_id = $1", print_id)
    return _attempt(row) if row else None


async def add(conn: Connection, attempt: Attempt) -> bool:
    """Keep an attempt; False when its id or its serial is taken."""
    # A second user of the serial waits here until the first has committed, and then finds it taken.
    inserted = await conn.fetchval(
        "insert into print_attempt (print_id, case_id, kind, station, serial, cause, at)"
        " values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning print_id",
        *(attempt.print_id, attempt.case_id, attempt.kind),
        *(attempt.station, attempt.serial, attempt.cause, attempt.at),
    )
    return inserted is not None


async def destroyed(conn: Connection, print_id: UUID) -> DestroyCause | None:
    """Why the card of an attempt was destroyed; None unless it was."""
    cause = await conn.fetchval("select cause from destroyed_card where print_id = $1", print_id)
    return DestroyCause(cause) if cause else None


async def destroy(conn: Connection, card: Attempt, cause: DestroyCause, at: datetime) -> None:
    """Store that a printed card was destroyed; its case is locked."""
    await conn.execute(
        "insert into destroyed_card (print_id, case_id, cause, at) values ($1, $2, $3, $4)",
        *(card.print_id, card.case_id, cause, at),
    )


async def add_to_queue(conn: Connection, case_id: UUID, since: datetime) -> None:
    """Add a case to the print queue; a case that has a turn keeps it."""
    await conn.execute(
        "insert into print_turn (case_id, since) values ($1, $2) on conflict do nothing", case_id, since
    )


async def rationing(conn: Connection, office: str) -> Rationing:
    """What an office may print now."""
    row = await conn.fetchrow("select active, allowed from rationing where office = $1", office)
    return Rationing.of(row["active"], frozenset(map(ServiceCode, row["allowed"]))) if row else NONE


async def store_rationing(conn: Connection, event: RationingChanged) -> None:
    """Store what an office may print, unless a later version is stored."""
    await conn.execute(
        "insert into rationing as r (office, state_version, active, allowed) values ($1, $2, $3, $4)"
        " on conflict (office) do update set state_version = excluded.state_version, active = excluded.active,"
        " allowed = excluded.allowed where r.state_version < excluded.state_version",
        *(event.office, event.state_version, event.active, list(event.allowed)),
    )
