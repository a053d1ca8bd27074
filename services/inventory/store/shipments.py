"""Shipments from the provincial store."""
# ruff: noqa: S608  what is put into a statement are names of columns

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from shared.database.connection import Connection

_COLUMNS = "id as shipment_id, office, approved, approved_at, dispatched, dispatched_at, received, received_at"


@dataclass(frozen=True, slots=True)
class Shipment:
    """Approved, then dispatched, then received; quantities in cards, None until then."""

    shipment_id: UUID
    office: str
    approved: int
    approved_at: datetime
    dispatched: int | None
    dispatched_at: datetime | None
    received: int | None
    received_at: datetime | None

    @property
    def state(self) -> str:
        """waiting, dispatched or received."""
        if self.dispatched is None:
            return "waiting"
        return "dispatched" if self.received is None else "received"

    @property
    def difference(self) -> int | None:
        """Cards that were sent and not counted (selisih); None before the count."""
        return None if self.dispatched is None or self.received is None else self.dispatched - self.received


def _shipment(row: asyncpg.Record) -> Shipment:
    return Shipment(**row)


async def approve(conn: Connection, shipment_id: UUID, office: str, quantity: int, at: datetime) -> None:
    """Store an approved shipment, unless it is stored already."""
    await conn.execute(
        "insert into shipment (id, office, approved, approved_at) values ($1, $2, $3, $4) on conflict do nothing",
        *(shipment_id, office, quantity, at),
    )


async def waiting(conn: Connection, province: str) -> list[Shipment]:
    """Shipments of a province that wait for cards, first approved first. Call it under the store's lock.

    By their ids, which follow the order of the approvals: not by a time, which a device may have sent.
    """
    rows = await conn.fetch(
        f"select {_COLUMNS} from shipment where left(office, 2) = $1 and dispatched is null order by id",
        province,
    )
    return [_shipment(row) for row in rows]


async def dispatched(conn: Connection, shipment_id: UUID, quantity: int, at: datetime) -> None:
    """Store the dispatch of a shipment."""
    await conn.execute(
        "update shipment set dispatched = $2, dispatched_at = $3 where id = $1", shipment_id, quantity, at
    )


async def received(conn: Connection, shipment_id: UUID, quantity: int, at: datetime) -> None:
    """Store the count of a shipment."""
    await conn.execute("update shipment set received = $2, received_at = $3 where id = $1", shipment_id, quantity, at)


async def lock(conn: Connection, shipment_id: UUID) -> Shipment | None:
    """A shipment, locked."""
    row = await conn.fetchrow(f"select {_COLUMNS} from shipment where id = $1 for update", shipment_id)
    return _shipment(row) if row else None


async def visible(conn: Connection, wilayah: str, office: str, after: UUID | None, limit: int) -> list[Shipment]:
    """Shipments to the offices in a wilayah, and to one office if named, by id."""
    rows = await conn.fetch(
        f"select {_COLUMNS} from shipment where ($1 = '' or office = $1 or starts_with(office, $1 || '.'))"
        " and ($2 = '' or office = $2) and ($3::uuid is null or id > $3) order by id limit $4",
        *(wilayah, office, after, limit),
    )
    return [_shipment(row) for row in rows]


async def differences(conn: Connection, office: str) -> int:
    """Cards of received shipments that did not arrive; they stay in the account in_transit."""
    count = await conn.fetchval(
        "select coalesce(sum(dispatched - received), 0)::bigint from shipment"
        " where office = $1 and received is not null",
        office,
    )
    return int(count)
