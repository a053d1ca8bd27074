"""Commands over HTTP: each takes effect once, however often a bad line makes the caller send it.

What is kept of a command tells nothing of its body: a digest under a key that the database does not have, for a
NIK has too few digits for any other. What is kept of its answer is no secret: `reveal` adds that when it is told.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import Depends, Header, Response
from pydantic import BaseModel

from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.database.pool import Database
from shared.http.dependencies import Db
from shared.problems import Invalid
from shared.reference.device_time import reject_future_fields
from shared.security.auth import Identity
from shared.system_clock import utc_now

IdempotencyKey = Annotated[
    UUID | None,
    Header(
        # Named here: FastAPI would otherwise call the header after the parameter.
        alias="Idempotency-Key",
        description="A UUID the caller draws once a command; a retry with it gets the first answer.",
    ),
]


RenderResponse = Callable[[Connection, str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class IdempotentCommand:
    """A command as it is kept: under its key, who sent it, and what tells it from another one."""

    key: UUID
    who: Identity
    digest: bytes
    plain: Callable[[], bytes] = field(repr=False)

    @classmethod
    def by(cls, who: Identity, key: UUID | None, body: BaseModel, about: object, db: Database) -> "IdempotentCommand":
        """The command of a body. `about` is what the path names."""
        before = f"{who.subject}\n{about}\n"
        # What was not said is no part of it: a field that a later version adds does not make it another command.
        content = before + body.model_dump_json(exclude_unset=True)
        digest = hmac.digest(db.command_key, content.encode(), "sha256")

        def plain() -> bytes:
            return hashlib.sha256((before + body.model_dump_json()).encode()).digest()

        return cls(key or new_id(), who, digest, plain)

    @property
    def actor(self) -> str:
        """Who sent it, as it is kept: roles, wilayah and subject."""
        return f"{self.who.role}/{self.who.wilayah}/{self.who.subject}"

    def is_that_of(self, row: asyncpg.Record) -> bool:
        """Whether the command that is kept under this key is this one."""
        # Version 0.1.0 kept the subject alone, and digests without a key; those rows are gone 30 days after it.
        same = hmac.compare_digest(row["digest"], self.digest) or hmac.compare_digest(row["digest"], self.plain())
        return same and self._is_of(row["actor"])

    def _is_of(self, actor: str) -> bool:
        """Whether the same person sent it, in the same wilayah and still in one of the roles: whoever was moved must
        not be told again, while another role more or less makes nobody another person."""
        if actor == self.who.subject:
            return True
        roles, _, rest = actor.partition("/")
        return rest == f"{self.who.wilayah}/{self.who.subject}" and not self.who.roles.isdisjoint(roles.split("+"))


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs the command of a request, in the service's database and under the key that the caller sent."""

    db: Database
    key: UUID | None

    async def run(
        self,
        who: Identity,
        body: BaseModel,
        command: Callable[[Connection], Awaitable[BaseModel]],
        *,
        about: object = "",
        status: int = 200,
        reveal: RenderResponse | None = None,
        by_the_clock: bool = True,
    ) -> Response:
        """Run a command in one transaction and answer with its result; a retry gets the first answer.

        `about` is what the path names. `reveal` makes of the answer that is kept the one that is told, each time.
        Moments of the body are held against the business clock, unless the command is to move that (`by_the_clock`).
        Raises Invalid (422) when the key was used for something else, and WrongClock (422) for a moment far ahead.
        """
        sent = IdempotentCommand.by(who, self.key, body, about, self.db)
        async with self.db.transaction() as conn:
            begun = await conn.fetchrow(_BEGIN, sent.key, sent.actor, sent.digest)
            if begun is not None:
                if by_the_clock:
                    reject_future_fields(body, begun["now"] or utc_now())
                answer = (await command(conn)).model_dump_json()
                await conn.execute(
                    "update command set status = $2, answer = $3 where key = $1", sent.key, status, answer
                )
            else:
                row = await conn.fetchrow(
                    "select actor, digest, status, answer from command where key = $1", sent.key
                )
                if row is None or not sent.is_that_of(row):
                    raise Invalid("Idempotency-Key sudah dipakai untuk perintah lain", field="Idempotency-Key")
                answer, status = row["answer"], row["status"]
            if reveal is not None:
                answer = await reveal(conn, answer)
        return json_response(answer, status)


async def _commands(db: Db, key: IdempotencyKey = None) -> Commands:
    return Commands(db, key)


CommandsDep = Annotated[Commands, Depends(_commands)]


# A row with the business clock when the key was never used before. Whoever sends the key elsewhere waits until this
# transaction ends.
_BEGIN = (
    "insert into command (key, actor, digest) values ($1, $2, $3) on conflict do nothing"
    " returning (select at from business_clock) as now"
)


def json_response(answer: str, status: int) -> Response:
    """An answer as it goes out, the first time and each time."""
    return Response(answer, status, media_type="application/json")
