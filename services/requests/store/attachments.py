"""The rows of attachments: what there is, each file's sealed key, and what the store is still to delete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.requests.domain.files import EncryptedFile, FileType
from services.requests.domain.people import Document
from services.requests.encryption import Vault
from shared.database.connection import Connection

_COLUMNS = "id, case_id, document, type, size, sha256, key_id, sealed_key, stored_at, by"
_INSERT = f"""
insert into attachment (id, case_id, document, type, size, sha256, by, key_id, sealed_key)
select $1, $2, $3, $4, $5, $6, $7, $8, $9 from sealing where generation = $10
returning {_COLUMNS}
"""  # noqa: S608  the columns are ours
_DELETE = """
with gone as (delete from attachment where {which} returning id)
insert into attachment_waste (id) select id from gone returning id
"""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a case. Its key is sealed under a data key, as persons are."""

    id: UUID
    case_id: UUID
    document: Document
    type: FileType
    size: int
    sha256: bytes
    key_id: int
    sealed_key: bytes
    stored_at: datetime
    by: str


async def insert(
    conn: Connection, vault: Vault, file: EncryptedFile, case_id: UUID, document: Document, by: str
) -> Attachment:
    """Keep a file that is in the store, with its key sealed under the data key in force."""
    keys = await vault.keys(conn)
    while True:
        row = await conn.fetchrow(
            _INSERT,
            *(file.id, case_id, document, file.type, file.size, file.sha256, by),
            *(keys.newest, keys.seal_value(file.id, file.key), keys.generation),
        )
        if row is not None:
            return _attachment(row)
        # A rotation went through: nothing was written under the keys of before.
        keys = await vault.look(conn)


async def of_case(conn: Connection, case_id: UUID) -> list[Attachment]:
    """The files of a case, the oldest first."""
    rows = await conn.fetch(
        f"select {_COLUMNS} from attachment where case_id = $1 order by stored_at, id",  # noqa: S608
        case_id,
    )
    return [_attachment(row) for row in rows]


async def one(conn: Connection, attachment_id: UUID) -> Attachment | None:
    """A file by its id."""
    row = await conn.fetchrow(f"select {_COLUMNS} from attachment where id = $1", attachment_id)  # noqa: S608
    return _attachment(row) if row else None


async def delete(conn: Connection, case_id: UUID, attachment_id: UUID) -> bool:
    """Forget a file and its key; whether it was there. Its bytes are waste from the commit on."""
    done = await conn.fetch(_DELETE.format(which="case_id = $1 and id = $2"), case_id, attachment_id)
    return bool(done)


async def destroy(conn: Connection, case_ids: Sequence[UUID]) -> int:
    """Forget the files of cases with their keys; returns how many. Their bytes are waste from the commit on."""
    return len(await conn.fetch(_DELETE.format(which="case_id = any($1)"), case_ids))


async def waste(conn: Connection, limit: int) -> list[UUID]:
    """Files that the store is still to delete, the oldest first."""
    rows = await conn.fetch("select id from attachment_waste order by since limit $1", limit)
    return [row["id"] for row in rows]


async def cleared(conn: Connection, ids: Sequence[UUID]) -> None:
    """The store has deleted them."""
    await conn.execute("delete from attachment_waste where id = any($1)", ids)


async def discard_unknown(conn: Connection, ids: Sequence[UUID]) -> int:
    """Of files in the store, those without a row become waste; returns how many."""
    done = await conn.execute(
        "insert into attachment_waste (id) select id from unnest($1::uuid[]) as t(id)"
        " where not exists (select from attachment a where a.id = t.id) on conflict do nothing",
        ids,
    )
    return int(done.split()[-1])


def _attachment(row: asyncpg.Record) -> Attachment:
    return Attachment(
        row["id"],
        row["case_id"],
        Document(row["document"]),
        FileType(row["type"]),
        row["size"],
        row["sha256"],
        row["key_id"],
        row["sealed_key"],
        row["stored_at"],
        row["by"],
    )
