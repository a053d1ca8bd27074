"""Blank cards for the tests of inventory."""

import itertools
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from faststream.kafka import KafkaBroker

from services.inventory.consumers import consumers
from services.inventory.domain.deliveries import BlankDelivery
from services.inventory.usecases import closing, receipts
from shared.contract.envelope import MessageContext
from shared.contract.events import CardDestroyed, PrintCompleted, PrintSpoiled, ShipmentApproved
from shared.contract.fields import DestroyCause, SpoilCause
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.database.pool import Database
from shared.messaging.consumer import Consumer
from shared.reference.offices import Offices
from tests.support.records import attributes, record

OFFICES = Offices.load()
MONDAY = datetime(2026, 4, 6, 2, tzinfo=UTC)
"""09:00 in Rejang Lebong."""
_serials, _documents = itertools.count(1), itertools.count(1)


def printed(office: str = "17.02", at: datetime = MONDAY, **fields: Any) -> PrintCompleted:
    """A print of a new card."""
    content = {
        "at": at,
        "case_id": new_id(),
        "request_id": new_id(),
        "office": office,
        "print_id": new_id(),
        "station": "P1",
        "serial": f"BL{next(_serials):08}",
    }
    return PrintCompleted(**{**content, **fields})


def spoiled(office: str = "17.02", at: datetime = MONDAY, **fields: Any) -> PrintSpoiled:
    """A spoiled new card."""
    return PrintSpoiled(**printed(office, at, **fields).model_dump(), cause=SpoilCause.MISPRINT)


def destroyed(card: PrintCompleted, **fields: Any) -> CardDestroyed:
    """A printed card that was destroyed."""
    content = {**card.model_dump(), "cause": DestroyCause.CASE_CLOSED, "case_over": True}
    return CardDestroyed(**{**content, **fields})


def approved(quantity: int, office: str = "17.02") -> ShipmentApproved:
    """An approved shipment."""
    return ShipmentApproved(at=MONDAY, office=office, province=office[:2], shipment_id=new_id(), quantity=quantity)


def consumers_on(db: Database) -> tuple[Consumer, Consumer]:
    """The consumers of cases and alerts, fed by hand."""
    cases, alerts = consumers(OFFICES)
    for consumer in (cases, alerts):
        consumer.attach(KafkaBroker("127.0.0.1:1"), db)
    return cases, alerts


async def take(db: Database, *events: PrintCompleted | PrintSpoiled | CardDestroyed) -> None:
    """Feed events as one batch."""
    await consumers_on(db)[0].process([record(event) for event in events])


async def receive(db: Database, place: str, quantity: int, at: datetime = MONDAY - timedelta(hours=1)) -> None:
    """Cards come from outside."""
    async with db.transaction() as conn:
        delivery = BlankDelivery(at, place, quantity, f"BA/{next(_documents)}", confirmed=True)
        await receipts.receive_blanks(conn, OFFICES, MessageContext.new(), delivery)


async def tick(db: Database, at: datetime) -> None:
    """Business time comes to `at`."""
    async with db.transaction() as conn:
        await closing.close_days(conn, OFFICES, at)


async def told(db: Database, *names: str) -> list[dict[str, Any]]:
    """The events in the outbox, in order, of these types if any are named; each with its `type`."""
    async with db.connection() as conn:
        rows = await conn.fetch("select headers, value from outbox order by id")
    found = []
    for row in rows:
        kind = attributes(row["headers"])["ce_type"].split(".")[2]
        if not names or kind in names:
            found.append({"type": kind, **json.loads(row["value"])})
    return found


async def balances(conn: Connection) -> dict[str, int]:
    """All accounts with a balance."""
    return {r["name"]: r["balance"] for r in await conn.fetch("select * from account where balance <> 0")}


async def all_rows(conn: Connection, tables: Sequence[str]) -> list[list[asyncpg.Record]]:
    """The rows of tables, to be compared."""
    return [await conn.fetch(f"select * from {table} order by 1, 2") for table in tables]  # noqa: S608
