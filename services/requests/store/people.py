"""The sealed persons: finding them by blind index, and the sealed value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.requests.domain.people import Document
from services.requests.domain.stages import OPEN, State, Wait, state_of
from services.requests.domain.tracking.codes import shown
from services.requests.store.erasures import ended
from shared.contract.fields import ServiceCode, Skill, Stage
from shared.database.connection import Connection


@dataclass(frozen=True, slots=True)
class PersonCase:
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


async def open_cases_among(conn: Connection, niks: Mapping[int, Sequence[bytes]]) -> dict[int, OpenCase]:
    """The open case of each of these NIK that has one, given by their blind indexes."""
    # Each index by itself: an OR in a join would read all persons.
    rows = await conn.fetch(
        "select t.n, c.id, c.kelurahan, c.tracking, c.stage, c.missing, w.waits_for"
        " from unnest($1::int[], $2::bytea[]) as t(n, nik), lateral ("
        " select case_id from person where nik_index = t.nik and open"
        " union select case_id from person where nik_index_b = t.nik and open) p"
        " join case_file c on c.id = p.case_id left join case_wait w on w.case_id = c.id order by t.n",
        *_flat(niks),
    )
    return {
        row["n"]: OpenCase(
            row["id"],
            row["kelurahan"],
            row["tracking"],
            state_of(Stage(row["stage"]), row["missing"], Wait(row["waits_for"]) if row["waits_for"] else None),
        )
        for row in rows
    }


def _flat(indexes: Mapping[int, Sequence[bytes]]) -> tuple[list[int], list[bytes]]:
    pairs = [(number, index) for number, each in indexes.items() for index in each]
    return [number for number, _ in pairs], [index for _, index in pairs]


async def twins_among(conn: Connection, twins: Mapping[int, Sequence[bytes]]) -> dict[int, list[str]]:
    """The codes of open cases of people who look like one of these, given by the blind indexes; five of each."""
    rows = await conn.fetch(
        "select t.n, c.tracking from unnest($1::int[], $2::bytea[]) as t(n, twin), lateral ("
        " select case_id from person where twin_index = t.twin and open limit 5) p"
        " join case_file c on c.id = p.case_id where c.tracking is not null order by t.n, c.id",
        *_flat(twins),
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row["n"], []).append(shown(row["tracking"]))
    return found


async def cases_of(conn: Connection, niks: Sequence[bytes]) -> list[UUID]:
    """All cases of a NIK, open and closed; a resident asks for them seldom, so all persons are looked through."""
    rows = await conn.fetch(
        "select case_id from person where nik_index = any($1) or nik_index_b = any($1) order by case_id", niks
    )
    return [row["case_id"] for row in rows]


async def find(conn: Connection, case_id: UUID) -> PersonCase | None:
    """A case, without its person."""
    row = await conn.fetchrow("select id, request_id, office, kelurahan from case_file where id = $1", case_id)
    return PersonCase(*row) if row else None


async def read(conn: Connection, case_id: UUID) -> tuple[int, bytes] | None:
    """The data key and the sealed person of a case; None once it was erased. Note the reading down before."""
    row = await conn.fetchrow("select key_id, sealed from person where case_id = $1", case_id)
    return (row["key_id"], row["sealed"]) if row else None


async def is_held(conn: Connection, case_id: UUID) -> bool:
    """Whether a closed case holds its person's NIK: a card may be there that is in no hand."""
    held: bool = await conn.fetchval(
        "select exists (select from case_wait w join case_file c on c.id = w.case_id where w.case_id = $1"
        " and w.waits_for in ('answer', 'card') and c.stage = 'cancelled')",
        case_id,
    )
    return held


@dataclass(frozen=True, slots=True)
class AppliedFor:
    """What a case asks for, at which office; `skills` is what its visit asks of the team."""

    office: str
    service: ServiceCode
    skills: tuple[Skill, ...]
    documents: tuple[Document, ...]
    family_card: bool


async def asked_for(conn: Connection, case_id: UUID) -> AppliedFor:
    """What a case that is there asks for."""
    row = await conn.fetchrow(
        "select office, service, skills, documents, family_card from case_file where id = $1", case_id
    )
    assert row is not None
    return AppliedFor(
        row["office"],
        ServiceCode(row["service"]),
        tuple(Skill(each) for each in row["skills"]),
        tuple(Document(each) for each in row["documents"]),
        row["family_card"],
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """A sealed person with what they applied for."""

    case_id: UUID
    key_id: int
    sealed: bytes
    service: ServiceCode
    skills: tuple[Skill, ...]
    documents: tuple[Document, ...]
    family_card: bool


async def of_request(conn: Connection, request_id: UUID) -> list[UUID]:
    """The cases of a letter that were not closed and have a person, in its order."""
    rows = await conn.fetch(
        "select c.id from case_file c join person p on p.case_id = c.id"
        " where c.request_id = $1 and c.stage not in ('rejected', 'cancelled') order by c.place",
        request_id,
    )
    return [row["id"] for row in rows]


async def to_copy(conn: Connection, request_id: UUID, *, ended: bool) -> list[UUID]:
    """The cases of a letter, or those that ended without a card and hold no NIK any more, in its order."""
    rows = await conn.fetch(
        "select c.id from case_file c left join case_wait w on w.case_id = c.id"
        " where c.request_id = $1 and (not $2 or c.stage in ('rejected', 'cancelled') and w.waits_for is null)"
        " order by c.place",
        *(request_id, ended),
    )
    return [row["id"] for row in rows]


async def listed(conn: Connection, case_ids: Sequence[UUID]) -> list[Listed]:
    """The persons of these cases, without those that were erased meanwhile. Note the reading down before."""
    rows = await conn.fetch(
        "select c.id, p.key_id, p.sealed, c.service, c.skills, c.documents, c.family_card"
        " from case_file c join person p on p.case_id = c.id where c.id = any($1) order by c.place",
        case_ids,
    )
    return [
        Listed(
            row["id"],
            row["key_id"],
            row["sealed"],
            ServiceCode(row["service"]),
            tuple(Skill(each) for each in row["skills"]),
            tuple(Document(each) for each in row["documents"]),
            row["family_card"],
        )
        for row in rows
    ]


async def turned_17(conn: Connection, offices: Sequence[str], days: Sequence[bytes]) -> list[PersonCase]:
    """Open cases of these offices whose print waited for one of the days, given by their blind indexes."""
    rows = await conn.fetch(
        "select c.id, c.request_id, c.office, c.kelurahan from person p join case_file c on c.id = p.case_id"
        " where p.turns17_index = any($1) and p.open and c.stage = any($3) and c.office = any($2)"
        " order by c.id for update of c",
        *(days, offices, OPEN),
    )
    return [PersonCase(*row) for row in rows]


Persons = tuple[tuple[int, ...], ...]
"""Of each word the digests of which a person must have one; () for nobody."""
Value = Callable[[object], str]
"""Keeps a value of a statement, and says where it stands."""


@dataclass(frozen=True, slots=True)
class Maybe:
    """A sealed person whose words have the digests that are looked for."""

    request_id: UUID
    case_id: UUID
    key_id: int
    sealed: bytes


def has_words(persons: Persons, value: Value) -> list[str]:
    """The conditions on a person `p`."""
    return [f"p.words && {value(list(digests))}::int[]" for digests in persons]


async def maybe(conn: Connection, request_ids: Sequence[UUID], persons: Persons, limit: int) -> list[Maybe]:
    """Of each request so many persons that may be meant. Note the reading down before they are opened."""
    values: list[object] = [request_ids, limit]

    def value(given: object) -> str:
        values.append(given)
        return f"${len(values)}"

    those = " and ".join(has_words(persons, value))
    rows = await conn.fetch(
        "select t.id, m.case_id, m.key_id, m.sealed from unnest($1::uuid[]) with ordinality as t(id, n),"  # noqa: S608
        " lateral (select p.case_id, p.key_id, p.sealed from case_file c join person p on p.case_id = c.id"
        f" where c.request_id = t.id and {those} order by c.place limit $2) m order by t.n",
        *values,
    )
    return [Maybe(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Named:
    """A sealed person, to be shown by name."""

    case_id: UUID
    kelurahan: str
    key_id: int
    sealed: bytes


async def of_cases(conn: Connection, case_ids: Sequence[UUID]) -> list[Named]:
    """The persons of these cases, without those that were erased. Note the reading down before they are opened."""
    rows = await conn.fetch(
        "select p.case_id, c.kelurahan, p.key_id, p.sealed from person p join case_file c on c.id = p.case_id"
        " where p.case_id = any($1)",
        case_ids,
    )
    return [Named(*row) for row in rows]


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
        "delete from contact t using request r, business_clock b"  # noqa: S608  our own words
        f" where r.id = t.request_id and {ended('r.closed_at', 't.closed_at')} < b.at - $1::interval"
        " and not exists (select from case_file c join person p on p.case_id = c.id where c.request_id = r.id)",
        age,
    )
    return int(done.split()[-1])
