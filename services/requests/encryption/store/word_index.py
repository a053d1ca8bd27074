"""SQL of the blind index of words by which persons are found: written with a person, or filled in later."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.database.connection import Connection


@dataclass(frozen=True, slots=True)
class UnindexedPerson:
    """An encrypted person without a word index."""

    case_id: UUID
    key_id: int
    sealed: bytes
    office: str


def array_text(digests: Iterable[int]) -> str:
    """Digests as the text of a SQL array: arrays of different lengths cannot be one SQL array of arrays."""
    return f"{{{','.join(map(str, digests))}}}"


async def unindexed(conn: Connection, after: UUID, limit: int) -> list[UnindexedPerson]:
    """Lock and return persons without words, by case id; rows locked by a command are left out."""
    rows = await conn.fetch(
        "select p.case_id, p.key_id, p.sealed, c.office from person p join case_file c on c.id = p.case_id"
        " where p.words is null and p.case_id > $1 order by p.case_id limit $2 for no key update of p skip locked",
        *(after, limit),
    )
    return [UnindexedPerson(*row) for row in rows]


async def write_word_index(conn: Connection, generation: int, found: Sequence[tuple[UUID, list[int]]]) -> bool:
    """Write the words of these cases' persons, computed with the keys of this generation.

    Returns False, and writes nothing, when that generation is not in force.
    """
    done = await conn.execute(
        "update person p set words = t.words::int[] from unnest($1::uuid[], $2::text[]) as t(case_id, words)"
        " where p.case_id = t.case_id and exists (select from sealing where generation = $3)",
        *([case_id for case_id, _ in found], [array_text(digests) for _, digests in found], generation),
    )
    return done != "UPDATE 0"
