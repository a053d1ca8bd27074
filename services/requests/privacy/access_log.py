"""Who read a person, or tried to: written to the access log in the reader's transaction, before anything is shown."""

from collections.abc import Sequence
from uuid import UUID

from services.requests.domain.audit import Act, Purpose
from services.requests.store import audit as store
from services.requests.store import letters, people
from shared.database.connection import Connection
from shared.security.auth import Identity


async def note_reading(conn: Connection, who: Identity, case_id: UUID, purpose: Purpose) -> bool:
    """Log that the caller asks for the person of a case; returns whether they may. An unknown case is not logged."""
    found = await people.find(conn, case_id)
    return await _note(conn, who, found.kelurahan if found else None, case_id, purpose)


async def note_readings(
    conn: Connection, who: Identity, request_id: UUID, purpose: Purpose
) -> tuple[bool, list[UUID]]:
    """Log that the caller asks for the persons of a request; returns whether they may, and the cases."""
    kelurahan = await letters.kelurahan_of(conn, request_id)
    if kelurahan is None:
        return False, []
    granted = who.sees(kelurahan)
    case_ids = await people.of_request(conn, request_id)
    if case_ids:
        await store.note_all(conn, who, case_ids, Act.READ if granted else Act.REFUSED, purpose)
    return granted, case_ids


async def note_contact(conn: Connection, who: Identity, request_id: UUID, purpose: Purpose) -> bool:
    """Log, under the request's id, that the caller asks for the contact of a letter; returns whether they may."""
    return await _note(conn, who, await letters.kelurahan_of(conn, request_id), request_id, purpose)


async def _note(conn: Connection, who: Identity, kelurahan: str | None, read: UUID, purpose: Purpose) -> bool:
    if kelurahan is None:
        return False
    granted = who.sees(kelurahan)
    await store.note(conn, who, read, Act.READ if granted else Act.REFUSED, purpose)
    return granted


async def note_matches(conn: Connection, who: Identity, case_ids: Sequence[UUID]) -> None:
    """Log that a filing told the caller of open cases outside of their wilayah."""
    if case_ids:
        await store.note_all(conn, who, case_ids, Act.MATCHED, Purpose.FILING)
