"""A person is destroyed: the sealed value, its indexes, and the papers with their keys. The case stays without a
person, for the ledger of cards. The bytes of the papers, which nobody can open from then on, go after the commit.

Each erasure is written down with its ground, so that it can be repeated on a restored backup.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.requests.domain.audit import Act
from services.requests.domain.stages import OPEN
from services.requests.store import attachments, audit, erasures, letters, people
from services.requests.store.erasures import Erasure
from services.requests.usecases import deciding
from shared.auth import Identity
from shared.connection import Connection
from shared.envelope import Cause
from shared.fields import ClosingReason
from shared.problems import Conflict, NotFound


class Ground(StrEnum):
    """Why a person is destroyed."""

    RESIDENT = "permintaan_warga"
    RETENTION = "retensi"


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did; again, it does nothing. `held`: the person stays until it is known that no card is left,
    and the erasure is to be asked for again."""

    case_id: UUID
    withdrawn: bool
    destroyed: bool
    held: bool = False


async def erase(
    conn: Connection, who: Identity, case_id: UUID, ground: Ground, *, withdraw_at: datetime | None = None
) -> Erased:
    """Destroy the person of a closed case; an open one is withdrawn first, if `withdraw_at` says when.

    Raises NotFound (404), or Conflict (409) for a case that is open and not, or no more, to be withdrawn. A person
    whose card may be printed and in no hand stays: without it the NIK would be free.
    """
    found = await people.find(conn, case_id)
    if found is None:
        raise NotFound("kasus tidak ditemukan", field="case_id")
    request = await letters.lock(conn, found.request_id, [case_id])
    is_open = request is not None and request.cases[case_id].stage in OPEN
    if is_open and withdraw_at is None:
        raise Conflict("kasus masih berjalan: tunggu sampai selesai, atau tarik dahulu (--force)", field="case_id")
    if is_open and withdraw_at is not None:
        reason = ClosingReason.ASKED_BY_RESIDENT
        await deciding.withdraw(conn, who, Cause.new(), found.request_id, case_id, withdraw_at, reason)
    if await people.is_held(conn, case_id):
        return Erased(case_id, is_open, destroyed=False, held=True)
    destroyed = await _destroy(conn, who, case_id, ground)
    return Erased(case_id, is_open, destroyed)


async def _destroy(conn: Connection, who: Identity, case_id: UUID, ground: str) -> bool:
    await erasures.note(conn, case_id, ground, who.subject)
    destroyed = await people.destroy(conn, [case_id])
    await attachments.destroy(conn, [case_id])
    if destroyed:
        await audit.note(conn, who, case_id, Act.ERASED, ground)
    return bool(destroyed)


async def erase_expired(conn: Connection, who: Identity, case_ids: Iterable[UUID]) -> int:
    """Destroy the persons of closed cases whose time has come; returns how many."""
    return sum([await _destroy(conn, who, case_id, Ground.RETENTION) for case_id in case_ids])


async def reapply(conn: Connection, who: Identity, kept: Iterable[Erasure]) -> int:
    """Repeat erasures on a restored database, of open cases too; returns how many persons were there again."""
    again = 0
    for erasure in kept:
        await erasures.restore(conn, erasure)
        await attachments.destroy(conn, [erasure.case_id])
        if await people.destroy(conn, [erasure.case_id]):
            await audit.note(conn, who, erasure.case_id, Act.ERASED, erasure.ground)
            again += 1
    return again
