"""Help says whom to call, which papers each service asks for, and what the words mean (12.B6)."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
import pytest
from pydantic import ValidationError

from ops.system import Issuer
from services.requests.app import build
from services.requests.domain.rules.policy import Policies
from services.requests.settings import Settings
from shared.contract.fields import ServiceCode
from shared.database.pool import Database
from shared.reference.offices import SHIPPED, Offices
from shared.security.auth import Identity, Role
from shared.security.session_tokens import SessionKey
from tests.services.requests.desk import KELURAHAN, key_file, letter, resident
from tests.support.serving import app_of

PHONE = "(0000) 123-4567"
OWN = """
[office."17.02".first.f102]
required = true
source = "Keputusan kantor"
id = "perekaman pertama di sini memerlukan formulir F-1.02"
en = "a first recording needs form F-1.02 here"
"""
SITI = Identity.of("siti", Role.OPERATOR, KELURAHAN)
NEIGHBOUR = Identity.of("budi", Role.OPERATOR, "17.71")
Open = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def opened(database: Callable[[str], Awaitable[str]], tmp_path: Path, issuer: Issuer) -> AsyncIterator[Open]:
    """Open a page of two offices, of which one has a telephone and a rule of its own."""
    policy, offices = tmp_path / "policy.toml", tmp_path / "offices.toml"
    policy.write_text(OWN)
    offices.write_text(SHIPPED.read_text().replace('code = "17.02"', f'code = "17.02"\nphone = "{PHONE}"'))
    settings = Settings(
        database_url=await database("requests"),
        kafka_bootstrap_servers="127.0.0.1:1",
        jwks_file=issuer.jwks_file,
        person_key_file=key_file(tmp_path),
        session_key_file=issuer.session_key_file,
        policy_file=policy,
        offices_file=offices,
    )
    service = build(settings)
    db = await Database.connect(settings.database_url, size=2)
    app, key = app_of(service, db), SessionKey.load(issuer.session_key_file)
    conn = await asyncpg.connect(settings.database_url)
    await app.state.dependencies.vault.prepare(conn)
    await conn.close()
    headers = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://kantor", headers=headers
    ) as http:

        async def ask(path: str, who: Identity | None = None, **given: object) -> httpx.Response:
            http.cookies.clear()
            if who is not None:
                http.cookies.set("sesi", key.sign(who, "00", datetime.now(UTC), 240))
            return await http.request("POST" if given else "GET", path, **given)  # type: ignore[arg-type]

        yield ask
    await db.close()


def papers(page: str) -> dict[str, dict[str, str]]:
    """Of each service its papers on the page, each with the note that is shown beside it."""
    found: dict[str, dict[str, str]] = {}
    for service, rest in re.findall(r'data-service="(\w+)">(.*?)</section>', page, re.DOTALL):
        items = re.findall(r'data-paper="(\w+)">(.*?)</li>', rest, re.DOTALL)
        found[service] = {paper: re.findall(r'data-need="(\w+)">', item)[0] for paper, item in items}
    return found


async def test_the_papers_are_those_of_the_offices_own_rules(opened: Open) -> None:
    """12.B6: read from the policy, not written down a second time; each office as it decided."""
    policies = Policies.load()
    shipped = {
        str(service): {
            str(paper): rule.when if rule.required else "welcome"
            for paper, rule in policies.of("17.71").papers(service).items()
        }
        for service in ServiceCode
    }
    assert papers((await opened("/bantuan")).text) == shipped
    assert papers((await opened("/bantuan", NEIGHBOUR)).text) == shipped
    own = papers((await opened("/bantuan", SITI)).text)
    assert own == {**shipped, "first": {**shipped["first"], "f102": "always"}}
    assert papers((await opened("/bantuan?kantor=17.02")).text) == own
    for strange in ("17.99", "x", "%00"):
        assert papers((await opened(f"/bantuan?kantor={strange}")).text) == shipped


async def test_the_offices_telephone_stands_where_it_is_needed(opened: Open) -> None:
    """12.B6: on the page, for the device, on the slip and on Lacak; without one they say whom to ask instead."""
    assert f'<a href="tel:(0000)123-4567">{PHONE}</a>' in (await opened("/bantuan", SITI)).text
    other = (await opened("/bantuan", NEIGHBOUR)).text
    assert "Dukcapil Kota Bengkulu" in other
    assert re.search(r'data-phone="no">Nomor telepon kantor belum dicantumkan', other)
    assert PHONE not in other
    assert (await opened("/permohonan/saya", SITI)).json()["office_phone"] == PHONE
    assert (await opened("/permohonan/saya", NEIGHBOUR)).json()["office_phone"] is None
    body = letter(
        resident(phone="0812-0000-4321"),
        at=datetime.now(UTC).isoformat(),
        letter={"number": "1", "date": "2026-01-05"},
    )
    filed = (await opened("/requests", SITI, json=body)).json()
    slip = (await opened(f"/permohonan/{filed['request_id']}/slip", SITI)).text
    assert f"<b>{PHONE}</b>" in slip
    assert "kantor/bantuan</span>" in slip
    told = (await opened("/lacak", data={"kode": filed["cases"][0]["tracking"], "angka": "4321"})).text
    assert f"{PHONE}</a>" in told
    assert 'href="/bantuan?kantor=17.02"' in told


async def test_it_holds_nobody_and_is_kept_in_both_languages(opened: Open) -> None:
    """12.B6: what a device keeps is the page of no office; the worker names it with its files."""
    worker = (await opened("/sw.js")).text
    for language, word in (("id", "Istilah"), ("en", "Terms")):
        shell = (await opened(f"/permohonan/kerangka-bantuan/{language}")).text
        assert f"/permohonan/kerangka-bantuan/{language}" in worker
        assert word in shell
        assert PHONE not in shell
        assert "siti" not in (await opened(f"/bantuan?bahasa={language}", SITI)).text
    for page in ("/", "/lacak", "/permohonan/luring/id", "/permohonan/kerangka/en"):
        assert 'href="/bantuan"' in (await opened(page)).text, page


def test_a_telephone_is_one(tmp_path: Path) -> None:
    """12.B6: a setting that is no telephone is refused at start; none is none."""
    assert {office.phone for office in Offices.load()} == {None}
    wrong = tmp_path / "offices.toml"
    wrong.write_text(SHIPPED.read_text().replace('code = "17.02"', 'code = "17.02"\nphone = "tanya saja"'))
    with pytest.raises(ValidationError, match="phone"):
        Offices.load(wrong)
