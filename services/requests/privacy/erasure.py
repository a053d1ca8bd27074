"""Destroys a person: the encrypted value, its blind indexes, and the attachments with their keys.

The case stays without a person, because the ledger of cards counts it. The bytes of the attachments, which nobody can
decrypt from then on, are deleted after the commit. Each erasure is recorded with its ground, so that it can be
repeated on a restored backup.
"""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from services.requests.domain.audit import Act
from services.requests.store import attachments, audit, erasures, people
from services.requests.store.erasures import Erasure
from shared.database.connection import Connection
from shared.security.auth import Identity


class ErasureGround(StrEnum):
    """Why a person is destroyed."""

    RESIDENT = "permintaan_warga"
    RETENTION = "retensi"


async def destroy_person(conn: Connection, who: Identity, case_id: UUID, ground: str) -> bool:
    """Destroy the person and the papers of a case; returns False when no person was there any more."""
    await erasures.note(conn, case_id, ground, who.subject)
    destroyed = await people.destroy(conn, [case_id])
    await attachments.destroy(conn, [case_id])
    if destroyed:
        await audit.note(conn, who, case_id, Act.ERASED, ground)
    return bool(destroyed)


async def erase_expired(conn: Connection, who: Identity, case_ids: Iterable[UUID]) -> int:
    """Destroy the persons of closed cases whose retention ended; returns how many."""
    return sum([await destroy_person(conn, who, case_id, ErasureGround.RETENTION) for case_id in case_ids])


async def reapply_erasures(conn: Connection, who: Identity, kept: Iterable[Erasure]) -> int:
    """Repeat erasures on a restored database, of open cases too; returns how many persons were there again."""
    again = 0
    for erasure in kept:
        await erasures.restore(conn, erasure)
        await attachments.destroy(conn, [erasure.case_id])
        if await people.destroy(conn, [erasure.case_id]):
            await audit.note(conn, who, erasure.case_id, Act.ERASED, erasure.ground)
            again += 1
    return again
