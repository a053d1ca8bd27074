"""What a device keeps belongs to one operator: their name, their key, and nobody else's entries."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import asyncpg
import httpx
import pytest

from services.requests.domain.tracking.codes import new_code, shown
from services.requests.usecases import reserving
from shared.security.auth import Identity, Role
from tests.services.requests.desk import KELURAHAN, letter, resident

SAME_ORIGIN = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}
SITI = Identity.of("siti", Role.OPERATOR, "17.02")
CODES = f"/permohonan/kode/{KELURAHAN}"
Ask = Callable[..., Awaitable[httpx.Response]]


async def test_an_operator_always_has_the_same_key_and_only_they(ask: Ask) -> None:
    first, again, moved, other = [
        (await ask("GET", "/permohonan/saya", who)).json()
        for who in (
            SITI,
            SITI,
            Identity.of("siti", Role.OPERATOR, "17.71"),
            Identity.of("budi", Role.OPERATOR, "17.02"),
        )
    ]
    assert first == again
    assert (moved["operator"], moved["queue_key"]) == (first["operator"], first["queue_key"])
    assert other["operator"] != first["operator"]
    assert other["queue_key"] != first["queue_key"]
    assert "siti" not in first["operator"]


@pytest.mark.parametrize(("wilayah", "count"), [("17.02", 156), ("17.02.06.1004", 1), ("17", 223), ("", 296)])
async def test_an_operator_has_the_kelurahan_they_file_for(ask: Ask, wilayah: str, count: int) -> None:
    told = (await ask("GET", "/permohonan/saya", Identity.of("siti", Role.OPERATOR, wilayah))).json()
    assert len(told["kelurahan"]) == count
    assert all(item["code"].startswith(wilayah) for item in told["kelurahan"])


async def test_without_a_session_a_person_is_led_to_the_login(ask: Ask) -> None:
    assert (await ask("GET", "/permohonan/saya", None)).status_code == 401
    opened = await ask("GET", "/permohonan/baru", None, headers={"sec-fetch-mode": "navigate"})
    assert (opened.status_code, opened.headers["location"]) == (303, "/masuk?kembali=/permohonan/baru")
    assert (await ask("GET", "/permohonan/saya", Identity.of("o", Role.OPS, ""))).status_code == 403


async def test_an_entry_of_another_operator_is_refused_and_not_stored(ask: Ask) -> None:
    mine = (await ask("GET", "/permohonan/saya")).json()["operator"]
    budi = Identity.of("budi", Role.OPERATOR, "17.02")
    entry = {"json": letter(), "headers": {"X-Petugas": mine, "Idempotency-Key": str(uuid4())}}
    refused = await ask("POST", "/requests", budi, **entry)
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["field"] == "X-Petugas"
    assert (await ask("GET", "/requests")).json()["items"] == []
    # The key is free: its owner's own entry is taken.
    assert (await ask("POST", "/requests", SITI, **entry)).status_code == 201
    assert (await ask("POST", "/requests", SITI, json=letter())).status_code == 201


async def test_the_page_is_the_same_for_all_and_its_files_are_named(ask: Ask) -> None:
    for language in ("id", "en"):
        kept = await ask("GET", f"/permohonan/kerangka/{language}", None)
        assert kept.status_code == 200
        assert f'lang="{language}"' in kept.text
        assert (await ask("GET", f"/permohonan/baru?bahasa={language}")).text == kept.text
    worker = await ask("GET", "/sw.js", None)
    assert "default-src 'self'" in worker.headers["content-security-policy"]
    named = [part for part in worker.text.split('"') if part.startswith("/web/")]
    assert len(named) > 10
    for address in named:
        found = await ask("GET", address, None)
        assert found.status_code == 200, address
        assert address.rpartition("/")[2] + '"' in worker.text


async def reserved(ask: Ask, who: Identity = SITI) -> list[str]:
    answer = await ask("POST", CODES, who)
    assert answer.status_code == 200
    return [each["code"] for each in answer.json()["codes"]]


async def filed_with(ask: Ask, code: str, who: Identity = SITI, key: str | None = None) -> httpx.Response:
    body = letter(resident(tracking=code))
    return await ask("POST", "/requests", who, json=body, headers={"Idempotency-Key": key or str(uuid4())})


async def test_a_reserved_code_is_tracked_and_a_replay_is_the_same(ask: Ask) -> None:
    code, key = (await reserved(ask))[0], str(uuid4())
    first = await filed_with(ask, shown(code), key=key)
    assert first.status_code == 201
    assert first.json()["cases"][0]["tracking"] == shown(code)
    assert [each["code"] for each in first.json()["warnings"]] == []
    assert (await filed_with(ask, shown(code), key=key)).json() == first.json()


async def test_a_code_is_given_once_by_its_holder_before_it_lapses(ask: Ask, dsn: str) -> None:
    budi = Identity.of("budi", Role.OPERATOR, "17.02")
    (used, lapsed, *_), theirs = await reserved(ask), await reserved(ask, budi)
    await filed_with(ask, used)
    conn = await asyncpg.connect(dsn)
    await conn.execute("update reserved_code set until = now() where code = $1", lapsed)
    await conn.close()
    for code in (used, theirs[0], lapsed, new_code()):
        answer = (await filed_with(ask, code)).json()
        assert answer["cases"][0]["tracking"] != shown(code)
        assert ("residents.0.tracking", "tracking.redrawn") in [
            (each["field"], each["code"]) for each in answer["warnings"]
        ]
    # Whoever lost one to another's attempt has it still.
    assert (await filed_with(ask, theirs[0], budi)).json()["cases"][0]["tracking"] == shown(theirs[0])


async def test_one_code_for_two_residents_serves_the_first(ask: Ask) -> None:
    code = (await reserved(ask))[0]
    body = letter(resident(tracking=code), resident(name="Budi Sintetis", tracking=code))
    first, second = (await ask("POST", "/requests", json=body)).json()["cases"]
    assert first["tracking"] == shown(code) != second["tracking"]


async def test_a_refused_letter_leaves_its_code_to_be_given(ask: Ask) -> None:
    code = (await reserved(ask))[0]
    wrong = letter(resident(tracking=code), letter={"number": "1", "date": "2999-01-01"})
    assert (await ask("POST", "/requests", json=wrong)).status_code == 422
    assert (await filed_with(ask, code)).json()["cases"][0]["tracking"] == shown(code)
    misread = await filed_with(ask, f"{code[:-1]}U")
    assert [each["field"] for each in misread.json()["errors"]] == ["residents.0.tracking"]


async def test_an_operator_holds_so_many_codes_and_nobody_else_any(ask: Ask) -> None:
    held = [code for _ in range(6) for code in await reserved(ask)]
    assert len(set(held)) == len(held) == reserving.MOST
    assert await reserved(ask, Identity.of("budi", Role.OPERATOR, "17.02"))
    assert (await ask("POST", CODES, Identity.of("o", Role.OFFICER, "17.02"))).status_code == 403
    assert (await ask("POST", CODES, None)).status_code == 401
    assert (await ask("POST", CODES, Identity.of("siti", Role.OPERATOR, "17.71"))).status_code == 403
    assert (await ask("POST", "/permohonan/kode/17.02")).status_code == 422
    foreign = await ask("POST", CODES, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
