"""The sealed persons: finding them by blind index, and the sealed value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.requests.domain.stages import State, state_of
from services.requests.domain.tracking import shown
from shared.connection import Connection
from shared.fields import Stage


@dataclass(frozen=True, slots=True)
class Found:
    """A case by its ids, with its region for the check of wilayah."""

    case_id: UUID
    request_id: UUID
    office: str
    kelurahan: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case, as a duplicate is pointed to it."""

    case_id: UUID
    kelurahan: str
    tracking: str | None
    state: State

    @property
    def shown(self) -> str:
        """The code it goes by; the id for a case of an older version that has none yet."""
        return shown(self.tracking) if self.tracking else str(self.case_id)


async def open_case_of(conn: Connection, niks: Sequence[bytes]) -> OpenCase | None:
    """The open case of a NIK, given by its blind indexes."""
    row = await conn.fetchrow(
        "select c.id, c.kelurahan, c.tracking, c.stage, c.missing from person p join case_file c on c.id = p.case_id"
        " where (p.nik_index = any($1) or p.nik_index_b = any($1)) and p.open limit 1",
        niks,
    )
    if row is None:
        return None
    return OpenCase(row["id"], row["kelurahan"], row["tracking"], state_of(Stage(row["stage"]), row["missing"]))


async def twins_of(conn: Connection, twins: Sequence[bytes]) -> list[str]:
    """The codes of open cases of people who look like this one, given by the blind indexes."""
    rows = await conn.fetch(
        "select c.tracking from person p join case_file c on c.id = p.case_id"
        " where p.twin_index = any($1) and p.open and c.tracking is not null order by c.id limit 5",
        twins,
    )
    return [shown(row["tracking"]) for row in rows]


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
    """Destroy sealed persons with their indexes, and the contact of a letter with its last person; returns how many
    persons there were."""
    done = await conn.execute("delete from person where case_id = any($1)", case_ids)
    await conn.execute(
        "delete from contact t where request_id in (select request_id from case_file where id = any($1))"
        " and not exists ("
        "select from case_file c join person p on p.case_id = c.id where c.request_id = t.request_id)",
        case_ids,
    )
    return int(done.split()[-1])


async def destroy_contacts(conn: Connection, age: timedelta) -> int:
    """Destroy contacts of letters that were closed so long ago, by business time, and have no person."""
    done = await conn.execute(
        "delete from contact t using request r, business_clock b"
        " where r.id = t.request_id and r.closed_at < b.at - $1::interval"
        " and not exists (select from case_file c join person p on p.case_id = c.id where c.request_id = r.id)",
        age,
    )
    return int(done.split()[-1])
