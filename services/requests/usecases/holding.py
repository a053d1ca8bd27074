"""Getting hold of what a command is about."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.requests.domain.letters import Request
from services.requests.domain.people import Person
from services.requests.domain.when import When
from services.requests.encryption import Vault
from services.requests.store import letters, people
from shared import clock
from shared.database.connection import Connection
from shared.problems import Invalid, NotFound
from shared.reference.device_time import not_before, reject_future
from shared.security.auth import Identity
from shared.system_clock import utc_now


async def held(conn: Connection, who: Identity, request_id: UUID, among: Sequence[UUID] | None = None) -> Request:
    """A request, locked. Raises NotFound (404) for one that the caller may not know of."""
    request = await letters.lock(conn, request_id, among)
    if request is None or not who.sees(request.kelurahan):
        raise NotFound("permohonan tidak ditemukan", field="request_id")
    return request


async def seen(conn: Connection, who: Identity, request_id: UUID) -> str:
    """The kelurahan of a request. Raises NotFound (404) for one that the caller may not know of."""
    kelurahan = await letters.kelurahan_of(conn, request_id)
    if kelurahan is None or not who.sees(kelurahan):
        raise NotFound("permohonan tidak ditemukan", field="request_id")
    return kelurahan


async def moment(conn: Connection, at: datetime | None) -> datetime:
    """When a command is given: as the caller says, or else now, by the service's business time.

    Raises Invalid (422) for `at` when no tick ever said what time it is, and WrongClock (422) for one far ahead.
    """
    now = await clock.now(conn)
    if at is not None:
        reject_future(at, now or utc_now())
        return at
    if now is None:
        raise Invalid("wajib diisi", field="at")
    return now


async def since_filing(conn: Connection, request: Request, at: datetime) -> When:
    """When something happens to a request that was filed before, received now.

    Raises WrongClock (422) for what is told to be long before the filing.
    """
    now = await clock.business_time(conn)
    return When(not_before(at, request.filed_at, now, "permohonan diajukan"), now)


async def open_person(conn: Connection, vault: Vault, case_id: UUID) -> Person:
    """The person of a case; note the reading down before. Raises NotFound (404) once it was erased."""
    found = await people.read(conn, case_id)
    if found is None:
        raise NotFound("data pribadi kasus ini sudah dihapus", field="case_id")
    return await vault.open(conn, case_id, *found)
