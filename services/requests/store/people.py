"""The sealed persons: finding by blind index, and reading with the reader's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.requests.domain.people import Person
from services.requests.sealing import Vault
from shared.connection import Connection


@dataclass(frozen=True, slots=True)
class Found:
    """A case by its ids, with its region for the check of wilayah."""

    case_id: UUID
    request_id: UUID
    office: str
    kelurahan: str


async def open_case_of(conn: Connection, nik_index: bytes) -> Found | None:
    """The open case of a NIK."""
    row = await conn.fetchrow(
        "select c.id, c.request_id, c.office, c.kelurahan from person p join case_file c on c.id = p.case_id"
        " where p.nik_index = $1 and p.open",
        nik_index,
    )
    return Found(*row) if row else None


async def find(conn: Connection, case_id: UUID) -> Found | None:
    """A case, without its person."""
    row = await conn.fetchrow("select id, request_id, office, kelurahan from case_file where id = $1", case_id)
    return Found(*row) if row else None


async def read(conn: Connection, vault: Vault, case_id: UUID, actor: str, role: str) -> Person:
    """The person of a case that exists; that it was read, and by whom, is written in the same transaction."""
    sealed = await conn.fetchval(
        "with access as (insert into person_access (case_id, actor, role) values ($1, $2, $3))"
        " select sealed from person where case_id = $1",
        *(case_id, actor, role),
    )
    return vault.open(case_id, sealed)


async def turned_17(conn: Connection, offices: Sequence[str], days: Sequence[bytes]) -> list[Found]:
    """Open cases of these offices whose print waited for one of the days, given by their blind indexes."""
    rows = await conn.fetch(
        "select c.id, c.request_id, c.office, c.kelurahan from person p join case_file c on c.id = p.case_id"
        " where p.turns17_index = any($1) and p.open and c.office = any($2) order by c.id for update of c",
        *(days, offices),
    )
    return [Found(*row) for row in rows]
