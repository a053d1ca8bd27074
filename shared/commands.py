"""Commands over HTTP: each takes effect once, however often a bad line makes the caller send it.

What is kept of a command tells nothing of its body: a digest under a key that the database does not have, for a
NIK has too few digits for any other. What is kept of its answer is no secret: `reveal` adds that when it is told.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Header, Response
from pydantic import BaseModel

from shared.auth import Identity
from shared.connection import Connection
from shared.db import Database
from shared.ids import new_id
from shared.problems import Invalid

IdempotencyKey = Annotated[
    UUID | None,
    Header(
        # Named here: FastAPI would otherwise call the header after the parameter.
        alias="Idempotency-Key",
        description="A UUID the caller draws once a command; a retry with it gets the first answer.",
    ),
]


Reveal = Callable[[Connection, str], Awaitable[str]]


async def once(
    db: Database,
    key: UUID | None,
    who: Identity,
    body: BaseModel,
    command: Callable[[Connection], Awaitable[BaseModel]],
    *,
    about: object = "",
    status: int = 200,
    reveal: Reveal | None = None,
) -> Response:
    """Run a command in one transaction and answer with its result; a retry gets the first answer.

    `about` is what the path names. `reveal` makes of the answer that is kept the one that is told, each time.
    Raises Invalid (422) when the key was used for something else.
    """
    key = key or new_id()
    # A retry is of the same person in the same role and wilayah: whoever was moved must not be told again.
    actor = f"{who.role}/{who.wilayah}/{who.subject}"
    content = f"{who.subject}\n{about}\n{body.model_dump_json()}".encode()
    digest = hmac.digest(db.command_key, content, "sha256")
    async with db.transaction() as conn:
        # A second sender of the key waits here until the first has committed.
        mine = await conn.fetchval(
            "insert into command (key, actor, digest) values ($1, $2, $3) on conflict do nothing returning key",
            *(key, actor, digest),
        )
        if mine is None:
            row = await conn.fetchrow("select actor, digest, status, answer from command where key = $1", key)
            # Rows of before this rule have the subject alone.
            mine_too = row is not None and row["actor"] in (actor, who.subject)
            if row is None or not mine_too or not _same(row["digest"], digest, content):
                raise Invalid("Idempotency-Key sudah dipakai untuk perintah lain", field="Idempotency-Key")
            answer, status = row["answer"], row["status"]
        else:
            answer = (await command(conn)).model_dump_json()
            await conn.execute("update command set status = $2, answer = $3 where key = $1", key, status, answer)
        if reveal is not None:
            answer = await reveal(conn, answer)
    return Response(answer, status, media_type="application/json")


def _same(kept: bytes, digest: bytes, content: bytes) -> bool:
    # Version 0.1.0 kept digests without a key; those rows are gone 30 days after it.
    return hmac.compare_digest(kept, digest) or hmac.compare_digest(kept, hashlib.sha256(content).digest())
