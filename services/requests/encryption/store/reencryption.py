"""What is sealed under data keys, on its way to another key, in batches that hold few locks for a moment."""
# ruff: noqa: S608  the names of tables and columns are those of TABLES

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.requests.encryption.store.data_keys import DataKey
from shared.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Table:
    """A table with sealed values: one a row, bound to the row's id and its data key."""

    name: str
    id: str
    sealed: str


TABLES = (
    Table("person", "case_id", "sealed"),
    Table("contact", "request_id", "sealed"),
    Table("attachment", "id", "sealed_key"),
)
"""All there are: a data key is destroyed once nothing in any of them is under it."""


@dataclass(frozen=True, slots=True)
class EncryptedRow:
    """A value as it is sealed now."""

    id: UUID
    key_id: int
    sealed: bytes


async def elsewhere(conn: Connection, table: Table, newest: DataKey, after: UUID, limit: int) -> list[EncryptedRow]:
    """Rows under other keys than the newest, by id; those that a command holds are left out.

    They are locked until the transaction ends, and nothing is waited for: it cannot be part of a deadlock.
    """
    rows = await conn.fetch(
        f"select {table.id}, key_id, {table.sealed} from {table.name} where {table.id} > $1 and key_id <> $2"
        f" order by {table.id} limit $3 for no key update skip locked",
        *(after, newest.id, limit),
    )
    return [EncryptedRow(*row) for row in rows]


async def left(conn: Connection, table: Table, newest: DataKey) -> bool:
    """Whether any row is under another key."""
    found: bool = await conn.fetchval(
        f"select exists (select from {table.name} where key_id <> $1)",
        newest.id,
    )
    return found


async def move(conn: Connection, table: Table, newest: DataKey, moved: Sequence[tuple[UUID, bytes]]) -> None:
    """Write them back, sealed under the newest key."""
    await conn.execute(
        f"update {table.name} p set {table.sealed} = t.sealed, key_id = $1"
        f" from unnest($2::uuid[], $3::bytea[]) as t(id, sealed) where p.{table.id} = t.id",
        *(newest.id, [row_id for row_id, _ in moved], [sealed for _, sealed in moved]),
    )


async def nothing_sealed(conn: Connection) -> bool:
    """Whether nobody was filed yet: nothing is under any key."""
    some = " or ".join(f"exists (select from {table.name})" for table in TABLES)
    found: bool = await conn.fetchval(f"select not ({some})")
    return found
