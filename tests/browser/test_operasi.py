"""The page Operasi as an operator sees it: by way of the login, with all well and with trouble."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from ops.system import System
from shared.security.auth import Role
from tests.browser.support.pages import IN_A_BROWSER, SCHEMES, SCREENS, SIZES, chromium, drawn, log_in, sound

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def system(portal: System) -> System:
    return portal


def origin(system: System) -> str:
    assert system.caddy is not None
    return system.caddy.url


async def opened(browser: Browser, system: System) -> Page:
    width, height = SIZES["1366"]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        locale="id-ID",
    )
    page = await log_in(context, origin(system), system.token(Role.OPS, subject="penjaga"), "/operasi")
    await page.wait_for_selector("#umur:not(:empty)")  # every service was asked
    return page


async def test_without_a_session_one_logs_in_and_lands_where_wanted(system: System) -> None:
    async with chromium() as browser:
        page = await opened(browser, system)
        assert await page.locator("#jawaban").inner_text() == "Tidak ada yang macet."
        assert await page.get_by_role("heading", level=2).all_inner_texts() == [
            "Permohonan",
            "Kunjungan dan cetak",
            "Stok blanko",
            "Peringatan provinsi",
        ]
        await page.get_by_role("button", name="Keluar").click()
        await page.wait_for_selector("text=Anda sudah keluar")
        await page.goto(origin(system) + "/operasi")
        assert page.url.startswith(origin(system) + "/masuk")


async def test_another_role_is_turned_away_in_words(system: System) -> None:
    async with chromium() as browser:
        context = await browser.new_context()
        page = await log_in(context, origin(system), system.token(Role.OPERATOR, "17.02"), "/operasi")
        assert "Peran atau wilayah akun Anda tidak mencakup halaman ini." in await page.locator("main").inner_text()


@pytest.mark.long
async def test_trouble_is_named_with_its_remedy_until_it_is_mended(system: System) -> None:
    async with chromium() as browser:
        page = await opened(browser, system)
        system.services["notify"].kill()
        try:
            await page.wait_for_selector("text=Layanan ini tidak menjawab.")
            assert await page.locator("#jawaban").inner_text() == "1 hal perlu ditangani: Peringatan provinsi."
            assert "python -m ops doctor" in await page.locator("[data-service=notify]").inner_text()
        finally:
            system.services["notify"].start()
        await page.wait_for_selector("text=Tidak ada yang macet.")


async def test_axe_finds_nothing_at_the_door(system: System) -> None:
    async with chromium() as browser:
        width, height = SIZES["phone"]
        page = await browser.new_page(viewport={"width": width, "height": height})
        await page.goto(origin(system) + "/masuk?kembali=/operasi")
        await sound(page, "masuk")
        await drawn(page, "masuk", full_page=False)
        await page.get_by_text("Tempel token").click()
        await sound(page, "tempel", ["phone"])
        await page.get_by_label("Token").fill("bukan token")
        await page.get_by_role("button", name="Masuk").click()
        await page.wait_for_selector("text=Token ditolak")
        await sound(page, "ditolak", ["phone"])
        await page.goto(origin(system) + "/masuk/selesai")
        await sound(page, "selesai", ["phone"])


async def test_a_button_logs_in_on_a_phone_without_a_script(system: System) -> None:
    async with chromium() as browser:
        width, height = SIZES["phone"]
        context = await browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=False, locale="id-ID"
        )
        page = await context.new_page()
        await page.goto(origin(system) + "/masuk?kembali=/permohonan")
        await page.get_by_text("Dukcapil Kota Cirebon").click()
        await page.get_by_role("button", name="Petugas kelurahan Kejaksan").click()
        await page.wait_for_url("**/permohonan")
        await page.get_by_role("button", name="Keluar").click()
        await page.goto(origin(system) + "/masuk?kembali=/operasi")
        await page.get_by_text("Provinsi dan pusat").click()
        await page.get_by_role("button", name="Pengelola sistem").click()
        await page.wait_for_url("**/operasi")


async def test_axe_finds_nothing_and_nothing_sticks_out(system: System) -> None:
    async with chromium() as browser:
        page = await opened(browser, system)
        await sound(page, "operasi")
        await drawn(page, "operasi")


async def test_the_keyboard_reaches_everything(system: System) -> None:
    async with chromium() as browser:
        page = await opened(browser, system)
        reached = set()
        for _ in range(40):
            await page.keyboard.press("Tab")
            reached.add(await page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
        focusable = await page.evaluate(
            """[...document.querySelectorAll('a[href], button, [tabindex]')].filter(e => e.checkVisibility())
            .map(e => e.outerHTML.slice(0, 200))"""
        )
        assert set(focusable) <= reached


async def test_english_is_a_switch_that_stays(system: System) -> None:
    async with chromium() as browser:
        page = await opened(browser, system)
        await page.get_by_role("link", name="English").click()
        await page.wait_for_selector("text=Nothing is stuck.")
        await page.goto(origin(system) + "/operasi")
        await page.wait_for_selector("text=Nothing is stuck.")


def test_the_pictures_are_of_these_pages() -> None:
    names = {f"operasi-{size}-{scheme}.png" for size in SIZES for scheme in SCHEMES}
    names |= {f"masuk-{size}-{scheme}.png" for size in SIZES for scheme in SCHEMES}
    assert names <= {file.name for file in Path(SCREENS).iterdir()}
