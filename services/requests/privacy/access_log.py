"""Who read a person, or tried to: written to the access log in the reader's transaction, before anything is shown."""

from collections.abc import Sequence
from uuid import UUID

from services.requests.domain.audit import Act, Purpose
from services.requests.store import audit as store
from services.requests.store import letters, people
from shared.auth import Identity
from shared.connection import Connection


async def note_reading(conn: Connection, who: Identity, case_id: UUID, purpose: Purpose) -> bool:
    """Whether the caller may read the person of a case; either way it is written down, if there is such a case."""
    found = await people.find(conn, case_id)
    return await _note(conn, who, found.kelurahan if found else None, case_id, purpose)


async def note_readings(
    conn: Connection, who: Identity, request_id: UUID, purpose: Purpose
) -> tuple[bool, list[UUID]]:
    """Whether the caller may read the persons of a request, and of which cases; either way it is written down."""
    kelurahan = await letters.kelurahan_of(conn, request_id)
    if kelurahan is None:
        return False, []
    granted = who.sees(kelurahan)
    case_ids = await people.of_request(conn, request_id)
    if case_ids:
        await store.note_all(conn, who, case_ids, Act.READ if granted else Act.REFUSED, purpose)
    return granted, case_ids


async def note_contact(conn: Connection, who: Identity, request_id: UUID, purpose: Purpose) -> bool:
    """Whether the caller may read whom a letter names; either way it is written down, under the letter's own id."""
    return await _note(conn, who, await letters.kelurahan_of(conn, request_id), request_id, purpose)


async def _note(conn: Connection, who: Identity, kelurahan: str | None, read: UUID, purpose: Purpose) -> bool:
    if kelurahan is None:
        return False
    granted = who.sees(kelurahan)
    await store.note(conn, who, read, Act.READ if granted else Act.REFUSED, purpose)
    return granted


async def note_matches(conn: Connection, who: Identity, case_ids: Sequence[UUID]) -> None:
    """Filing met open cases outside of the caller's wilayah: that the caller learned of them is written down."""
    if case_ids:
        await store.note_all(conn, who, case_ids, Act.MATCHED, Purpose.FILING)
