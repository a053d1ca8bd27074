"""What an operator's commands do to the tables of requests, beyond what `encryption` and `privacy` export."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.requests.domain.stages import OPEN
from services.requests.privacy import ErasureGround, destroy_person
from services.requests.store import letters, people
from services.requests.usecases import deciding
from shared.contract.envelope import MessageContext
from shared.contract.fields import ClosingReason
from shared.database.connection import Connection
from shared.problems import Conflict, NotFound
from shared.security.auth import Identity


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """What an erasure did; again, it does nothing. `held`: the person stays until it is known that no card is left,
    and the erasure is to be asked for again."""

    case_id: UUID
    withdrawn: bool
    destroyed: bool
    held: bool = False


async def erase_person(
    conn: Connection, who: Identity, case_id: UUID, ground: ErasureGround, *, withdraw_at: datetime | None = None
) -> ErasureResult:
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
        await deciding.withdraw(conn, who, MessageContext.new(), found.request_id, case_id, withdraw_at, reason)
    if await people.is_held(conn, case_id):
        return ErasureResult(case_id, is_open, destroyed=False, held=True)
    destroyed = await destroy_person(conn, who, case_id, ground)
    return ErasureResult(case_id, is_open, destroyed)
