"""Fills in the word index of persons that older versions filed or corrected.

It works in batches that hold few locks for a moment. After a kill it continues with persons that have no words yet.
"""

from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag

from services.requests.encryption.data_keys import UnknownDataKey
from services.requests.encryption.store import word_index
from services.requests.encryption.vault import Vault
from shared.database.connection import Connection
from shared.database.pool import Database

BATCH = 200
_START = UUID(int=0)

log = structlog.get_logger()


async def backfill_word_index(db: Database, vault: Vault, *, batch: int = BATCH) -> int:
    """One pass over all persons without words; returns how many were given some."""
    filled, after = 0, _START
    while True:
        async with db.transaction() as conn:
            found = await word_index.unindexed(conn, after, batch)
            filled += await _fill(conn, vault, found)
        if len(found) < batch:
            return filled
        after = found[-1].case_id


async def _fill(conn: Connection, vault: Vault, found: list[word_index.UnindexedPerson]) -> int:
    # The keys as they are now: what a rotation has begun since turns the writing away, and the next pass does it.
    keys, indexed = await vault.look(conn), []
    for row in found:
        try:
            person = await vault.open(conn, row.case_id, row.key_id, row.sealed)
        except (InvalidTag, UnknownDataKey):
            log.warning("a person does not open, and cannot be found by words", case_id=str(row.case_id))
            continue
        indexed.append((row.case_id, keys.words_index(person, row.office)))
    return len(indexed) if indexed and await word_index.write_word_index(conn, keys.generation, indexed) else 0
