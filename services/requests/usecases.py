"""What happens to a request: one function a verb, each inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from services.requests.domain import filing
from services.requests.domain.filing import Filing, Letter
from services.requests.domain.letters import Request
from services.requests.domain.people import Application, Person
from services.requests.domain.policy import Policies
from services.requests.domain.stages import Told, step_of
from services.requests.store import letters, people, steps
from services.requests.vault import Vault
from shared import outbox
from shared.auth import Identity
from shared.connection import Connection
from shared.envelope import Cause, Message
from shared.fields import ClosingReason, Stage
from shared.ids import new_id
from shared.offices import Office
from shared.problems import Conflict, NotFound

SERVICE = "requests"


async def file(
    conn: Connection,
    vault: Vault,
    policies: Policies,
    who: Identity,
    cause: Cause,
    office: Office,
    letter: Letter,
    applications: Sequence[Application],
    complete: bool,
    at: datetime,
) -> Filing:
    """File a letter, and accept it at once when its documents are complete.

    Raises Invalid (422) naming field and rule, and Conflict (409) when a NIK has an open case.
    """
    filed = filing.file(
        letter,
        applications,
        policy=policies.of(office.code),
        complete=complete,
        at=at,
        office=office.code,
        day=office.day_of(at),
        new_id=new_id,
    )
    taken = await letters.insert(conn, vault, filed)
    if taken:
        await _point_to_the_first(conn, vault, who, filed, taken)
    await outbox.add(conn, SERVICE, cause, filed.events())
    return filed


async def accept(
    conn: Connection, policies: Policies, who: Identity, cause: Cause, request_id: UUID, at: datetime
) -> Request:
    """The documents are complete. Raises NotFound (404), or Conflict (409) unless it waited for them."""
    request = await _held(conn, who, request_id)
    fact = request.accept(at, policies.of(request.office))
    await letters.accept(conn, fact)
    await outbox.add(conn, SERVICE, cause, [fact])
    return request


async def reject(
    conn: Connection, who: Identity, cause: Cause, request_id: UUID, at: datetime, reason: ClosingReason
) -> Request:
    """It ends before any visit. Raises NotFound (404), or Conflict (409) once it was accepted or closed."""
    request = await _held(conn, who, request_id)
    fact = request.reject(at, reason)
    await letters.close(conn, request_id, Stage.REJECTED, at, reason)
    await outbox.add(conn, SERVICE, cause, [fact])
    return request


async def cancel(
    conn: Connection, who: Identity, cause: Cause, request_id: UUID, at: datetime, reason: ClosingReason
) -> Request:
    """It is taken back. Raises NotFound (404), or Conflict (409) when it is closed or a card is printed."""
    request = await _held(conn, who, request_id)
    fact = request.cancel(at, reason)
    await letters.close(conn, request_id, Stage.CANCELLED, at, reason)
    await outbox.add(conn, SERVICE, cause, [fact])
    return request


async def withdraw(
    conn: Connection,
    who: Identity,
    cause: Cause,
    request_id: UUID,
    case_id: UUID,
    at: datetime,
    reason: ClosingReason,
) -> Request:
    """One resident's case ends, the others go on. Raises NotFound (404), or Conflict (409) when it is over."""
    request = await _held(conn, who, request_id)
    fact = request.withdraw(case_id, at, reason)
    await letters.withdraw(conn, case_id, at, reason)
    await outbox.add(conn, SERVICE, cause, [fact])
    return request


async def follow(conn: Connection, policies: Policies, messages: Sequence[Message[Told]]) -> None:
    """Move cases on by what dispatch tells; the order of arrival does not matter."""
    told = ((message.event, message.sequence) for message in messages)
    await steps.add(conn, [step_of(event, sequence, policies.of(event.office)) for event, sequence in told])


async def open_person(conn: Connection, vault: Vault, case_id: UUID) -> Person:
    """The person of a case; note the reading down before. Raises NotFound (404) once it was erased."""
    found = await people.read(conn, case_id)
    if found is None:
        raise NotFound("data pribadi berkas ini sudah dihapus", field="case_id")
    return await vault.open(conn, case_id, *found)


async def _held(conn: Connection, who: Identity, request_id: UUID) -> Request:
    request = await letters.lock(conn, request_id)
    if request is None or not who.sees(request.kelurahan):
        raise NotFound("permohonan tidak ditemukan", field="request_id")
    return request


async def _point_to_the_first(
    conn: Connection, vault: Vault, who: Identity, filed: Filing, taken: set[UUID]
) -> NoReturn:
    """Raises Conflict (409): inside the wilayah it names the open case, outside it says no more."""
    number, nik = next((n, c.person.nik) for n, c in enumerate(filed.cases) if c.id in taken and c.person.nik)
    found = await people.open_case_of(conn, (await vault.keys(conn)).niks(nik))
    where = "di luar wilayah Anda"
    if found is not None and who.sees(found.kelurahan):
        where = f"{found.case_id} dalam permohonan {found.request_id}"
    raise Conflict(
        f"warga dengan NIK ini sudah punya berkas yang berjalan: {where}",
        field=f"residents.{number}.nik",
        rule="satu berkas berjalan untuk satu NIK",
    )
