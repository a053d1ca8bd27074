"""Rotates keys while the service runs: filing and reading continue, and a killed rotation is resumed.

Each change of keys is committed with a new generation. The rotation then waits for every statement that may have seen
the old one: from then on nobody writes under the old keys. It re-encrypts all values (persons, contacts, keys of
attachments) in small batches, and destroys the old key once nothing is left under it. The tables tell how far a
rotation has come: the same call again continues it, or begins the next one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag

from services.requests.domain.eligibility import CARD_AGE, birthday
from services.requests.encryption.data_keys import DataKeys, UnknownDataKey
from services.requests.encryption.store import data_keys as store
from services.requests.encryption.store import reencryption, reindexing
from services.requests.encryption.store.data_keys import INDEX, PERSON, RETIRING, DataKey
from services.requests.encryption.store.reencryption import Table
from services.requests.encryption.store.reindexing import Indexed, Moved
from services.requests.encryption.vault import Vault
from shared.database.connection import Connection
from shared.database.pool import Database

BATCH = 100
_START = UUID(int=0)


class RotationIncomplete(RuntimeError):
    """The rotation cannot be completed; the message says why."""


@dataclass(frozen=True, slots=True)
class RotationResult:
    """The key in use now, how many values were re-encrypted under it, and the ids of the destroyed keys."""

    key_id: int
    moved: int
    destroyed: tuple[int, ...]


async def rotate_data_key(db: Database, vault: Vault, *, batch: int = BATCH) -> RotationResult:
    """Re-encrypt everything under a new data key.

    Raises RotationIncomplete when another rotation runs, or when a value does not decrypt: then no key is destroyed.
    """
    async with _alone(db):
        newest = await _begin(db, vault, PERSON)
        await _wait_for_older_writers(db)
        moved = 0
        for table in reencryption.TABLES:
            moved += await _move_all(db, *_reseal(vault, newest, table, batch))
        return RotationResult(newest.id, moved, await _destroy(db, vault, PERSON))


async def rotate_index_key(db: Database, vault: Vault, *, batch: int = BATCH) -> RotationResult:
    """Compute the blind indexes under a new key. Until each person has both, both are written and searched."""
    async with _alone(db):
        newest = await _begin(db, vault, INDEX)
        await _wait_for_older_writers(db)
        moved = await _move_all(db, *_reindex(vault, newest, batch))
        async with db.transaction() as conn:
            await store.hold(conn)
            await store.retire(conn, INDEX, newest.id)
            await store.raise_generation(conn)
        await _wait_for_older_writers(db)
        while await _clear_some(db, newest, batch):
            pass
        return RotationResult(newest.id, moved, await _destroy(db, vault, INDEX))


async def rewrap_data_keys(db: Database, vault: Vault) -> int:
    """Wrap every data key under the last master key; returns how many were not. No value is re-encrypted."""
    vault.reload()
    async with db.transaction() as conn:
        await store.hold(conn)
        _, found = await store.living_keys(conn)
        others = [key for key in found if key.wrapped and key.master != vault.keyring.current]
        for key in others:
            clear = vault.keyring.unwrap(str(key.master), key.id, key.wrapped or b"")
            await store.rewrap(conn, key, *vault.keyring.wrap(key.id, clear))
    return len(others)


@asynccontextmanager
async def _alone(db: Database) -> AsyncIterator[None]:
    async with db.connection() as conn:
        if not await store.begin_alone(conn):
            raise RotationIncomplete("another rotation runs")
        try:
            yield
        finally:
            await store.end_alone(conn)


async def _begin(db: Database, vault: Vault, purpose: str) -> DataKey:
    """The key to move to: that of an interrupted rotation, or a new one."""
    async with db.transaction() as conn:
        await store.hold(conn)
        mine = [key for key in (await store.living_keys(conn))[1] if key.purpose == purpose]
        return mine[-1] if len(mine) > 1 else await vault.add(conn, purpose)


async def _wait_for_older_writers(db: Database) -> None:
    """Wait until every transaction and every statement has ended that may have seen the generation before."""
    async with db.connection() as conn:
        last = await store.last_begun(conn)
        while await store.runs_since(conn, last):  # noqa: ASYNC110  nobody tells of another session's end
            await asyncio.sleep(0.02)


Step = Callable[[Connection, UUID], Awaitable[list[UUID]]]
"""Moves a batch of rows after an id; returns their ids."""
Left = Callable[[Connection], Awaitable[bool]]
"""Whether any row is still to be moved."""


async def _move_all(db: Database, step: Step, left: Left) -> int:
    """Pass over all rows until none is left under another key; rows locked by a command wait for the next pass.

    Returns how many rows were moved.
    """
    moved, after = 0, _START
    while True:
        async with db.transaction() as conn:
            done = await step(conn, after)
        moved += len(done)
        if done:
            after = done[-1]
        elif after == _START and not await _any(db, left):
            return moved
        else:
            after = _START
            await asyncio.sleep(0.02)


async def _any(db: Database, left: Left) -> bool:
    async with db.connection() as conn:
        return await left(conn)


def _reseal(vault: Vault, newest: DataKey, table: Table, batch: int) -> tuple[Step, Left]:
    """Move the rows of a table to the newest data key."""

    async def step(conn: Connection, after: UUID) -> list[UUID]:
        keys = await vault.look(conn)
        rows = await reencryption.elsewhere(conn, table, newest, after, batch)
        moved = []
        for row in rows:
            try:
                value = await vault.open_value(conn, row.id, row.key_id, row.sealed)
            except (InvalidTag, UnknownDataKey) as error:
                raise RotationIncomplete(f"{table.name} {row.id} does not open under key {row.key_id}") from error
            moved.append((row.id, keys.seal_value(row.id, value)))
        await reencryption.move(conn, table, newest, moved)
        return [row.id for row in rows]

    return step, lambda conn: reencryption.left(conn, table, newest)


def _reindex(vault: Vault, newest: DataKey, batch: int) -> tuple[Step, Left]:
    """Move persons to the newest index key."""

    async def step(conn: Connection, after: UUID) -> list[UUID]:
        keys = await vault.look(conn)
        rows = await reindexing.elsewhere(conn, newest, after, batch)
        await reindexing.move(conn, newest, [await _indexed(conn, vault, keys, row) for row in rows])
        return [row.case_id for row in rows]

    return step, lambda conn: reindexing.left(conn, newest)


async def _indexed(conn: Connection, vault: Vault, keys: DataKeys, row: Indexed) -> Moved:
    try:
        person = await vault.open(conn, row.case_id, row.key_id, row.sealed)
    except (InvalidTag, UnknownDataKey) as error:
        raise RotationIncomplete(f"the person of case {row.case_id} does not open under key {row.key_id}") from error
    waits = birthday(person.birth_date, CARD_AGE) if row.waits_for_17 else None
    nik = keys.nik_indexes(person.nik)
    written = nik.a if keys.newest_slot == "a" else nik.b
    twin, words = keys.twin_index(person, row.kelurahan), keys.words_index(person, row.office)
    return Moved(row.case_id, written, keys.day_index(waits), twin, words)


async def _clear_some(db: Database, newest: DataKey, batch: int) -> int:
    async with db.transaction() as conn:
        return await reindexing.clear_other_slot(conn, newest, batch)


async def _destroy(db: Database, vault: Vault, purpose: str) -> tuple[int, ...]:
    async with db.transaction() as conn:
        await store.hold(conn)
        gone: Sequence[int] = [
            key.id for key in (await store.living_keys(conn))[1] if key.purpose == purpose and key.state == RETIRING
        ]
        await store.destroy(conn, gone)
        await store.raise_generation(conn)
        await vault.look(conn)
    return tuple(gone)
