"""12.B3: rosters and slips with names for an institution, each a look that is written down."""

from collections.abc import Awaitable, Callable

import asyncpg
import httpx

from shared.security.auth import Identity, Role
from tests.services.requests.desk import CONTACT, DRIVE, MORNING, letter, resident

CLERK = Identity.of("siti", Role.OPERATOR, "17.02")
PROVINCE = Identity.of("desk", Role.PROVINCIAL, "17")
ELSEWHERE = Identity.of("budi", Role.OPERATOR, "17.71")
PUPILS = [resident(name=f"Murid Sintetis {n}", birth_date="2009-03-04", reason="pelajar") for n in range(3)]
Ask = Callable[..., Awaitable[httpx.Response]]


async def noted(dsn: str) -> list[tuple[str, str, int]]:
    """The audit: what was done, by whom, with how many."""
    conn = await asyncpg.connect(dsn)
    try:
        rows = await conn.fetch("select act, actor, coalesce(cardinality(opened), 1) from person_access order by id")
    finally:
        await conn.close()
    return [(row[0], row[1], row[2]) for row in rows]


async def filed(ask: Ask) -> str:
    """The letter of a school with its address, and three pupils."""
    body = letter(
        *PUPILS, kind="drive", drive=DRIVE, contact=CONTACT, address="Jalan Sekolah Sintetis 1", consent="lembaga"
    )
    answer = await ask("POST", "/requests", json={**body, "at": MORNING})
    assert answer.status_code == 201, answer.text
    return f"/permohonan/{answer.json()['request_id']}"


async def test_names_to_print_are_one_look_each_and_written_down(ask: Ask, dsn: str) -> None:
    """12.B3: the pages by themselves name nobody; with names each is one row, and the contact another."""
    page = await filed(ask)
    for there in (f"{page}/daftar", f"{page}/slip", page):
        plain = await ask("GET", there)
        assert plain.status_code == 200
        assert not [secret for secret in ("Murid", "Guru", "Jalan Sekolah", "pelajar") if secret in _shown(plain)]
    assert await noted(dsn) == []
    roster = await ask("POST", f"{page}/daftar")
    assert all(f"Murid Sintetis {n}" in roster.text for n in range(3))
    assert "Jalan Sekolah Sintetis 1" in roster.text
    assert "4 Maret 2009" in roster.text
    assert roster.headers["cache-control"] == "no-store"
    slips = await ask("POST", f"{page}/slip")
    assert slips.text.count("Murid Sintetis") == 3
    assert await noted(dsn) == [
        ("listed", CLERK.subject, 3),
        ("read", CLERK.subject, 1),
        ("listed", CLERK.subject, 3),
    ]


async def test_whoever_may_not_read_persons_gets_no_names(ask: Ask, dsn: str) -> None:
    """12.B3: another office finds nothing, a province sees numbers."""
    page = await filed(ask)
    for there in (f"{page}/daftar", f"{page}/slip"):
        answer = await ask("POST", there, ELSEWHERE)
        assert (answer.status_code, "Murid" in answer.text) == (404, False)
    assert (await ask("GET", f"{page}/daftar", PROVINCE)).status_code == 200
    assert (await ask("POST", f"{page}/daftar", PROVINCE)).status_code == 403
    assert (await ask("GET", f"{page}/slip", PROVINCE)).status_code == 403
    assert not [row for row in await noted(dsn) if row[0] != "refused"]


async def test_english_is_complete_on_the_roster(ask: Ask) -> None:
    """12.B3: by the switch, as everywhere."""
    page = await filed(ask)
    english = await ask("GET", f"{page}/daftar?bahasa=en", follow_redirects=True)
    assert all(word in english.text for word in ("Roster", "Signature", "Papers missing"))
    drive = await ask("GET", f"{page}?bahasa=en", follow_redirects=True)
    assert "Residents by number" in drive.text


def _shown(answer: httpx.Response) -> str:
    """What a page shows, without the choices of its dialogs and the words of its script."""
    return answer.text.partition("<dialog")[0].partition('<script type="application/json"')[0]
