"""A request is read to be filed again, or for another like it: its letter and its residents, written down as read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.requests import privacy
from services.requests.domain.audit import Act, Purpose
from services.requests.domain.filing import HOUSEHOLD, Letter
from services.requests.domain.people import Person
from services.requests.encryption import Vault
from services.requests.store import amending, audit, people
from services.requests.store.people import Listed
from shared.database.pool import Database
from shared.problems import NotFound
from shared.security.auth import Identity


@dataclass(frozen=True, slots=True)
class Copied:
    """What a new request may begin with; `left_out` residents are too many for a form, or were erased."""

    letter: Letter
    residents: Sequence[tuple[Person, Listed]] = field(repr=False)
    left_out: int


async def copy(
    db: Database, vault: Vault, who: Identity, request_id: UUID, purpose: Purpose, *, ended: bool
) -> Copied:
    """A request with its residents, or with those alone whose case `ended` without a card.

    Raises NotFound (404) for one that the caller may not know of; that they asked is written down too.
    """
    async with db.transaction() as conn:
        granted = await privacy.note_contact(conn, who, request_id, purpose)
        found = await people.to_copy(conn, request_id, ended=ended) if granted else []
        case_ids = found if len(found) <= HOUSEHOLD else []
        if case_ids:
            await audit.note_all(conn, who, case_ids, Act.READ, purpose)
    if not granted:
        raise NotFound("permohonan tidak ditemukan", field="request_id")
    async with db.connection() as conn:
        letter = await amending.letter(conn, vault, request_id)
        sealed = await people.listed(conn, case_ids)
        residents = [(await vault.open(conn, each.case_id, each.key_id, each.sealed), each) for each in sealed]
    return Copied(letter, residents, len(found) - len(residents))
