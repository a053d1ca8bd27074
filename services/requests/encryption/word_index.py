"""Persons that older versions filed or corrected get the words by which they are found, in the background.

In batches that hold few locks for a moment; killed on the way, it goes on with those that have none yet.
"""

import asyncio
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag

from services.requests.sealing import UnknownKey
from services.requests.store import words
from services.requests.vault import Vault
from shared.connection import Connection
from shared.db import TRANSIENT, Database

BATCH = 200
EVERY_SECONDS = 30.0
_START = UUID(int=0)

log = structlog.get_logger()


async def fill(db: Database, vault: Vault, *, batch: int = BATCH) -> int:
    """One pass over all persons without words; returns how many were given some."""
    filled, after = 0, _START
    while True:
        async with db.transaction() as conn:
            found = await words.without(conn, after, batch)
            filled += await _fill(conn, vault, found)
        if len(found) < batch:
            return filled
        after = found[-1].case_id


async def _fill(conn: Connection, vault: Vault, found: list[words.Wordless]) -> int:
    # The keys as they are now: what a rotation has begun since turns the writing away, and the next pass does it.
    keys, indexed = await vault.look(conn), []
    for row in found:
        try:
            person = await vault.open(conn, row.case_id, row.key_id, row.sealed)
        except (InvalidTag, UnknownKey):
            log.warning("a person does not open, and cannot be found by words", case_id=str(row.case_id))
            continue
        indexed.append((row.case_id, keys.words_index(person, row.office)))
    return len(indexed) if indexed and await words.write(conn, keys, indexed) else 0


async def fill_steadily(vault: Vault, db: Database) -> None:
    """Fill in what is missing, at start and then every so often, until cancelled."""
    while True:
        try:
            await fill(db, vault)
        except TRANSIENT as error:
            log.warning("words of persons not filled in yet", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)
