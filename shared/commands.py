"""Commands over HTTP: each takes effect once, however often a bad line makes the caller send it."""

import hashlib
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


async def once(
    db: Database,
    key: UUID | None,
    who: Identity,
    body: BaseModel,
    command: Callable[[Connection], Awaitable[BaseModel]],
    *,
    about: object = "",
    status: int = 200,
) -> Response:
    """Run a command in one transaction and answer with its result; a retry gets the first answer.

    `about` is what the path names. Raises Invalid (422) when the key was used for something else.
    """
    key = key or new_id()
    # A retry is of the same person in the same role and wilayah: whoever was moved must not be told again.
    actor = f"{who.role}/{who.wilayah}/{who.subject}"
    digest = hashlib.sha256(f"{who.subject}\n{about}\n{body.model_dump_json()}".encode()).digest()
    async with db.transaction() as conn:
        # A second sender of the key waits here until the first has committed.
        mine = await conn.fetchval(
            "insert into command (key, actor, digest) values ($1, $2, $3) on conflict do nothing returning key",
            *(key, actor, digest),
        )
        if mine is None:
            row = await conn.fetchrow("select actor, digest, status, answer from command where key = $1", key)
            # Rows of before this rule have the subject alone.
            if row is None or row["digest"] != digest or row["actor"] not in (actor, who.subject):
                raise Invalid("Idempotency-Key sudah dipakai untuk perintah lain", field="Idempotency-Key")
            return _json(row["answer"], row["status"])
        answer = (await command(conn)).model_dump_json()
        await conn.execute("update command set status = $2, answer = $3 where key = $1", key, status, answer)
    return _json(answer, status)


def _json(content: str, status: int) -> Response:
    return Response(content, status, media_type="application/json")
