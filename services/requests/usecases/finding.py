"""Who is looked for is found: by digests first, then those few persons are opened and looked at.

That they are opened is written down and committed before: who looked, when, and which cases; never the words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from services.requests.domain.audit import Act, Purpose
from services.requests.domain.finding import Sought
from services.requests.domain.people import Person
from services.requests.encryption import DataKeys, UnknownDataKey, Vault
from services.requests.store import audit, people
from services.requests.store.lists import listing
from services.requests.store.lists.listing import Filter, Words
from services.requests.store.people import Maybe, Named
from services.requests.store.reading import RequestRow
from shared.database.connection import Connection
from shared.database.pool import Database
from shared.security.auth import Identity
from shared.security.encryption import InvalidTag

EACH = 5
"""Persons of one letter that are opened: a drive may have fifty of a name."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of requests, and of each the cases whose person was meant. `last` is where the next page begins."""

    rows: list[RequestRow]
    meant: dict[UUID, list[UUID]]
    last: UUID | None


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched: the filters, what was typed, in which offices, and which page of the result."""

    chosen: Filter
    sought: Sought
    offices: Sequence[str]
    reads_persons: bool
    """Whether the caller may read persons; else only letters are searched."""
    after: UUID | None
    limit: int


async def find(db: Database, vault: Vault, who: Identity, search: Search) -> SearchResult:
    """The requests of the caller's wilayah that match, the newest first."""
    sought, limit = search.sought, search.limit
    async with db.connection() as conn:
        words = _words(await vault.current(conn), sought, search.offices, search.reads_persons)
        rows = await listing.page(conn, who.wilayah, replace(search.chosen, words=words), search.after, limit)
        maybe = await people.maybe(conn, [row.id for row in rows], words.persons, EACH) if words.persons else []
    meant = await _looked_at(db, vault, who, sought, maybe)
    kept = [row for row in rows if row.id in meant or _is_letter(sought, row) or words.code is not None]
    return SearchResult(kept, meant, rows[-1].id if len(rows) == limit else None)


async def names(db: Database, vault: Vault, who: Identity, case_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What the residents of these cases are called, as far as they lie in the caller's wilayah.

    It is one look, and written down as one; attempts beyond are written down one by one.
    """
    persons = await persons_of(db, vault, who, case_ids, Purpose.FINDING)
    return {case_id: person.name for case_id, person in persons.items()}


async def persons_of(
    db: Database, vault: Vault, who: Identity, case_ids: Sequence[UUID], purpose: Purpose
) -> dict[UUID, Person]:
    """The residents of these cases, as far as they lie in the caller's wilayah; see `names`."""
    async with db.transaction() as conn:
        found = await people.of_cases(conn, case_ids)
        mine = [each for each in found if who.sees(each.kelurahan)]
        refused = [each.case_id for each in found if not who.sees(each.kelurahan)]
        if mine:
            await audit.note_look(conn, who, [each.case_id for each in mine], Act.LISTED, purpose)
        if refused:
            await audit.note_all(conn, who, refused, Act.REFUSED, purpose)
    async with db.connection() as conn:
        opened = [(each.case_id, await _opened(conn, vault, each)) for each in mine]
    return {case_id: person for case_id, person in opened if person}


def _words(keys: DataKeys, sought: Sought, offices: Sequence[str], reads_persons: bool) -> Words:
    persons = sought.persons if reads_persons else []
    letters = [tuple(f"{office} {word}" for word in sought.letter_words) for office in offices]
    return Words(
        tuple(tuple(keys.words(tokens, offices)) for tokens in persons),
        tuple(filter(None, letters)),
        sought.text,
        sought.code,
    )


async def _looked_at(
    db: Database, vault: Vault, who: Identity, sought: Sought, maybe: Sequence[Maybe]
) -> dict[UUID, list[UUID]]:
    """Of each request those who are meant."""
    if not maybe:
        return {}
    async with db.transaction() as conn:
        await audit.note_look(conn, who, [each.case_id for each in maybe], Act.SEARCHED, Purpose.FINDING)
    meant: dict[UUID, list[UUID]] = {}
    async with db.connection() as conn:
        for each in maybe:
            person = await _opened(conn, vault, each)
            if person and sought.is_about(person):
                meant.setdefault(each.request_id, []).append(each.case_id)
    return meant


async def _opened(conn: Connection, vault: Vault, sealed: Maybe | Named) -> Person | None:
    try:
        return await vault.open(conn, sealed.case_id, sealed.key_id, sealed.sealed)
    except (InvalidTag, UnknownDataKey):
        # One that is damaged hides nobody else.
        log.warning("a person does not open", case_id=str(sealed.case_id))
        return None


def _is_letter(sought: Sought, row: RequestRow) -> bool:
    return sought.is_in(row.letter_number, row.drive.name if row.drive else None)
