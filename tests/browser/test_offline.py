"""The portal without a line, or without a server: every page explains itself, and nothing is lost."""

import pytest
from playwright.async_api import Page, expect

from ops.system import System
from tests.browser.filing import PATH, Form, device, filed, log_in_again, origin, stored
from tests.browser.pages import IN_A_BROWSER, drawn, sound

pytestmark = [*IN_A_BROWSER, pytest.mark.timeout(300)]
LIST = "/permohonan"
OTHERS = ("/", "/lacak", "/operasi", "/masuk", f"{LIST}/0199aaaa-0000-7000-8000-000000000000")


@pytest.fixture(scope="module")
def system(portal: System) -> System:
    return portal


async def kept_list(form: Form) -> None:
    """Open the list, and wait until the device has it."""
    await form.page.goto(origin(form.system) + LIST)
    await expect(form.page.locator(".line")).to_contain_text("Tersambung")
    await form.page.wait_for_function(
        """() => new Promise((done) => {
          indexedDB.open('jemput-bola').onsuccess = ({ target }) => {
            const asked = target.result.transaction('catatan').objectStore('catatan').get('daftar');
            asked.onsuccess = () => { target.result.close(); done(Boolean(asked.result)); };
          };
        })"""
    )


async def says(page: Page, sentence: str) -> None:
    """The page's own sentence."""
    await expect(page.locator("#luring")).to_contain_text(sentence)


async def test_without_a_line_every_page_explains_itself_and_the_list_is_there_to_read(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "tur")
        await form.file("470/tur/1", name="Rahasia Sintetis")
        await kept_list(form)
        assert "470/tur/1" not in await stored(form.page)
        await context.set_offline(True)
        page = form.page
        for path in OTHERS:
            await page.goto(origin(system) + path)
            await says(page, "Tanpa jaringan. Halaman ini belum tersimpan di perangkat.")
            assert await page.get_by_role("link", name="Permohonan baru").is_visible()
            assert not await page.locator("#formulir").count()
        await sound(page, "offline-page")
        await drawn(page, "offline-page", full_page=False)
        await page.get_by_role("link", name="Daftar terakhir").click()
        await says(page, "tanpa jaringan")
        assert (await page.locator("#luring").inner_text()).startswith("Keadaan pukul ")
        assert "470/tur/1" in await page.locator("#daftar table").inner_text()
        assert not await page.locator("#daftar a").count()
        await sound(page, "offline-list")
        await drawn(page, "offline-list", full_page=False)
        # Back on the line, the page that was asked for opens by itself.
        await context.set_offline(False)
        await expect(page.locator("#umur")).to_be_visible(timeout=60_000)


async def test_a_server_in_trouble_is_no_reason_for_a_blank_page(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "gangguan")
        await kept_list(form)
        system.services["requests"].stop()
        try:
            await form.page.reload()
            await says(form.page, "server belum menjawab")
            await form.page.goto(f"{origin(system)}{LIST}/0199aaaa-0000-7000-8000-000000000000/slip")
            await says(form.page, "Server belum menjawab. Halaman ini belum tersimpan di perangkat.")
        finally:
            system.services["requests"].start()
        await expect(form.page.locator("h1")).to_contain_text("tidak ditemukan", timeout=60_000)


async def test_the_last_list_is_its_owners_and_goes_with_them(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "pemilik")
        await form.file("470/pemilik/1")
        await kept_list(form)
        await context.set_offline(True)
        await form.page.goto(origin(system) + LIST)
        await says(form.page, "Keadaan pukul")
        await form.page.get_by_role("button", name="Keluar").click()
        await form.page.wait_for_selector("#terkunci:visible")
        await form.page.goto(origin(system) + LIST)
        await says(form.page, "terkunci")
        assert not await form.page.locator("#daftar table").count()
        await context.set_offline(False)
        await form.page.wait_for_url("**/masuk?kembali=/permohonan", timeout=60_000)
        await form.page.goto(origin(system) + PATH)
        await log_in_again(form.page, system, "lain")
        await context.set_offline(True)
        await form.page.goto(origin(system) + LIST)
        await says(form.page, "Daftar permohonan belum tersimpan di perangkat ini.")
        assert await filed(system, "470/pemilik")
