"""What an operator can do with dead letters: request a replay, discard, restore. No row is deleted here.

Each function records who did what, so call it in a transaction: the change and its record are committed together.
"""

from collections.abc import Sequence
from uuid import UUID

from shared.database.connection import Connection
from shared.messaging.dead_letter_queue import DiscardReason


async def request_replay(conn: Connection, ids: Sequence[UUID], by: str) -> list[UUID]:
    """Request a replay of open dead letters by their service. Returns the ids of those that are open."""
    return await _change(
        conn,
        ids,
        by,
        "replay",
        "update dead_letter set replay_requested_at = clock_timestamp(), by_whom = $2"
        " where id = any($1) and resolved_at is null returning id",
    )


async def discard(conn: Connection, ids: Sequence[UUID], why: DiscardReason, by: str) -> list[UUID]:
    """Resolve open dead letters without a replay. The rows stay. Returns the ids of the resolved ones."""
    return await _change(
        conn,
        ids,
        by,
        f"discard {why}",
        "update dead_letter set resolved_at = clock_timestamp(), replay_requested_at = null, by_whom = $2,"
        " resolution = $3 where id = any($1) and resolved_at is null returning id",
        why,
    )


async def restore(conn: Connection, ids: Sequence[UUID], by: str) -> list[UUID]:
    """Reopen discarded dead letters. Returns the ids of the reopened ones."""
    return await _change(
        conn,
        ids,
        by,
        "restore",
        "update dead_letter set resolved_at = null, resolution = null, by_whom = $2"
        " where id = any($1) and resolution = any($3) returning id",
        list(DiscardReason),
    )


async def _change(
    conn: Connection, ids: Sequence[UUID], by: str, action: str, statement: str, *more: object
) -> list[UUID]:
    changed = [row["id"] for row in await conn.fetch(statement, list(ids), by, *more)]
    for letter_id in changed:
        await record_action(conn, by, action, f"dead_letter {letter_id}")
    return changed


async def record_action(conn: Connection, by: str, action: str, about: str) -> None:
    """Write an operator's action to the table `mending`."""
    await conn.execute("insert into mending (by_whom, action, about) values ($1, $2, $3)", by, action, about)
