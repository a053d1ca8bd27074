"""The whole way through a real Keycloak with the realm of `deploy/keycloak`: in, on, out, and never back in."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import asyncpg
import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from ops.platform import PlatformError
from ops.platform.keycloak import Keycloak, installed
from ops.system import System
from tests.browser.support.desk import origin
from tests.browser.support.pages import IN_A_BROWSER, chromium
from tests.support.polling import until

pytestmark = [*IN_A_BROWSER, pytest.mark.long, pytest.mark.timeout(1500)]
LIFETIME = 10
"""Seconds of a session, as short as a page needs."""
SLOW = 60_000


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    try:
        installed()
    except PlatformError as error:
        if "cannot be fetched" not in error.problem:
            raise
        pytest.skip(error.problem)
    settings = {"SESSION_LIFETIME": str(LIFETIME)}
    with System(tmp_path_factory.mktemp("keycloak"), gateway=True, login=True, settings=settings) as system:
        yield system


@pytest.fixture
def keycloak(system: System) -> Keycloak:
    assert system.keycloak is not None
    return system.keycloak


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def admin(keycloak: Keycloak) -> AsyncIterator[httpx.AsyncClient]:
    """The realm's administrator, at Keycloak's own API."""
    async with httpx.AsyncClient(timeout=60) as http:
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin"}
        path = f"{keycloak.url}/realms/master/protocol/openid-connect/token"
        told = (await http.post(path, data={**form, "password": keycloak.admin_password})).json()
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    base = f"{keycloak.url}/admin/realms/{keycloak.realm}"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as http:
        yield http


async def _user(admin: httpx.AsyncClient, name: str) -> dict[str, Any]:
    [found] = (await admin.get("/users", params={"username": name, "exact": "true"})).raise_for_status().json()
    return dict(found)


async def _at_the_door(browser: Browser, system: System, to: str) -> Page:
    """A browser that nobody used before, which was sent to Keycloak's form."""
    page = await (await browser.new_context(locale="id-ID")).new_page()
    page.set_default_timeout(SLOW)
    await page.goto(origin(system) + to)
    await page.wait_for_selector("#password")
    return page


async def _sign_in(page: Page, keycloak: Keycloak, name: str) -> None:
    await page.locator("#username").fill(name)
    await page.locator("#password").fill(keycloak.secrets["PETUGAS_PASSWORD"])
    await page.locator("#kc-login").click()


async def _inside(browser: Browser, system: System, keycloak: Keycloak, name: str, to: str) -> Page:
    page = await _at_the_door(browser, system, to)
    await _sign_in(page, keycloak, name)
    await page.wait_for_url(origin(system) + to)
    return page


async def _sessions(system: System, subject: str) -> list[Any]:
    conn = await asyncpg.connect(system.dsn("requests"))
    try:
        return list(await conn.fetch("select renewed_at, refresh from session where subject = $1", subject))
    finally:
        await conn.close()


async def _asked(page: Page, path: str, method: str = "GET") -> int:
    """What a script of the page is answered."""
    script = "([path, method]) => fetch(path, {method}).then((answer) => answer.status)"
    return int(await page.evaluate(script, [path, method]))


async def test_an_operator_stays_logged_in_until_keycloak_refuses(
    system: System, keycloak: Keycloak, browser: Browser, admin: httpx.AsyncClient
) -> None:
    siti = await _user(admin, "petugas-kelurahan")
    page = await _inside(browser, system, keycloak, "petugas-kelurahan", "/permohonan/baru")
    await _file(page, "470/keycloak")
    await page.goto(origin(system))
    assert "Masuk sebagai Siti Sintetis, petugas kelurahan." in await page.inner_text("main")
    assert siti["id"] not in await page.content()
    await _a_program_reads_it(system, keycloak, "470/keycloak")

    [begun] = await _sessions(system, siti["id"])

    async def renewed() -> bool:
        assert await _asked(page, "/masuk/segarkan", "POST") == 204
        [now] = await _sessions(system, siti["id"])
        return bool(now["renewed_at"] > begun["renewed_at"] and now["refresh"] != begun["refresh"])

    await until(renewed, timeout=60, what="the session is renewed")
    at = datetime.now().astimezone()
    (await admin.put(f"/users/{siti['id']}", json={**siti, "enabled": False})).raise_for_status()

    async def out() -> bool:
        return await _asked(page, "/masuk/segarkan", "POST") == 401

    await until(out, timeout=60, what="the session ended")
    assert await _sessions(system, siti["id"]) == []
    assert (datetime.now().astimezone() - at).total_seconds() < LIFETIME + 30

    async def shut() -> bool:
        return await _asked(page, "/api/requests/requests") == 401

    # The last cookie has seconds left; a page that it opens says that the session is over, and stays as it is.
    await until(shut, timeout=60, what="the last cookie ran out")
    await page.goto(f"{origin(system)}/permohonan")
    await page.wait_for_selector("#password")
    await _sign_in(page, keycloak, "petugas-kelurahan")
    await expect(page.locator("#kc-login")).to_be_visible(timeout=SLOW)
    assert page.url.startswith(keycloak.url)


async def _file(page: Page, letter: str) -> None:
    """A letter of the operator's one kelurahan, by the form."""
    await page.wait_for_selector("#formulir:visible")
    for name, value in (
        ("letter.number", letter),
        ("letter.date", "02-01-2026"),
        ("address", "Jalan Sintetis 1, RT 001"),
        ("residents.0.name", "Warga Sintetis"),
        ("residents.0.birth_date", "17-08-1950"),
    ):
        await page.locator(f'[name="{name}"]').fill(value)
    await page.locator('[name="consent"]').select_option("warga")
    await page.get_by_label("Perempuan", exact=True).check()
    await page.locator('[name="residents.0.service"]').select_option("lost")
    await page.locator('[name="residents.0.reason"]').select_option("lansia")
    await page.get_by_role("button", name="Ajukan permohonan").click()
    await page.wait_for_selector("text=Terkirim dan diterima server")


async def _a_program_reads_it(system: System, keycloak: Keycloak, letter: str) -> None:
    """A client with a service account, in the role `service`, by its own token."""
    async with httpx.AsyncClient(timeout=60) as http:
        told = await http.post(
            f"{keycloak.issuer}/protocol/openid-connect/token",
            data={"grant_type": "client_credentials"},
            auth=("laporan", keycloak.secrets["LAPORAN_SECRET"]),
        )
        headers = {"Authorization": f"Bearer {told.json()['access_token']}"}
        answer = await http.get(f"{origin(system)}/api/requests/requests", headers=headers)
        assert [item["letter_number"] for item in answer.raise_for_status().json()["items"]] == [letter]
        assert (await http.post(f"{origin(system)}/api/requests/clock", headers=headers)).status_code == 403


async def test_one_with_several_roles_has_all_pages_until_the_logout(
    system: System, keycloak: Keycloak, browser: Browser, admin: httpx.AsyncClient
) -> None:
    ratna = await _user(admin, "kantor-kecil")
    page = await _inside(browser, system, keycloak, "kantor-kecil", "/permohonan")
    assert await page.get_by_role("link", name="Permohonan baru").count()
    await page.goto(origin(system))
    said = await page.inner_text("main")
    assert "Masuk sebagai Ratna Sintetis, " in said
    assert all(role in said for role in ("penjadwal", "petugas kelurahan", "petugas cetak", "petugas stok"))
    for path in ("requests/requests", "dispatch/print-queue?office=17.02", "inventory/offices/17.02/ledger"):
        assert await _asked(page, f"/api/{path}") == 200, path
    assert await _asked(page, "/operasi") == 403
    [session] = await _sessions(system, ratna["id"])
    assert session["refresh"]

    await page.get_by_role("button", name="Keluar").click()
    await page.wait_for_url(f"{origin(system)}/masuk/selesai")
    assert await _sessions(system, ratna["id"]) == []
    assert (await admin.get(f"/users/{ratna['id']}/sessions")).json() == []
    await page.goto(f"{origin(system)}/permohonan")
    await expect(page.locator("#password")).to_be_visible(timeout=SLOW)


@pytest.mark.parametrize(
    ("account", "place"),
    [("provinsi", "/permohonan"), ("pengelola", "/operasi"), ("petugas-cetak", "/permohonan")],
)
async def test_each_account_of_the_realm_finds_its_page(
    system: System, keycloak: Keycloak, browser: Browser, account: str, place: str
) -> None:
    page = await _inside(browser, system, keycloak, account, place)
    assert await page.locator(f'nav a[href="{place}"][aria-current=page]').count() == 1
