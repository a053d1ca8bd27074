"""Persons on their way to another key, in batches that hold few locks for a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.requests.store.keys import PERSON, DataKey
from shared.connection import Connection


@dataclass(frozen=True, slots=True)
class Sealed:
    """A person as it is sealed now."""

    case_id: UUID
    key_id: int
    sealed: bytes
    waits_for_17: bool
    kelurahan: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A person under the newest key: sealed anew, or with the blind indexes of the newest index key."""

    case_id: UUID
    sealed: bytes | None
    nik_index: bytes | None
    turns17_index: bytes | None
    twin_index: bytes | None


async def elsewhere(conn: Connection, newest: DataKey, after: UUID, limit: int) -> list[Sealed]:
    """Persons under other keys than the newest of its purpose, by id; those that a command holds are left out.

    They are locked until the transaction ends, and nothing is waited for: it cannot be part of a deadlock.
    """
    rows = await conn.fetch(
        "select p.case_id, p.key_id, p.sealed, p.turns17_index is not null, c.kelurahan"
        " from person p join case_file c on c.id = p.case_id"
        " where p.case_id > $1 and case when $4 then p.key_id else p.index_key end <> $2"
        " order by p.case_id limit $3 for no key update of p skip locked",
        *(after, newest.id, limit, newest.purpose == PERSON),
    )
    return [Sealed(*row) for row in rows]


async def left(conn: Connection, newest: DataKey) -> bool:
    """Whether any person is under another key."""
    found: bool = await conn.fetchval(
        "select exists (select from person where case when $2 then key_id else index_key end <> $1)",
        *(newest.id, newest.purpose == PERSON),
    )
    return found


async def move(conn: Connection, newest: DataKey, moved: Sequence[Moved]) -> None:
    """Write them back under the newest key."""
    if newest.purpose == PERSON:
        await conn.execute(
            "update person p set sealed = t.sealed, key_id = $1"
            " from unnest($2::uuid[], $3::bytea[]) as t(case_id, sealed) where p.case_id = t.case_id",
            *(newest.id, [row.case_id for row in moved], [row.sealed for row in moved]),
        )
        return
    await conn.execute(
        "update person p set turns17_index = t.day, twin_index = t.twin, index_key = $1,"
        " nik_index = case when $6 then t.nik else nik_index end,"
        " nik_index_b = case when $6 then nik_index_b else t.nik end"
        " from unnest($2::uuid[], $3::bytea[], $4::bytea[], $5::bytea[]) as t(case_id, nik, day, twin)"
        " where p.case_id = t.case_id",
        *(newest.id, [row.case_id for row in moved]),
        [row.nik_index for row in moved],
        [row.turns17_index for row in moved],
        [row.twin_index for row in moved],
        newest.slot == "a",
    )


async def clear_other_slot(conn: Connection, newest: DataKey, limit: int) -> int:
    """Forget blind indexes of the key before; returns how many of them."""
    done = await conn.execute(
        "update person set nik_index = case when $2 then nik_index end,"
        " nik_index_b = case when $2 then null else nik_index_b end where case_id in ("
        "select case_id from person where case when $2 then nik_index_b else nik_index end is not null"
        " order by case_id limit $1 for no key update)",
        *(limit, newest.slot == "a"),
    )
    return int(done.split()[-1])
