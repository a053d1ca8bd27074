"""The blind indexes of persons on their way to another index key, in batches that hold few locks for a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.requests.encryption.store.data_keys import DataKey
from services.requests.encryption.store.word_index import array_text
from shared.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Indexed:
    """A person, to be opened, whose indexes are of another key."""

    case_id: UUID
    key_id: int
    sealed: bytes
    waits_for_17: bool
    kelurahan: str
    office: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The blind indexes of the newest index key."""

    case_id: UUID
    nik_index: bytes | None
    turns17_index: bytes | None
    twin_index: bytes | None
    words: list[int]


async def elsewhere(conn: Connection, newest: DataKey, after: UUID, limit: int) -> list[Indexed]:
    """Persons under other index keys, by id; locked, and those that a command holds are left out."""
    rows = await conn.fetch(
        "select p.case_id, p.key_id, p.sealed, p.turns17_index is not null, c.kelurahan, c.office"
        " from person p join case_file c on c.id = p.case_id"
        " where p.case_id > $1 and p.index_key <> $2"
        " order by p.case_id limit $3 for no key update of p skip locked",
        *(after, newest.id, limit),
    )
    return [Indexed(*row) for row in rows]


async def left(conn: Connection, newest: DataKey) -> bool:
    """Whether any person is under another index key."""
    found: bool = await conn.fetchval("select exists (select from person where index_key <> $1)", newest.id)
    return found


async def move(conn: Connection, newest: DataKey, moved: Sequence[Moved]) -> None:
    """Write them back under the newest index key."""
    await conn.execute(
        "update person p set turns17_index = t.day, twin_index = t.twin, words = t.words::int[], index_key = $1,"
        " nik_index = case when $7 then t.nik else nik_index end,"
        " nik_index_b = case when $7 then nik_index_b else t.nik end"
        " from unnest($2::uuid[], $3::bytea[], $4::bytea[], $5::bytea[], $6::text[])"
        " as t(case_id, nik, day, twin, words)"
        " where p.case_id = t.case_id",
        *(newest.id, [row.case_id for row in moved]),
        [row.nik_index for row in moved],
        [row.turns17_index for row in moved],
        [row.twin_index for row in moved],
        [array_text(row.words) for row in moved],
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
