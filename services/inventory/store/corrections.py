"""Wrong entries, and their corrections."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from services.inventory.domain.accounts import Movement
from services.inventory.domain.corrections import Reason
from shared.database.connection import Connection

_MOVEMENT = "m.event_id, m.at, m.place, m.kind::text, m.source, m.target, m.quantity, m.reference"
_MOVEMENTS = TypeAdapter(Movement)
_STANDS = "not exists (select from reversal r where r.reversed = m.event_id)"
# As the index `movement_by_document` has it.
_DOCUMENT = "upper(replace(m.reference, ' ', '')) = upper(replace($2, ' ', ''))"


@dataclass(frozen=True, slots=True)
class Correction:
    """Why, by whom (the subject of a token), and when."""

    reason: Reason
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt, and its reversal if it was taken back."""

    receipt_id: UUID
    at: datetime
    quantity: int
    document: str
    reversed_at: datetime | None
    reason: str | None


def _movement(row: asyncpg.Record) -> Movement:
    return _MOVEMENTS.validate_python(dict(row))


async def find_receipt(conn: Connection, receipt_id: UUID) -> Movement | None:
    """A receipt, whether or not it was taken back."""
    row = await conn.fetchrow(
        f"select {_MOVEMENT} from movement m where m.event_id = $1 and m.kind = 'receipt'",  # noqa: S608
        receipt_id,
    )
    return _movement(row) if row else None


async def lock_document(conn: Connection, place: str, document: str) -> None:
    """Until the transaction ends nobody else records a receipt of this delivery note. Take it before other locks."""
    await conn.execute(
        "select pg_advisory_xact_lock(hashtextextended('receipt ' || $1 || ' ' || upper(replace($2, ' ', '')), 0))",
        *(place, document),
    )


async def receipt_of(conn: Connection, place: str, document: str) -> Movement | None:
    """The latest receipt of a delivery note that was not taken back."""
    row = await conn.fetchrow(
        f"select {_MOVEMENT} from movement m"  # noqa: S608
        f" where m.place = $1 and {_DOCUMENT} and m.kind in ('receipt', 'arrival') and m.kind = 'receipt'"
        f" and {_STANDS} order by m.id desc limit 1",
        *(place, document),
    )
    return _movement(row) if row else None


async def arrival_of(conn: Connection, office: str, shipment_id: UUID) -> Movement | None:
    """The count of a shipment that stands; None when nothing was counted."""
    row = await conn.fetchrow(
        f"select {_MOVEMENT} from movement m"  # noqa: S608
        f" where m.place = $1 and {_DOCUMENT} and m.kind in ('receipt', 'arrival') and m.kind = 'arrival'"
        f" and {_STANDS}",
        *(office, str(shipment_id)),
    )
    return _movement(row) if row else None


async def reverse(conn: Connection, wrong: UUID, event_id: UUID, correction: Correction) -> bool:
    """Link a movement to the one that takes it back, which must be posted in this transaction.

    False when it was taken back already; whoever does so at the same time is waited for.
    """
    linked = await conn.fetchval(
        "insert into reversal (reversed, event_id, reason, by, at) values ($1, $2, $3, $4, $5)"
        " on conflict (reversed) do nothing returning true",
        *(wrong, event_id, correction.reason, correction.by, correction.at),
    )
    return linked is not None


async def recount(conn: Connection, shipment_id: UUID, before: int, quantity: int, correction: Correction) -> int:
    """Keep a count that puts the last one right; returns its revision, from 2 on. Under the shipment's lock."""
    return int(
        await conn.fetchval(
            "insert into recount (shipment_id, revision, before, quantity, reason, by, at)"
            " select $1, coalesce(max(revision), 1) + 1, $2, $3, $4, $5, $6 from recount where shipment_id = $1"
            " returning revision",
            *(shipment_id, before, quantity, correction.reason, correction.by, correction.at),
        )
    )


async def receipts(conn: Connection, place: str, before: UUID | None, limit: int) -> list[Receipt]:
    """The receipts of a place, the last recorded first, from the one that follows `before`."""
    rows = await conn.fetch(
        "select m.event_id as receipt_id, m.at, m.quantity, m.reference as document, r.at as reversed_at, r.reason"
        " from movement m left join reversal r on r.reversed = m.event_id"
        " where m.place = $1 and m.kind = 'receipt'"
        " and ($2::uuid is null or m.id < (select id from movement where event_id = $2))"
        " order by m.id desc limit $3",
        *(place, before, limit),
    )
    return [Receipt(**row) for row in rows]
