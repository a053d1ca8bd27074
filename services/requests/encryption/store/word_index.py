"""The blind index of the words by which persons are found: written with a person, or filled in later."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.requests.sealing import Keys
from shared.connection import Connection


@dataclass(frozen=True, slots=True)
class Wordless:
    """A person, to be opened, without an index of words."""

    case_id: UUID
    key_id: int
    sealed: bytes
    office: str


def array(digests: Iterable[int]) -> str:
    """Digests as the text of an array: arrays of several lengths are no array of SQL."""
    return f"{{{','.join(map(str, digests))}}}"


async def without(conn: Connection, after: UUID, limit: int) -> list[Wordless]:
    """Persons without words, by id; locked, and those that a command holds are left out."""
    rows = await conn.fetch(
        "select p.case_id, p.key_id, p.sealed, c.office from person p join case_file c on c.id = p.case_id"
        " where p.words is null and p.case_id > $1 order by p.case_id limit $2 for no key update of p skip locked",
        *(after, limit),
    )
    return [Wordless(*row) for row in rows]


async def write(conn: Connection, keys: Keys, found: Sequence[tuple[UUID, list[int]]]) -> bool:
    """Write the words of these cases' persons; False when the keys are not in force: then nothing was written."""
    done = await conn.execute(
        "update person p set words = t.words::int[] from unnest($1::uuid[], $2::text[]) as t(case_id, words)"
        " where p.case_id = t.case_id and exists (select from sealing where generation = $3)",
        *([case_id for case_id, _ in found], [array(digests) for _, digests in found], keys.generation),
    )
    return done != "UPDATE 0"
