"""How dispatch tells of a case, and how a caller gets hold of one."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.dispatch.domain.cases import Case
from services.dispatch.store import cases
from shared.auth import Identity
from shared.connection import Connection
from shared.envelope import Cause
from shared.problems import NotFound

SERVICE = "dispatch"


def about(case: Case, at: datetime) -> dict[str, Any]:
    """The fields that every event of a case has."""
    return {"at": at, "case_id": case.id, "request_id": case.request_id, "office": case.office}


def story_of(case: Case, cause: Cause | None = None) -> Cause:
    """A command goes on with the story of its case, in the caller's trace."""
    return Cause(correlation_id=case.story, traceparent=cause.traceparent if cause else None)


async def lock_seen(conn: Connection, who: Identity, case_id: UUID) -> Case:
    """A case, locked. Raises NotFound (404) for one that the caller may not know of."""
    case = await cases.lock(conn, case_id)
    if case is None or not who.sees(case.needs.kelurahan):
        raise NotFound("kasus tidak ditemukan", field="case_id")
    return case
