"""Secrets of webhooks at rest: sealed, told again to a repeat, and what version 0.1.0 left in the clear is sealed."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from ops.system import Issuer
from services.notify.domain.secret_cipher import SecretCipher
from services.notify.settings import Settings
from services.notify.usecases.subscriptions import encrypt_old_secrets
from shared.contract.ids import new_id
from shared.security.auth import Role
from shared.security.encryption import InvalidTag, encode_key, new_key
from tests.services.notify.desk import Desk, open_desk

URL = "http://localhost:9/peringatan"


@pytest.fixture
async def desk(
    database: Callable[[str], Awaitable[str]], issuer: Issuer, token: Callable[..., dict[str, str]]
) -> AsyncIterator[Desk]:
    async with open_desk(await database("notify"), issuer, token, allow_private_webhooks=True) as desk:
        yield desk


async def everything(desk: Desk) -> str:
    """All rows of all tables, as text."""
    async with desk.db.connection() as conn:
        tables = await conn.fetch("select tablename from pg_tables where schemaname = 'public'")
        found = [await conn.fetch(f'select t::text as r from "{row["tablename"]}" t') for row in tables]  # noqa: S608
    return json.dumps([row["r"] for rows in found for row in rows])


async def test_a_secret_is_told_twice_and_kept_nowhere_in_the_clear(desk: Desk) -> None:
    key = new_id()
    answers = [await desk.post("/subscriptions", key=key, province="17", url=URL) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    secret = answers[0].json()["secret"]
    kept = await everything(desk)
    assert answers[0].json()["subscription_id"] in kept
    assert secret.removeprefix("whsec_") not in kept
    assert "whsec_" not in kept


async def test_a_repeat_after_the_end_is_told_that_it_ended(desk: Desk) -> None:
    key = new_id()
    begun = (await desk.post("/subscriptions", key=key, province="17", url=URL)).json()["subscription_id"]
    await desk.http.delete(f"/subscriptions/{begun}", headers=desk.token(Role.PROVINCIAL, "17"))
    again = await desk.post("/subscriptions", key=key, province="17", url=URL)
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "subscription_id")


async def test_a_plaintext_secret_is_sealed_a_day_after_the_upgrade(desk: Desk) -> None:
    told = (await desk.post("/subscriptions", province="17", url=URL)).json()
    async with desk.db.transaction() as conn:
        await conn.execute("update subscription set secret = 'whsec_lama', sealed_secret = null")
    assert "whsec_lama" in await everything(desk)
    signing = SecretCipher(desk.settings.service_key())
    conn = await asyncpg.connect(desk.settings.database_url)
    await encrypt_old_secrets(conn, signing)
    assert "whsec_lama" in await everything(desk), "a process of the old version still needs it"
    await conn.execute("update migration set applied_at = now() - interval '25 hours'")
    for _ in range(2):
        await encrypt_old_secrets(conn, signing)
    sealed = await conn.fetchval("select sealed_secret from subscription")
    await conn.close()
    assert "whsec_lama" not in await everything(desk)
    assert signing.decrypt(UUID(told["subscription_id"]), sealed) == "whsec_lama"
    with pytest.raises(InvalidTag):
        signing.decrypt(new_id(), sealed)


def test_another_key_opens_nothing(tmp_path: Path, issuer: Issuer) -> None:
    def signing(name: str) -> SecretCipher:
        file = tmp_path / name
        file.write_text(encode_key(new_key()))
        return SecretCipher(
            Settings(
                database_url="postgresql://x/y",
                kafka_bootstrap_servers="",
                jwks_file=issuer.jwks_file,
                service_key_file=file,
            ).service_key()
        )

    subscription = new_id()
    first = signing("a")
    sealed = first.generate(subscription)
    assert first.decrypt(subscription, sealed).startswith("whsec_")
    with pytest.raises(InvalidTag):
        signing("b").decrypt(subscription, sealed)
