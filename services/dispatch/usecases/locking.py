"""The start of each command on a case: the case, locked, and visible to the caller."""

from uuid import UUID

from services.dispatch.domain.cases import Case
from services.dispatch.store import cases
from shared.database.connection import Connection
from shared.problems import NotFound
from shared.security.auth import Identity


async def lock_visible(conn: Connection, who: Identity, case_id: UUID) -> Case:
    """A case, locked until the transaction ends. Raises NotFound (404) for one that the caller may not see."""
    case = await cases.lock(conn, case_id)
    if case is None or not who.sees(case.needs.kelurahan):
        raise NotFound("kasus tidak ditemukan", field="case_id")
    return case
