"""SQL of the wrapped data keys. Every change of them raises `sealing.generation`; writers of persons check it."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.database.connection import Connection

PERSON, INDEX = "person", "index"
ACTIVE, RETIRING, DESTROYED = "active", "retiring", "destroyed"


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key: active encrypts, retiring only decrypts, destroyed has no bytes any more."""

    id: int
    purpose: str
    slot: str | None
    """Of an index key: the column that holds its hash of a NIK."""
    state: str
    master: str | None
    wrapped: bytes | None

    @property
    def of_0_1_0(self) -> bool:
        """Derived from the key file of version 0.1.0, not wrapped by it."""
        return self.id in (0, 1)


async def living_keys(conn: Connection) -> tuple[int, list[DataKey]]:
    """The generation and its keys, the oldest first, in one snapshot."""
    rows = await conn.fetch(
        "select s.generation, k.id, k.purpose, k.slot, k.state, k.master, k.wrapped"
        " from sealing s left join data_key k on k.state <> 'destroyed' order by k.id"
    )
    return rows[0]["generation"], [DataKey(*list(row)[1:]) for row in rows if row["id"] is not None]


async def generation(conn: Connection) -> int:
    """The generation in force: how often the keys were changed."""
    found: int = await conn.fetchval("select generation from sealing")
    return found


async def hold(conn: Connection) -> None:
    """Lock the keys against another change until the transaction ends; readers do not wait."""
    await conn.execute("select from sealing for update")


async def draw(conn: Connection) -> int:
    """The id of the next key: the wrapping is bound to it."""
    found: int = await conn.fetchval("select nextval(pg_get_serial_sequence('data_key', 'id'))")
    return found


async def insert(conn: Connection, key: DataKey) -> None:
    """Insert a new key; it is in use once `raise_generation` is committed."""
    await conn.execute(
        "insert into data_key (id, purpose, slot, state, master, wrapped) overriding system value"
        " values ($1, $2, $3, $4, $5, $6)",
        *(key.id, key.purpose, key.slot, key.state, key.master, key.wrapped),
    )


async def retire(conn: Connection, purpose: str, newest: int) -> None:
    """Mark all but the newest key of a purpose as retiring."""
    await conn.execute(
        "update data_key set state = 'retiring' where purpose = $1 and id <> $2 and state = 'active'",
        *(purpose, newest),
    )


async def destroy(conn: Connection, ids: Sequence[int]) -> None:
    """Delete the bytes of retiring keys: what is still encrypted under them can never be decrypted again."""
    await conn.execute(
        "update data_key set state = 'destroyed', wrapped = null, destroyed_at = clock_timestamp()"
        " where id = any($1) and state = 'retiring'",
        ids,
    )


async def discard(conn: Connection, ids: Sequence[int]) -> None:
    """Delete keys under which nothing was ever encrypted."""
    await conn.execute(
        "update data_key set state = 'destroyed', destroyed_at = clock_timestamp() where id = any($1)", ids
    )


async def raise_generation(conn: Connection) -> None:
    """Begin a new generation: statements under the old keys fail, and their callers read the keys again."""
    await conn.execute("update sealing set generation = generation + 1")


async def rewrap(conn: Connection, key: DataKey, master: str, wrapped: bytes) -> None:
    """Replace a key's wrapping by one under another master key."""
    await conn.execute(
        "update data_key set master = $3, wrapped = $4 where id = $1 and master = $2 and state <> 'destroyed'",
        *(key.id, key.master, master, wrapped),
    )


async def last_begun(conn: Connection) -> int:
    """A transaction id above all that were given before: that of this statement."""
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
    """Take the advisory lock of rotation; returns False when another session has it."""
    found: bool = await conn.fetchval("select pg_try_advisory_lock(hashtext('rotate persons'))")
    return found


async def end_alone(conn: Connection) -> None:
    """Release the advisory lock of rotation."""
    await conn.execute("select pg_advisory_unlock(hashtext('rotate persons'))")
