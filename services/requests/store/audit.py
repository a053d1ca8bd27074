"""The audit's rows and batches. Rows are only ever added; a policy deletes whole batches of them, oldest first."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg

from services.requests.domain.audit import DIGEST, AuditEntry, Batch
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.security.auth import Identity

_ROWS = "select id, case_id, actor, role, wilayah, act, purpose, read_at, opened from person_access"
_BATCHES = "select number, total, ids, row_digests, last_at, digest, pruned_at from audit_batch"


async def note(conn: Connection, who: Identity, case_id: UUID, act: str, purpose: str) -> None:
    """Add a row. It holds the audit's lock until the transaction ends: let that be soon."""
    await note_all(conn, who, [case_id], act, purpose)


async def note_all(conn: Connection, who: Identity, case_ids: Sequence[UUID], act: str, purpose: str) -> None:
    """Add a row for each of these cases, as `note` does."""
    await conn.execute(
        "insert into person_access (case_id, actor, role, wilayah, act, purpose)"
        " select t.case_id, $2, $3, $4, $5, $6 from unnest($1::uuid[]) as t(case_id)",
        *(case_ids, who.subject, who.role, who.wilayah, act, purpose),
    )


async def note_look(conn: Connection, who: Identity, opened: Sequence[UUID], act: str, purpose: str) -> None:
    """Add one row for one look at the persons of many cases."""
    await conn.execute(
        "insert into person_access (case_id, actor, role, wilayah, act, purpose, opened)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        *(new_id(), who.subject, who.role, who.wilayah, act, purpose, sorted(opened)),
    )


async def of_case(conn: Connection, case_id: UUID) -> list[AuditEntry]:
    """What was done with the person of a case, the oldest first; with the looks at lists that it was on."""
    rows = await conn.fetch(f"{_ROWS} where case_id = $1 or opened @> array[$1::uuid] order by id", case_id)
    return [AuditEntry(*row) for row in rows]


async def between(conn: Connection, above: int, upto: int) -> list[AuditEntry]:
    """Rows by their ids, the first above `above`."""
    return [
        AuditEntry(*row) for row in await conn.fetch(f"{_ROWS} where id > $1 and id <= $2 order by id", above, upto)
    ]


async def unsealed(conn: Connection, above: int, limit: int) -> list[AuditEntry]:
    """Rows that no batch holds yet."""
    return [AuditEntry(*row) for row in await conn.fetch(f"{_ROWS} where id > $1 order by id limit $2", above, limit)]


async def count_above(conn: Connection, above: int) -> int:
    """How many rows no batch holds yet."""
    found: int = await conn.fetchval("select count(*) from person_access where id > $1", above)
    return found


async def hold_chain(conn: Connection) -> None:
    """One sealer at a time, whichever process it is in."""
    await conn.execute("lock table audit_batch in share row exclusive mode")


async def head(conn: Connection) -> Batch | None:
    """The latest batch."""
    row = await conn.fetchrow(f"{_BATCHES} order by number desc limit 1")
    return _batch(row) if row else None


async def batches(conn: Connection, after: int, limit: int) -> list[Batch]:
    """Batches by number, from the one after."""
    rows = await conn.fetch(f"{_BATCHES} where number > $1 order by number limit $2", after, limit)
    return [_batch(row) for row in rows]


async def append(conn: Connection, batch: Batch) -> None:
    """Add a link to the chain."""
    await conn.execute(
        "insert into audit_batch (number, total, first_id, last_id, ids, row_digests, last_at, digest)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        *(batch.number, batch.total, batch.ids[0], batch.ids[-1], batch.ids),
        *(b"".join(batch.row_digests), batch.last_at, batch.digest),
    )


async def prune(conn: Connection, age: timedelta, limit: int) -> int:
    """Delete the rows of the oldest batches whose newest row is older than `age`; returns how many batches."""
    rows: Sequence[asyncpg.Record] = await conn.fetch(
        "update audit_batch set pruned_at = clock_timestamp() where number in (select number from audit_batch"
        " where pruned_at is null and last_at < now() - $1::interval order by number limit $2)"
        " returning first_id, last_id",
        *(age, limit),
    )
    for row in rows:
        await conn.execute("delete from person_access where id between $1 and $2", row["first_id"], row["last_id"])
    return len(rows)


def _batch(row: asyncpg.Record) -> Batch:
    joined: bytes = row["row_digests"]
    digests = tuple(joined[start : start + DIGEST] for start in range(0, len(joined), DIGEST))
    return Batch(
        row["number"], row["total"], tuple(row["ids"]), digests, row["last_at"], row["digest"], row["pruned_at"]
    )
