"""What the operator's tools read and change in the tables of requests. Ids, codes and times only, no person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.requests.domain.stages import OPEN
from services.requests.privacy import ErasureGround, destroy_person
from services.requests.store import letters, people
from services.requests.store.columns import CASE, REQUEST
from services.requests.usecases import deciding
from shared import clock
from shared.contract.envelope import MessageContext
from shared.contract.events import RequestCancelled
from shared.contract.fields import ClosingReason
from shared.database.columns import qualified
from shared.database.connection import Connection, Session
from shared.messaging import outbox
from shared.problems import Conflict, NotFound
from shared.security.auth import Identity

KNOWN = {
    "requests": "select id from request",
    "cases": "select id, request_id from case_file where told",
    "steps": "select case_id::text || '/' || sequence, stage from step",
    "steps of cases": "select distinct on (case_id) case_id, stage from step order by case_id, sequence desc",
}
"""For reconciliation, by question: a query whose first column is an id, the rest what else is known of it."""
_RAISE = """
insert into stream as s (topic, key, sequence) values ('requests', $1, $2)
on conflict (topic, key) do update set sequence = greatest(s.sequence, excluded.sequence)
"""
# An outbox row has no index by event: $2 and $3 bound the time at which it was written.
_REQUEST_OF = """
select id::text as request from request where id = $1
union all select request_id::text from case_file where id = $1
union all select key from outbox where event_id = $1 and recorded_at between $2 and $3 and topic = 'requests'
"""
_CASES = f"""
select {qualified("c", CASE)}, w.waits_for from case_file c left join case_wait w on w.case_id = c.id
where c.request_id = $1 order by c.place
"""  # noqa: S608
_STEPS = """
select case_id, sequence, stage, at, starts_at, ends_at, outcome, deferral, recorded_at from step
where case_id = any($1)
"""
_OVERDUE = "select request_id, stage, due_at, told_at from overdue where request_id = $1"


@dataclass(frozen=True)
class RequestRows:
    """The rows of one request."""

    request: asyncpg.Record
    cases: Sequence[asyncpg.Record]
    steps: Sequence[asyncpg.Record]
    overdue: Sequence[asyncpg.Record]
    now: datetime
    """The business time of the service."""


async def request_of(conn: Session, wanted: UUID, written: tuple[datetime, datetime]) -> str | None:
    """The request that a request, a case, or an event written in this span belongs to; None if none does."""
    found: str | None = await conn.fetchval(_REQUEST_OF, wanted, *written)
    return found


async def rows_of(conn: Session, request_id: UUID) -> RequestRows:
    """All rows of a request that is there."""
    request = await conn.fetchrow(f"select {REQUEST} from request where id = $1", request_id)  # noqa: S608
    assert request is not None
    cases = await conn.fetch(_CASES, request_id)
    return RequestRows(
        request,
        cases,
        await conn.fetch(_STEPS, [case["id"] for case in cases]),
        await conn.fetch(_OVERDUE, request_id),
        await clock.business_time(conn),
    )


async def cancel_unknown(conn: Connection, positions: Mapping[UUID, int]) -> list[UUID]:
    """Publish that those of these requests that are not known here are cancelled, as duplicates of letters that are
    filed again. `positions` has the highest sequence that others know of each. Returns their ids."""
    at = await clock.business_time(conn)
    rows = await conn.fetch("select id from request where id = any($1)", [*positions])
    unknown = sorted(positions.keys() - {row["id"] for row in rows})
    for request_id in unknown:
        await conn.execute(_RAISE, str(request_id), positions[request_id])
        ended = RequestCancelled(at=at, request_id=request_id, reason=ClosingReason.DUPLICATE)
        await outbox.add(conn, "requests", MessageContext.new(), [ended])
    return unknown


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
