"""The residents that a drive has, by the digests that a list of them can be compared with."""

from dataclasses import dataclass
from uuid import UUID

from shared.database.connection import Connection


@dataclass(frozen=True, slots=True)
class DriveResident:
    """A resident of a drive, still sealed, whether their case is open or closed."""

    niks: tuple[bytes, ...]
    """Under each index key in use; none without a NIK."""
    twin: bytes
    """Of name, birth date and kelurahan."""
    withdrawn: bool
    """Their case was withdrawn, cancelled or rejected."""


async def residents(conn: Connection, request_id: UUID) -> list[DriveResident]:
    """All residents of a drive whose person was not erased, in its order."""
    rows = await conn.fetch(
        "select p.nik_index, p.nik_index_b, p.twin_index, c.stage in ('rejected', 'cancelled') as withdrawn"
        " from case_file c join person p on p.case_id = c.id where c.request_id = $1 order by c.place",
        request_id,
    )
    return [
        DriveResident(
            tuple(each for each in (row["nik_index"], row["nik_index_b"]) if each),
            row["twin_index"],
            row["withdrawn"],
        )
        for row in rows
    ]
