"""Whoever guesses codes or digits at the family's page soon waits, whichever process they ask."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial

import httpx
import pytest

from services.requests.domain.tracking.codes import new_code
from services.requests.store.tracking import rate_limit as store
from services.requests.usecases.tracking_rate_limit import TrackingRateLimit
from tests.services.requests.desk import Desk, desk_on
from tests.services.requests.tracked import ask, caller, filed

At = Callable[[str], httpx.AsyncClient]
WAIT = "Terlalu banyak percobaan."


@pytest.fixture
def at(desk: Desk) -> At:
    """Callers by their address."""
    return partial(caller, desk)


@pytest.fixture
async def other(desk: Desk) -> AsyncIterator[Desk]:
    """Another process of the same service on the same database."""
    told = desk.settings
    assert told.jwks_file is not None
    async with desk_on(told.database_url, told.jwks_file, told.person_key_file, desk.token) as other:
        yield other


async def test_codes_cannot_be_enumerated_and_other_addresses_go_on(desk: Desk, at: At) -> None:
    case, guesser = await filed(desk), at("192.0.2.66")
    assert [(await ask(guesser, new_code())).status_code for _ in range(12)] == [404] * 10 + [429] * 2
    refused = await ask(guesser, case.code)  # the right pair waits too
    assert refused.status_code == 429
    assert WAIT in refused.text
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit-policy"] == '"tracking";q=10;w=60'
    assert (await ask(at("192.0.2.67"), case.code)).status_code == 200
    for number in range(11):  # a network of IPv6 is one address
        last = await ask(at(f"2001:db8::{number + 1:x}"), new_code())
    assert last.status_code == 429


async def test_digits_of_a_code_cannot_be_guessed_from_many_addresses(desk: Desk, at: At) -> None:
    case, other, nothing = await filed(desk), await filed(desk), new_code()
    for code in (case.code, nothing):  # being refused does not tell that there is such a case
        tried = [(await ask(at(f"192.0.2.{number}"), code, f"{number:04}")).status_code for number in range(7)]
        assert tried == [404] * 5 + [429] * 2
    waits = await ask(at("192.0.2.200"), case.code)
    assert waits.status_code == 429
    assert int(waits.headers["retry-after"]) > 3000
    assert (await ask(at("192.0.2.200"), other.code)).status_code == 200


async def test_the_right_pair_uses_nothing_up(desk: Desk, at: At) -> None:
    case, http = await filed(desk), at("192.0.2.1")
    assert [(await ask(http, case.code)).status_code for _ in range(30)] == [200] * 30
    assert [(await ask(http, case.code, "0000")).status_code for _ in range(6)] == [404] * 5 + [429]


async def test_processes_share_one_limit(desk: Desk, other: Desk) -> None:
    case = await filed(desk)
    doors = [caller(each, f"192.0.2.{number}") for number in range(10) for each in (desk, other)]
    answers = await asyncio.gather(*(ask(door, case.code, "0000") for door in doors))
    assert sorted(answer.status_code for answer in answers) == [404] * 5 + [429] * 15
    assert (await ask(caller(other, "192.0.2.99"), case.code)).status_code == 429
    spread = [caller(each, "192.0.2.200") for _ in range(10) for each in (desk, other)]
    answers = await asyncio.gather(*(ask(door, new_code()) for door in spread))
    assert sorted(answer.status_code for answer in answers) == [404] * 10 + [429] * 10


async def test_a_guess_is_counted_before_it_is_looked_at(desk: Desk, other: Desk) -> None:
    limit, elsewhere = TrackingRateLimit(desk.settings), TrackingRateLimit(other.settings)
    begun = [await limit.count(desk.db, "192.0.2.1", "A") for _ in range(6)]  # none is answered yet
    assert [each is None for each in begun] == [True] * 5 + [False]
    await elsewhere.take_back(other.db, "192.0.2.1", "A")
    assert await limit.count(desk.db, "192.0.2.9", "A") is None
    assert await limit.count(desk.db, "192.0.2.9", "A") is not None
    await limit.take_back(desk.db, "192.0.2.3", "nobody asked")
    assert [await limit.count(desk.db, "192.0.2.3", str(number)) for number in range(10)] == [None] * 10
    assert await limit.count(desk.db, "192.0.2.3", "x") is not None


async def test_what_was_refused_counts_nowhere(desk: Desk, at: At) -> None:
    case, guesser = await filed(desk), at("192.0.2.66")
    for _ in range(10):
        await ask(guesser, new_code())
    assert [(await ask(guesser, case.code, "0000")).status_code for _ in range(8)] == [429] * 8
    assert [(await ask(at("192.0.2.67"), case.code, "0000")).status_code for _ in range(6)] == [404] * 5 + [429]


async def test_a_window_that_is_over_begins_anew_and_is_swept(desk: Desk, at: At) -> None:
    case, http = await filed(desk), at("192.0.2.1")
    assert [(await ask(http, case.code, "0000")).status_code for _ in range(6)] == [404] * 5 + [429]
    assert len(await desk.rows("select from guess")) == 2
    async with desk.db.transaction() as conn:
        await conn.execute("update guess set until = now() - interval '1 second'")
    assert (await ask(http, case.code, "0000")).status_code == 404
    await ask(at("192.0.2.2"), new_code())
    async with desk.db.transaction() as conn:
        await conn.execute("update guess set until = now() where count = 1 and until < now() + interval '2 minutes'")
        await store.sweep(conn)
    assert (
        len(await desk.rows("select from guess where until > now()"))
        == len(await desk.rows("select from guess"))
        == 2
    )


async def test_the_counts_name_nobody(desk: Desk, at: At) -> None:
    case = await filed(desk)
    await ask(at("192.0.2.1"), case.code, "0000")
    rows = await desk.rows("select whose, guess::text as text from guess")
    assert [len(row["whose"]) for row in rows] == [32, 32]
    kept = b"".join(row["whose"] + row["text"].encode() for row in rows)
    assert case.code.encode() not in kept
    assert b"192.0.2" not in kept


async def test_without_the_database_the_page_is_closed(desk: Desk, at: At) -> None:
    case, http = await filed(desk), at("192.0.2.1")
    await desk.db.close()
    http.headers["Sec-Fetch-Mode"] = "navigate"
    answer = await ask(http, case.code)
    assert answer.status_code == 503
    assert "Sedang tutup sebentar" in answer.text
    assert answer.headers["retry-after"]
    assert case.code not in answer.text


async def test_no_limit_is_none(desk: Desk) -> None:
    free = TrackingRateLimit(desk.settings.model_copy(update={"rate_tracking": "", "rate_tracking_code": ""}))
    assert [await free.count(desk.db, "192.0.2.1", "A") for _ in range(50)] == [None] * 50
    assert await desk.rows("select from guess") == []
