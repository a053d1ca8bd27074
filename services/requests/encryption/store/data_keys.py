"""The data keys, wrapped. Every change of them raises `sealing.generation`; a filing checks it as it writes."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.connection import Connection

PERSON, INDEX = "person", "index"
ACTIVE, RETIRING, DESTROYED = "active", "retiring", "destroyed"


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key: active is written under, retiring only read, destroyed is forgotten."""

    id: int
    purpose: str
    slot: str | None
    """Of an index key: the column that holds what it makes of a NIK."""
    state: str
    master: str | None
    wrapped: bytes | None

    @property
    def of_0_1_0(self) -> bool:
        """Derived from the key file of version 0.1.0, not wrapped by it."""
        return self.id in (0, 1)


async def living_keys(conn: Connection) -> tuple[int, list[DataKey]]:
    """The generation and its keys, the oldest first, in one look."""
    rows = await conn.fetch(
        "select s.generation, k.id, k.purpose, k.slot, k.state, k.master, k.wrapped"
        " from sealing s left join data_key k on k.state <> 'destroyed' order by k.id"
    )
    return rows[0]["generation"], [DataKey(*list(row)[1:]) for row in rows if row["id"] is not None]


async def generation(conn: Connection) -> int:
    """How often the keys were changed."""
    found: int = await conn.fetchval("select generation from sealing")
    return found


async def hold(conn: Connection) -> None:
    """One change of keys at a time; readers are not disturbed."""
    await conn.execute("select from sealing for update")


async def draw(conn: Connection) -> int:
    """The id of a key to be: it is bound into the wrapping."""
    found: int = await conn.fetchval("select nextval(pg_get_serial_sequence('data_key', 'id'))")
    return found


async def insert(conn: Connection, key: DataKey) -> None:
    """A new key; it is in use once `raise_generation` is committed."""
    await conn.execute(
        "insert into data_key (id, purpose, slot, state, master, wrapped) overriding system value"
        " values ($1, $2, $3, $4, $5, $6)",
        *(key.id, key.purpose, key.slot, key.state, key.master, key.wrapped),
    )


async def retire(conn: Connection, purpose: str, newest: int) -> None:
    """All but the newest are written no more."""
    await conn.execute(
        "update data_key set state = 'retiring' where purpose = $1 and id <> $2 and state = 'active'",
        *(purpose, newest),
    )


async def destroy(conn: Connection, ids: Sequence[int]) -> None:
    """Forget keys for good: what is still sealed under them, in whatever copy of this table's rows, stays shut."""
    await conn.execute(
        "update data_key set state = 'destroyed', wrapped = null, destroyed_at = clock_timestamp()"
        " where id = any($1) and state = 'retiring'",
        ids,
    )


async def discard(conn: Connection, ids: Sequence[int]) -> None:
    """Keys under which nothing was ever sealed."""
    await conn.execute(
        "update data_key set state = 'destroyed', destroyed_at = clock_timestamp() where id = any($1)", ids
    )


async def raise_generation(conn: Connection) -> None:
    """Whoever writes under the keys of before is turned away, and looks again."""
    await conn.execute("update sealing set generation = generation + 1")


async def rewrap(conn: Connection, key: DataKey, master: str, wrapped: bytes) -> None:
    """The same key under another master."""
    await conn.execute(
        "update data_key set master = $3, wrapped = $4 where id = $1 and master = $2 and state <> 'destroyed'",
        *(key.id, key.master, master, wrapped),
    )


async def last_begun(conn: Connection) -> int:
    """A transaction id above all that were given before: that of this statement, which ends with it."""
    found: int = await conn.fetchval("select pg_current_xact_id()::text::bigint")
    return found


async def runs_since(conn: Connection, last: int) -> bool:
    """Whether anything still runs that began before the transaction `last`: another transaction that writes, or a
    statement of this role that sees what was before it. A statement has a snapshot from its first moment, and a
    transaction id only once it writes.
    """
    found: bool = await conn.fetchval(
        "select pg_snapshot_xmin(pg_current_snapshot()) <= $1::text::xid8 or exists (select from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
        " and age(backend_xmin) >= age($1::text::xid8::xid))",
        str(last),
    )
    return found


async def begin_alone(conn: Connection) -> bool:
    """Whether this session is now the only one that rotates."""
    found: bool = await conn.fetchval("select pg_try_advisory_lock(hashtext('rotate persons'))")
    return found


async def end_alone(conn: Connection) -> None:
    """Let others rotate."""
    await conn.execute("select pg_advisory_unlock(hashtext('rotate persons'))")
