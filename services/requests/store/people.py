"""The sealed persons: finding them by blind index, and the sealed value."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.connection import Connection


@dataclass(frozen=True, slots=True)
class Found:
    """A case by its ids, with its region for the check of wilayah."""

    case_id: UUID
    request_id: UUID
    office: str
    kelurahan: str


async def open_case_of(conn: Connection, niks: Sequence[bytes]) -> Found | None:
    """The open case of a NIK, given by its blind indexes."""
    row = await conn.fetchrow(
        "select c.id, c.request_id, c.office, c.kelurahan from person p join case_file c on c.id = p.case_id"
        " where (p.nik_index = any($1) or p.nik_index_b = any($1)) and p.open limit 1",
        niks,
    )
    return Found(*row) if row else None


async def cases_of(conn: Connection, niks: Sequence[bytes]) -> list[UUID]:
    """All cases of a NIK, open and closed; a resident asks for them seldom, so all persons are looked through."""
    rows = await conn.fetch(
        "select case_id from person where nik_index = any($1) or nik_index_b = any($1) order by case_id", niks
    )
    return [row["case_id"] for row in rows]


async def find(conn: Connection, case_id: UUID) -> Found | None:
    """A case, without its person."""
    row = await conn.fetchrow("select id, request_id, office, kelurahan from case_file where id = $1", case_id)
    return Found(*row) if row else None


async def read(conn: Connection, case_id: UUID) -> tuple[int, bytes] | None:
    """The data key and the sealed person of a case; None once it was erased. Note the reading down before."""
    row = await conn.fetchrow("select key_id, sealed from person where case_id = $1", case_id)
    return (row["key_id"], row["sealed"]) if row else None


async def turned_17(conn: Connection, offices: Sequence[str], days: Sequence[bytes]) -> list[Found]:
    """Open cases of these offices whose print waited for one of the days, given by their blind indexes."""
    rows = await conn.fetch(
        "select c.id, c.request_id, c.office, c.kelurahan from person p join case_file c on c.id = p.case_id"
        " where p.turns17_index = any($1) and p.open and c.office = any($2) order by c.id for update of c",
        *(days, offices),
    )
    return [Found(*row) for row in rows]


async def destroy(conn: Connection, case_ids: Sequence[UUID]) -> int:
    """Destroy sealed persons with their indexes; returns how many there were."""
    return int((await conn.execute("delete from person where case_id = any($1)", case_ids)).split()[-1])
