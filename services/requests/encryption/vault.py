"""Holds the data keys of this process: it learns of a rotation when it next writes or reads.

`keys` may be one rotation old. A writer therefore names their generation in its statement, and calls `look` when that
generation is no longer in force; a reader calls `look` for a key that it does not know.
"""

from pathlib import Path
from uuid import UUID

from services.requests.domain.people import Contact, Person
from services.requests.encryption.data_keys import DataKeys, UnknownDataKey
from services.requests.encryption.master_keys import MasterKeys, UnknownMasterKey
from services.requests.encryption.store import data_keys as store
from services.requests.encryption.store import reencryption
from services.requests.encryption.store.data_keys import ACTIVE, INDEX, PERSON, DataKey
from shared.database.connection import Connection, Session
from shared.security.encryption import new_key


class Vault:
    """The master keys of this process, and the data keys as it last read them."""

    def __init__(self, file: Path) -> None:
        """Read the master keys. Raises OSError without the file, ValueError when a line is no key."""
        self._file = file
        self.keyring = MasterKeys.load(file)
        self._keys: DataKeys | None = None

    async def keys(self, conn: Connection) -> DataKeys:
        """The keys as last read."""
        return self._keys or await self.look(conn)

    async def current(self, conn: Connection) -> DataKeys:
        """The keys in force, so that a search misses nobody who was indexed under a newer key."""
        seen = self._keys
        return seen if seen and seen.generation == await store.generation(conn) else await self.look(conn)

    async def look(self, conn: Connection) -> DataKeys:
        """Read the keys again. Raises UnknownMasterKey when the master keys do not unwrap those in use."""
        generation, found = await store.living_keys(conn)
        if any(key.master not in self.keyring for key in found if key.master):
            self.reload()
        self._keys = DataKeys(generation, found, self.keyring)
        return self._keys

    async def open(self, conn: Connection, case_id: UUID, key_id: int, sealed: bytes) -> Person:
        """The person, decrypted by its key. Raises UnknownDataKey, or InvalidTag for bytes of another row."""
        try:
            return (await self.keys(conn)).open(case_id, key_id, sealed)
        except UnknownDataKey:
            return (await self.look(conn)).open(case_id, key_id, sealed)

    async def open_contact(self, conn: Connection, request_id: UUID, key_id: int, sealed: bytes) -> Contact:
        """The contact, decrypted by its key. Raises as `open` does."""
        try:
            return (await self.keys(conn)).open_contact(request_id, key_id, sealed)
        except UnknownDataKey:
            return (await self.look(conn)).open_contact(request_id, key_id, sealed)

    async def open_value(self, conn: Connection, of: UUID, key_id: int, sealed: bytes) -> bytes:
        """The value of this row, decrypted by its key. Raises as `open` does."""
        try:
            return (await self.keys(conn)).open_value(of, key_id, sealed)
        except UnknownDataKey:
            return (await self.look(conn)).open_value(of, key_id, sealed)

    def reload(self) -> None:
        """Read the master keys again, because one was added."""
        self.keyring = MasterKeys.load(self._file)

    async def prepare(self, conn: Session) -> None:
        """At start: create keys for a new system; persons of version 0.1.0 keep theirs until the first rotation.

        Raises RuntimeError, which ends the process, when the master keys do not unwrap the keys in use.
        """
        async with conn.transaction():
            await store.hold(conn)
            _, found = await store.living_keys(conn)
            if all(key.of_0_1_0 for key in found) and await reencryption.nothing_sealed(conn):
                await store.discard(conn, [key.id for key in found])
                for purpose in (INDEX, PERSON):
                    await self.add(conn, purpose)
        try:
            await self.look(conn)
        except UnknownMasterKey as error:
            raise RuntimeError(str(error)) from error

    async def add(self, conn: Connection, purpose: str) -> DataKey:
        """Add a data or index key, in use from the commit on. It retires the data key before it, but no index key."""
        _, found = await store.living_keys(conn)
        used = [key.slot for key in found if key.purpose == INDEX]
        slot = None if purpose == PERSON else ("b" if "a" in used else "a")
        key_id = await store.draw(conn)
        master, wrapped = self.keyring.wrap(key_id, new_key())
        key = DataKey(key_id, purpose, slot, ACTIVE, master, wrapped)
        await store.insert(conn, key)
        if purpose == PERSON:
            await store.retire(conn, PERSON, key_id)
        await store.raise_generation(conn)
        return key
