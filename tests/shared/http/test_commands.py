"""A command sent again, over a bad line: one effect, the first answer."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.database.pool import Database
from shared.http.commands import CommandsDep, IdempotentCommand
from shared.security.auth import Identity, Role, allow
from shared.security.identity import parse_roles
from shared.service import Service
from shared.settings import Settings
from tests.support.serving import serve

router = APIRouter()
CONTENT = b'penguji\n\n{"add":5}'
"""What the digest of `add 5` is of."""
who = Annotated[Identity, Depends(allow(Role.OPS))]


class Amount(BaseModel):
    """How much to add."""

    add: int


class Total(BaseModel):
    """What it came to."""

    total: int


@router.post("/add")
async def add(body: Amount, caller: who, commands: CommandsDep) -> Response:
    """Add to the one number there is."""

    async def command(conn: Connection) -> BaseModel:
        return Total(total=await conn.fetchval("update number set n = n + $1 returning n", body.add))

    return await commands.run(caller, body, command)


@pytest.fixture
async def told(settings: Callable[[str], Awaitable[dict[str, object]]]) -> Settings:
    return Settings(**await settings(""))


@pytest.fixture
async def kept(told: Settings) -> Callable[..., Awaitable[list[bytes]]]:
    """What a query on the database of the service finds."""

    async def found(sql: str, *values: object) -> list[bytes]:
        conn = await asyncpg.connect(told.database_url)
        try:
            return [row[0] for row in await conn.fetch(sql, *values)]
        finally:
            await conn.close()

    return found


@pytest.fixture
async def client(
    told: Settings,
    token: Callable[..., dict[str, str]],
    tmp_path: Path,
    stack: AsyncExitStack,
) -> httpx.AsyncClient:
    """A service with one number, and a caller that may add to it."""

    async def no_tick(conn: Connection, at: object) -> None: ...

    folder = tmp_path / "number" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_number.sql").write_text("create table number (n int); insert into number values (0);")
    service = Service("requests", told, folder, [router], [], no_tick)
    caller = await stack.enter_async_context(serve(service))
    caller.headers.update(token(Role.OPS))
    return caller


async def test_the_same_key_takes_effect_once_with_the_first_answer(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": str(new_id())}
    answers = [await client.post("/add", json={"add": 5}, headers=key) for _ in range(3)]
    assert [answer.json() for answer in answers] == [{"total": 5}] * 3
    other = await client.post("/add", json={"add": 1}, headers={"Idempotency-Key": str(new_id())})
    assert other.json() == {"total": 6}


async def test_many_senders_of_one_key_at_once_take_effect_once(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": str(new_id())}
    answers = await asyncio.gather(*(client.post("/add", json={"add": 5}, headers=key) for _ in range(10)))
    assert {answer.json()["total"] for answer in answers} == {5}


async def test_the_same_key_for_something_else_is_refused(client: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": str(new_id())}
    await client.post("/add", json={"add": 5}, headers=key)
    refused = await client.post("/add", json={"add": 6}, headers=key)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_a_key_that_is_no_uuid_is_named(client: httpx.AsyncClient) -> None:
    refused = await client.post("/add", json={"add": 6}, headers={"Idempotency-Key": "satu"})
    assert refused.status_code == 422
    assert "Idempotency-Key" in refused.json()["errors"][0]["field"]


async def test_without_a_token_or_in_another_role_nothing_happens(
    client: httpx.AsyncClient, token: Callable[..., dict[str, str]]
) -> None:
    for headers, status in (
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer forged"}, 401),
        (token(Role.OPERATOR), 403),
    ):
        assert (await client.post("/add", json={"add": 1}, headers=headers)).status_code == status
    assert (await client.post("/add", json={"add": 0})).json() == {"total": 0}


async def test_what_is_kept_of_a_command_cannot_be_guessed(
    client: httpx.AsyncClient, kept: Callable[..., Awaitable[list[bytes]]]
) -> None:
    """A digest without a key would tell a NIK to whoever tries all of them."""
    await client.post("/add", json={"add": 5})
    [digest] = await kept("select digest from command")
    assert digest != hashlib.sha256(CONTENT).digest()


@pytest.mark.parametrize(
    ("first", "again", "told"),
    [
        ("operator", "operator", True),
        ("operator", "operator+officer", True),
        ("officer+operator", "operator+officer", True),
        ("operator+officer", "operator", True),
        ("operator", "officer", False),
    ],
)
def test_a_retry_needs_the_same_person_in_an_allowed_role(first: str, again: str, told: bool) -> None:
    db, key, body = Database(None, b"k" * 32), new_id(), Amount(add=5)
    before, after = (
        IdempotentCommand.by(Identity("siti", parse_roles(said), "17.02"), key, body, "", db)
        for said in (first, again)
    )
    assert after.is_that_of({"actor": before.actor, "digest": before.digest}) == told
    for stranger in (Identity("siti", parse_roles(first), "17.0"), Identity("budi", parse_roles(first), "17.02")):
        assert not IdempotentCommand.by(stranger, key, body, "", db).is_that_of(
            {"actor": before.actor, "digest": before.digest}
        )
    alone = IdempotentCommand.by(Identity.of("siti", Role.OPERATOR, "17.02"), key, body, "", db)
    assert alone.actor == "operator/17.02/siti"


def test_a_field_added_later_does_not_make_another_command() -> None:
    class Later(Amount):
        twice: bool = False

    db = Database(None, b"k" * 32)
    caller = Identity.of("penguji", Role.OPS, "")
    before, after, said = (
        IdempotentCommand.by(caller, None, body, "", db).digest
        for body in (Amount(add=5), Later(add=5), Later(add=5, twice=True))
    )
    assert before == after != said


async def test_a_command_of_the_last_version_is_known_by_its_digest(
    client: httpx.AsyncClient, kept: Callable[..., Awaitable[list[bytes]]]
) -> None:
    key = {"Idempotency-Key": str(new_id())}
    await client.post("/add", json={"add": 5}, headers=key)
    await kept("update command set digest = $1", hashlib.sha256(CONTENT).digest())
    assert (await client.post("/add", json={"add": 5}, headers=key)).json() == {"total": 5}
    assert (await client.post("/add", json={"add": 6}, headers=key)).status_code == 422
