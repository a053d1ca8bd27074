"""Persons log in at a certified provider, stay while it vouches for them, and are out within minutes after."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from ops.system import Issuer
from services.requests.app import build
from services.requests.login.oidc import LoginRefused
from services.requests.settings import Settings
from shared.database.pool import Database
from shared.security.auth import Role
from tests.services.requests.desk import key_file
from tests.services.requests.login.office import open_office
from tests.support.polling import until
from tests.support.servers.provider import CLIENT_ID, ORIGIN, SECRET, Browser, OpenIdProvider, provider
from tests.support.serving import app_of

OPERATOR = {"realm_access": {"roles": ["petugas-kelurahan", "uma_authorization"]}, "wilayah": "17.02.06.1004"}


@pytest.fixture(scope="module")
async def idp(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OpenIdProvider]:
    async with provider(tmp_path_factory.mktemp("provider")) as running:
        yield running


@dataclass
class Office:
    """The pages of requests, and the provider they send people to."""

    app: FastAPI
    db: Database
    idp: OpenIdProvider

    async def inside(self, subject: str = "siti") -> Browser:
        """A browser whose person has come in."""
        browser = Browser(self.app)
        answer = await browser.log_in(subject, (await browser.open("/masuk?kembali=/uji")).headers["location"])
        assert (answer.status_code, answer.headers["location"]) == (303, "/uji"), answer.text
        return browser

    async def sessions(self) -> int:
        async with self.db.connection() as conn:
            return int(await conn.fetchval("select count(*) from session"))


@pytest.fixture
async def office(
    idp: OpenIdProvider, database: Callable[[str], Awaitable[str]], tmp_path: Path, issuer: Issuer
) -> AsyncIterator[Office]:
    secret = tmp_path / "client.secret"
    secret.write_text(f"{SECRET}\n")
    app, db = await open_office(
        await database("requests"),
        tmp_path,
        issuer,
        oidc_issuer=idp.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret_file=secret,
        role_names={"petugas-kelurahan": "operator", "petugas-stok": "storekeeper", "pengelola": "ops"},
        session_lifetime=2,
        clock_leeway=0,
    )
    await idp.has(siti=OPERATOR)
    yield Office(app, db, idp)
    await db.close()


async def test_a_login_at_the_provider_returns_role_and_wilayah(office: Office) -> None:
    browser = Browser(office.app)
    sent = await browser.open("/uji?saring=1")
    assert (sent.status_code, sent.headers["location"]) == (303, "/masuk?kembali=/uji%3Fsaring%3D1")
    door = (await browser.open(sent.headers["location"])).headers["location"]
    asked = parse_qs(urlsplit(door).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    back = await browser.log_in("siti", door)
    assert (back.status_code, back.headers["location"]) == (303, "/uji?saring=1")
    page = await browser.open("/uji?saring=1")
    assert page.json() == {"subject": "siti", "wilayah": "17.02.06.1004"}
    given = [value for name, value in back.headers.multi_items() if name == "set-cookie"]
    short = next(each for each in given if each.startswith("__Host-sesi="))
    long = next(each for each in given if each.startswith("__Secure-masuk="))
    assert all(part in short for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/;")), short
    assert all(part in long for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/masuk;")), long
    async with office.db.connection() as conn:
        kept = await conn.fetchrow("select * from session")
    secret = browser.http.cookies["__Secure-masuk"]
    assert secret.encode() not in kept["id"]
    assert b"refresh" not in kept["refresh"]
    assert kept["role"] == "operator"


async def test_a_script_without_session_or_of_another_site_is_refused(office: Office) -> None:
    browser = await office.inside()
    stranger = Browser(office.app)
    fetched = await stranger.http.get(f"{ORIGIN}/uji", headers={"HX-Request": "true", "Accept": "text/html"})
    assert (fetched.status_code, fetched.headers["content-type"]) == (401, "application/problem+json")
    assert (await browser.send("/uji")).status_code == 200
    assert (await browser.send("/uji", site="cross-site")).status_code == 403
    assert (await browser.send("/uji", site="same-site")).status_code == 403
    for headers, status in (
        ({"Origin": ORIGIN}, 200),
        ({"Origin": "https://lain.test"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ):
        assert (await browser.http.post(f"{ORIGIN}/uji", headers=headers)).status_code == status
    assert (await browser.send("/keluar", site="cross-site")).status_code == 403
    assert (await browser.send("/masuk/segarkan", site="cross-site")).status_code == 403


async def test_rotated_tokens_renew_a_session_once_for_two_tabs(office: Office) -> None:
    browser = await office.inside()
    async with office.db.connection() as conn:
        first = await conn.fetchval("select refresh from session")
    await _half_way(office)
    # A provider that sees a refresh token twice ends the whole grant: then the next round would be refused.
    for _ in range(3):
        answers = await asyncio.gather(*(browser.send("/masuk/segarkan") for _ in range(6)))
        assert {answer.status_code for answer in answers} == {204}
        await _half_way(office)
    async with office.db.connection() as conn:
        assert await conn.fetchval("select refresh from session") != first
    assert (await browser.open("/masuk?kembali=/uji")).headers["location"] == "/uji"
    assert (await browser.open("/uji")).status_code == 200


async def test_a_deactivated_person_is_out_within_a_session(office: Office) -> None:
    browser = await office.inside()
    await office.idp.has()
    assert (await browser.open("/uji")).status_code == 200

    async def out() -> bool:
        return (await browser.open("/uji")).status_code == 303

    await until(out, timeout=4, what="the cookie expired")
    assert (await browser.send("/masuk/segarkan")).status_code == 401
    assert await office.sessions() == 0
    door = (await browser.open("/masuk?kembali=/uji")).headers["location"]
    assert door.startswith(office.idp.issuer)


async def test_another_role_at_the_provider_is_another_role_here(office: Office) -> None:
    browser = await office.inside()
    await office.idp.has(siti={"realm_access": {"roles": ["petugas-stok"]}, "wilayah": "nasional"})
    await _half_way(office)
    assert (await browser.send("/masuk/segarkan")).status_code == 204
    assert (await browser.open("/uji")).status_code == 403


async def test_one_person_may_have_several_roles_and_is_greeted(
    office: Office, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    subject, name = str(uuid4()), "Ratna Sintetis"
    several = {"realm_access": {"roles": ["petugas-stok", "petugas-kelurahan"]}, "wilayah": "17.02", "name": name}
    await office.idp.has(**{subject: several})
    browser = await office.inside(subject)
    for _ in range(2):
        home = (await browser.open("/")).text
        assert f"Masuk sebagai {name}, petugas kelurahan, petugas stok." in home
        assert subject not in home
        assert 'href="/permohonan"' in home
        async with office.db.connection() as conn:
            kept = await conn.fetchrow("select * from session")
        assert kept["role"] == "operator+storekeeper"
        assert "Ratna" not in repr(dict(kept))
        # And after a renewal.
        await _half_way(office)
        assert (await browser.send("/masuk/segarkan")).status_code == 204
    # What was read from the table, without the provider.
    assert (await browser.open("/masuk?kembali=/uji")).headers["location"] == "/uji"
    assert f"Masuk sebagai {name}," in (await browser.open("/")).text
    assert "Ratna" not in caplog.text + "".join(capfd.readouterr())


async def test_logout_ends_the_session_here_and_at_the_provider(office: Office) -> None:
    browser = await office.inside()
    shown = browser.http.cookies["__Host-sesi"]
    async with office.db.connection() as conn:
        kept = await conn.fetchrow("select id, refresh from session")
    room = office.app.state.dependencies.login
    refresh = room.key.open(kept["refresh"], kept["id"]).decode()
    left = await browser.send("/keluar")
    onward = left.headers["refresh"].removeprefix("0; url=")
    assert onward.startswith(f"{office.idp.issuer}/session/end?")
    assert "id_token" not in onward
    assert await office.sessions() == 0
    with pytest.raises(LoginRefused):
        await room.provider.renew(refresh, "siti")
    assert not {"__Host-sesi", "__Secure-masuk"} & set(browser.http.cookies)
    assert (await browser.open(onward)).status_code == 200
    assert (await browser.open("/masuk/selesai")).status_code == 200
    # Whoever copied the cookie has it for the rest of its minutes and no longer.
    browser.http.cookies.set("__Host-sesi", shown, domain=ORIGIN[8:])

    async def worthless() -> bool:
        return (await browser.open("/uji")).status_code == 303

    await until(worthless, timeout=4, what="the copied cookie expired")


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"wilayah": "17.02"}, "belum diberi peran"),
        ({"realm_access": {"roles": ["operator"]}, "wilayah": "17.02"}, "belum diberi peran"),
        ({"realm_access": {"roles": ["petugas-kelurahan", "pengelola"]}, "wilayah": "17.02"}, "tidak boleh digabung"),
        ({"realm_access": {"roles": ["petugas-kelurahan"]}}, "belum diberi wilayah"),
        ({"realm_access": {"roles": ["petugas-kelurahan"]}, "wilayah": "17.0"}, "belum diberi wilayah"),
    ],
)
async def test_an_account_without_role_or_wilayah_is_told_what_to_do(
    office: Office, claims: dict[str, Any], words: str
) -> None:
    await office.idp.has(siti=claims)
    browser = Browser(office.app)
    answer = await browser.log_in("siti", (await browser.open("/masuk")).headers["location"])
    assert answer.status_code == 403
    assert words in answer.text
    assert "Hubungi admin" in answer.text
    assert "siti" not in answer.text
    assert await office.sessions() == 0


def _with(url: str, **changed: str) -> str:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
    return parts._replace(query=urlencode(query)).geturl()


async def test_a_bent_state_nonce_code_or_issuer_lets_nobody_in(office: Office) -> None:
    async def door(browser: Browser) -> str:
        return (await browser.open("/masuk")).headers["location"]

    async def answered(bend: Callable[[str], str], at_the_door: Callable[[str], str] = lambda url: url) -> int:
        browser = Browser(office.app)
        return (await browser.log_in("siti", at_the_door(await door(browser)), bend)).status_code

    assert await answered(lambda url: _with(url, state="A" * 43)) == 400
    assert await answered(lambda url: _with(url, state="../etc")) == 400
    assert await answered(lambda url: _with(url, iss="https://lain.test")) == 400
    assert await answered(lambda url: _with(url, code="tidak-ada")) == 403
    assert await answered(lambda url: url, lambda url: _with(url, nonce="lain")) == 403
    assert await answered(lambda url: url, lambda url: _with(url, code_challenge="A" * 43)) == 403
    # The code of another browser's login, brought into this one.
    victim, thief = Browser(office.app), Browser(office.app)
    theirs = (await door(victim), await door(thief))
    caught: list[str] = []
    await thief.log_in("siti", theirs[1], lambda url: caught.append(url) or "/masuk/selesai")
    assert (await victim.open(caught[0])).status_code == 400
    code = parse_qs(urlsplit(caught[0]).query)["code"][0]
    assert (await victim.log_in("siti", theirs[0], lambda url: _with(url, code=code))).status_code == 403
    assert await office.sessions() == 0


async def test_the_way_back_is_used_once(office: Office) -> None:
    browser, used = Browser(office.app), []
    await browser.log_in(
        "siti", (await browser.open("/masuk")).headers["location"], lambda url: used.append(url) or url
    )
    assert await office.sessions() == 1
    assert (await browser.open(used[0])).status_code == 400


@pytest.mark.parametrize("asked", ["https://lain.test/", "//lain.test", "/\\lain.test", "lain.test", "javascript:1"])
async def test_nobody_is_led_to_another_site(office: Office, asked: str) -> None:
    browser = await office.inside()
    answer = await browser.open(f"/masuk?{urlencode({'kembali': asked})}")
    assert answer.headers["location"] == "/"


async def test_a_session_ends_after_its_hours_in_any_case(office: Office) -> None:
    browser = await office.inside()
    async with office.db.transaction() as conn:
        await conn.execute("update session set ends_at = now()")
    assert (await browser.send("/masuk/segarkan")).status_code == 401


async def test_without_the_provider_sessions_stay_and_nobody_logs_in(
    office: Office, database: Callable[[str], Awaitable[str]], tmp_path: Path, issuer: Issuer
) -> None:
    browser = await office.inside()
    await _half_way(office)
    room = office.app.state.dependencies.login
    object.__setattr__(room.provider._client, "issuer", "http://127.0.0.1:1")
    room.provider._known = None
    assert (await browser.send("/masuk/segarkan")).status_code == 503
    refused = await browser.open("/masuk?kembali=/uji")
    assert refused.status_code == 503
    assert "Coba masuk lagi" in refused.text
    assert await office.sessions() == 1


async def test_only_development_takes_a_pasted_token(
    database: Callable[[str], Awaitable[str]], tmp_path: Path, issuer: Issuer
) -> None:
    app, db = await open_office(await database("requests"), tmp_path, issuer)
    browser = Browser(app)
    form = await browser.open("/masuk?kembali=/uji")
    assert "Token pengembangan" in form.text
    assert re.findall(r"<script[^>]*>(.*?)</script>", form.text) == [""], "only the one that speaks to old browsers"
    assert " style=" not in form.text
    token = issuer.token(Role.OPERATOR, "17.02", ttl=timedelta(minutes=5))
    assert (await browser.send("/masuk", {"token": token}, site="cross-site")).status_code == 403
    assert (await browser.send("/masuk", {"token": "bukan"})).status_code == 422
    taken = await browser.send("/masuk", {"token": token, "kembali": "/uji"})
    assert (taken.status_code, taken.headers["location"]) == (303, "/uji")
    assert (await browser.open("/uji")).json()["wilayah"] == "17.02"
    app.state.production = True
    assert (await browser.send("/masuk", {"token": token})).status_code == 404
    assert "OIDC_ISSUER" in (await Browser(app).open("/masuk")).text
    await db.close()


async def _half_way(office: Office) -> None:
    """The session's lifetime is half over, as time passes."""
    async with office.db.transaction() as conn:
        await conn.execute("update session set renewed_at = renewed_at - interval '1.5 seconds'")


async def test_without_the_key_of_sessions_nobody_logs_in(
    database: Callable[[str], Awaitable[str]], tmp_path: Path, issuer: Issuer
) -> None:
    settings = Settings(
        database_url=await database("requests"),
        kafka_bootstrap_servers="127.0.0.1:1",
        jwks_file=issuer.jwks_file,
        person_key_file=key_file(tmp_path),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app_of(build(settings))), base_url=ORIGIN) as http:
        answer = await http.get("/masuk")
        assert answer.status_code == 404
        assert "SESSION_KEY_FILE" in answer.text
