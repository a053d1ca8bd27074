"""Versions of a case and of a letter: the number of its newest amendment, 0 before the first.

Amendments are written under the lock of their request, so of one request a later one has a higher number.
"""

from uuid import UUID

from shared.database.connection import Connection


async def of_case(conn: Connection, case_id: UUID) -> int:
    """The version of a case. Read it before what it is the version of: then it is never too new."""
    version: int = await conn.fetchval(
        "select coalesce(max(a.id), 0) from case_file c"
        " join amendment a on a.request_id = c.request_id and a.case_id = c.id where c.id = $1",
        case_id,
    )
    return version


async def of_letter(conn: Connection, request_id: UUID) -> int:
    """The version of what a letter itself says. Read it before what it is the version of."""
    version: int = await conn.fetchval(
        "select coalesce(max(id), 0) from amendment where request_id = $1 and case_id is null", request_id
    )
    return version


async def changed_since(conn: Connection, request_id: UUID, case_id: UUID | None, version: int) -> list[str]:
    """Which fields of a case, or of the letter, were changed after a version, by their names."""
    rows = await conn.fetch(
        "select distinct unnest(fields) as name from amendment"
        " where request_id = $1 and case_id is not distinct from $2 and id > $3 order by name",
        *(request_id, case_id, version),
    )
    return [row["name"] for row in rows]
