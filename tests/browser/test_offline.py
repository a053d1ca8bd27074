"""The portal without a line, or without a server: every page explains itself, and nothing is lost."""

import pytest
from playwright.async_api import Page, Route, expect

from ops.system import System
from shared.security.auth import Role
from tests.browser.support.filing import PATH, WILAYAH, Form, device, filed, letters, log_in_again, origin, stored
from tests.browser.support.pages import IN_A_BROWSER, drawn, log_in, sound
from tests.support.polling import until

pytestmark = [*IN_A_BROWSER, pytest.mark.timeout(300)]
LIST = "/permohonan"
SENT = "Semua permohonan dari perangkat ini sudah terkirim."
NOTES = """() => new Promise((done) => {
  indexedDB.open('jemput-bola').onsuccess = ({ target }) => {
    const asked = target.result.transaction('catatan').objectStore('catatan').getAllKeys();
    asked.onsuccess = () => {
      target.result.close();
      done(asked.result);
    };
  };
})"""
OTHERS = ("/", "/lacak", "/operasi", "/masuk", f"{LIST}/0199aaaa-0000-7000-8000-000000000000")


@pytest.fixture(scope="module")
def system(portal: System) -> System:
    return portal


async def kept_list(form: Form) -> None:
    """Open the list, and wait until the device has it."""
    await form.page.goto(origin(form.system) + LIST)
    await expect(form.page.locator(".line")).to_contain_text("Tersambung")
    await noted(form.page, "daftar")


async def noted(page: Page, name: str) -> None:
    """The device has a note whose name begins so."""

    async def there() -> bool:
        return any(each.startswith(name) for each in await page.evaluate(NOTES))

    await until(there, what=name)


async def says(page: Page, sentence: str) -> None:
    """The page's own sentence."""
    await expect(page.locator("#luring")).to_contain_text(sentence)


async def test_offline_pages_explain_themselves_and_the_list_is_there(system: System) -> None:
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


async def test_a_page_that_failed_alone_is_asked_for_again(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "sendiri")
        await kept_list(form)
        await context.route(f"**{LIST}", lambda route: route.abort(), times=1)
        await form.page.reload()
        await says(form.page, "server belum menjawab")
        await expect(form.page.locator("#umur")).to_be_visible(timeout=60_000)


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


async def test_a_session_lost_while_typing_is_told_and_the_text_stays(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "ketik")
        await context.clear_cookies()
        await form.fill("470/ketik")
        line = form.page.locator(".line")
        await expect(line).to_contain_text("Sesi Anda berakhir")
        await sound(form.page, "form-session-over")
        await form.page.get_by_role("button", name="Ajukan permohonan").click()
        await expect(form.page.locator("#hasil")).to_contain_text("masuk lagi, lalu terkirim sendiri")
        assert "begitu jaringan" not in await form.page.locator("body").inner_text()
        await line.get_by_role("link", name="Masuk lagi").click()
        await log_in_again(form.page, system, "ketik")
        await form.answers(SENT)
        assert await letters(system, "470/ketik") == ["470/ketik"]


async def test_a_session_lost_over_a_dialog_leaves_it_as_it_is(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "dialog")
        await form.file("470/dialog")
        [request] = await filed(system, "470/dialog")
        page = form.page
        await page.goto(f"{origin(system)}{LIST}/{request['request_id']}")
        await page.get_by_role("button", name="Tolak permohonan").click()
        await page.locator("#tolak select").select_option(index=1)
        await context.clear_cookies()
        await page.locator("#tolak button[type=submit], #tolak .button").first.click()
        await expect(page.locator("#sesi")).to_be_visible()
        await sound(page, "session-over")
        async with context.expect_page() as opened:
            await page.locator("#sesi").get_by_role("link", name="Masuk lagi").click()
        login = await opened.value
        await login.get_by_text("Tempel token").click()
        await login.get_by_label("Token").fill(system.token(Role.OPERATOR, WILAYAH, "dialog"))
        await login.get_by_role("button", name="Masuk").click()
        await expect(page.locator("#sesi")).to_be_hidden(timeout=30_000)
        await page.locator("#tolak button[type=submit], #tolak .button").first.click()
        await expect(page.locator(".toast")).to_contain_text("Permohonan ditolak")


async def test_what_fails_for_ever_steps_aside_and_the_others_go_on(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "gagal")

        async def never(route: Route) -> None:
            if "470/gagal/0" in (route.request.post_data or ""):
                await route.fulfill(status=200, content_type="text/html", body="<h1>Masuk Wi-Fi</h1>")
            else:
                await route.continue_()

        await context.route("**/api/requests/requests", never)
        await context.set_offline(True)
        for number in range(3):
            await form.file(f"470/gagal/{number}")
        await context.set_offline(False)
        await form.answers("1 permohonan perlu perhatian")
        await expect(form.page.locator("[data-antrean=entries] li[data-state=sent]")).to_have_count(2, timeout=60_000)
        assert await letters(system, "470/gagal/") == ["470/gagal/1", "470/gagal/2"]
        assert await form.entries("stuck") == ["470/gagal/0"]
        assert "bukan dari server Jemput Bola" in await form.page.locator(".reasons").inner_text()
        await sound(form.page, "form-stuck", ("phone",))
        await drawn(form.page, "form-stuck", full_page=False)
        await context.unroute("**/api/requests/requests")
        await form.page.get_by_role("button", name="Kirim sekarang").click()
        await form.answers(SENT)
        assert await letters(system, "470/gagal/") == ["470/gagal/1", "470/gagal/2", "470/gagal/0"]


async def test_a_waiting_entry_can_be_removed_restored_and_corrected(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "tunggu")
        await context.set_offline(True)
        for number in range(3):
            await form.file(f"470/tunggu/{number}")
        await form.page.get_by_role("button", name="Hapus: Bumu Ayu · 470/tunggu/0").click()
        await form.page.get_by_role("button", name="Hapus: Bumu Ayu · 470/tunggu/1").click()
        await form.page.get_by_role("button", name="Urungkan: Bumu Ayu · 470/tunggu/0").click()
        await form.correct("470/tunggu/2", "470/tunggu/dua")
        await context.set_offline(False)
        await form.answers(SENT)
        assert await letters(system, "470/tunggu/") == ["470/tunggu/0", "470/tunggu/dua"]


async def test_what_had_arrived_is_not_filed_again_by_correcting_it(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "tiba")

        async def lost(route: Route) -> None:
            assert (await route.fetch()).status == 201
            await context.set_offline(True)
            await route.abort()

        await context.route("**/api/requests/requests", lost, times=1)
        await form.file("470/tiba/lama")
        await form.correct("470/tiba/lama", "470/tiba/baru")
        await context.set_offline(False)
        await form.answers("1 permohonan belum diterima")
        assert "sudah diterima server" in await form.page.locator(".queue .reasons").inner_text()
        assert await letters(system, "470/tiba/") == ["470/tiba/lama"]


async def test_a_database_that_the_browser_closed_is_opened_again(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "tutup")
        await form.page.evaluate(
            """() => new Promise((done, failed) => {
              const asked = indexedDB.deleteDatabase('jemput-bola');
              asked.onsuccess = done;
              asked.onblocked = asked.onerror = failed;
            })"""
        )
        await context.set_offline(True)
        await form.file("470/tutup")
        assert await form.entries("waiting") == ["470/tutup"]


async def test_an_old_browser_or_no_https_is_told_what_to_do(system: System) -> None:
    async with device() as context:
        await context.add_init_script("delete AbortSignal.timeout")
        page = await log_in(context, origin(system), system.token(Role.OPERATOR, WILAYAH, "kuno"), PATH)
        await expect(page.locator("#kuno")).to_contain_text("Peramban ini sudah usang")
        assert not await page.locator("#formulir").is_visible()
        await sound(page, "old-browser", ("phone",))
    async with device() as context:
        await context.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
        page = await context.new_page()
        await page.goto(origin(system))
        await expect(page.locator("#kuno")).to_contain_text("Alamat ini dibuka tanpa https")
        assert str(await page.locator("#kuno a").get_attribute("href")).startswith("https://")


async def test_a_slip_printed_offline_has_a_code_that_is_tracked(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "slip")
        await noted(form.page, "kode/")
        await context.set_offline(True)
        await form.fill("470/slip")
        await form.field("contact.name").fill("Ani Sintetis")
        await form.field("contact.phone").fill("081200001234")
        await form.page.get_by_role("button", name="Ajukan permohonan").click()
        await form.page.locator("#hasil").get_by_role("link", name="Cetak").click()
        slip = form.page.locator(".slip")
        await expect(slip).to_contain_text("Warga 1 dari 1")
        await expect(slip).to_contain_text("Kota Bengkulu")
        code = await slip.locator(".code").inner_text()
        assert await slip.locator(".qr path").get_attribute("d")
        assert "Sintetis" not in await slip.inner_text()
        await sound(form.page, "offline-slip")
        await drawn(form.page, "offline-slip", full_page=False)
        # Corrected before it went out, it keeps the code that the family has.
        await form.page.goto(origin(system) + PATH)
        await form.correct("470/slip", "470/slip/2")
        await context.set_offline(False)
        await form.answers(SENT)
        await form.page.goto(f"{origin(system)}/lacak")
        await form.page.get_by_label("Kode di slip").fill(code)
        await form.page.get_by_label("4 angka terakhir").fill("1234")
        await form.page.get_by_role("button", name="Lihat").click()
        await expect(form.page.locator(".prepare")).to_contain_text("Kartu keluarga")
        [request] = await filed(system, "470/slip")
        assert request["letter_number"] == "470/slip/2"
