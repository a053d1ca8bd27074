"""Decisions on cases whose last visit brought no record."""

from datetime import datetime
from uuid import UUID

from shared.database.connection import Connection


async def add(conn: Connection, case_id: UUID, decision: str, reason: str, at: datetime, by: str) -> None:
    """Keep a decision."""
    await conn.execute(
        "insert into decision (case_id, decision, reason, at, by) values ($1, $2, $3, $4, $5)",
        *(case_id, decision, reason, at, by),
    )


async def latest(conn: Connection, case_id: UUID) -> tuple[str, str] | None:
    """The last decision of a case, and its reason."""
    row = await conn.fetchrow(
        "select decision, reason from decision where case_id = $1 order by id desc limit 1", case_id
    )
    return (row["decision"], row["reason"]) if row else None
