"""The page "Permohonan baru" as an operator uses it: each entry goes out once, in order, by its owner."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, Route, async_playwright, expect

from ops.system import System
from services.requests.pages.dependencies import STATIC
from services.requests.pages.service_worker import FILES
from tests.browser.support.filing import PATH, Form, device, filed, letters, log_in_again, origin, stored
from tests.browser.support.pages import (
    CHROMIUM,
    IN_A_BROWSER,
    QUIET,
    SCHEMES,
    SCREENS,
    SIZES,
    drawn,
    sound,
)

pytestmark = [*IN_A_BROWSER, pytest.mark.timeout(300)]
MOST_SCRIPT = 100 * 1024
WAITING = "permohonan menunggu dikirim"
SENT = "Semua permohonan dari perangkat ini sudah terkirim."


@pytest.fixture(scope="module")
def system(portal: System) -> System:
    return portal


async def test_a_request_goes_out_and_the_page_says_where_it_is(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "daring")
        await form.answers("Belum ada permohonan")
        await form.fill("470/daring")
        await form.page.get_by_role("button", name="Ajukan permohonan").click()
        await form.page.wait_for_selector("text=Terkirim dan diterima server")
        [request] = await filed(system, "470/daring")
        assert await form.page.get_by_role("link", name="Lihat permohonan").get_attribute("href") == (
            f"/permohonan/{request['request_id']}"
        )
        code = await form.page.locator(".codelist code").inner_text()
        assert len(code) == 13
        assert code.count("-") == 2
        await form.answers(SENT)


async def test_offline_entries_survive_a_reload_and_go_out_in_order(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "luring")
        await context.set_offline(True)
        for number in range(3):
            await form.file(f"470/luring/{number}")
        await form.page.reload()
        await form.answers(f"3 {WAITING}")
        assert await form.entries("waiting") == [f"470/luring/{number}" for number in range(3)]
        await expect(form.page.locator(".line")).to_contain_text("Tanpa jaringan sejak")
        assert await letters(system, "470/luring/") == []
        await context.set_offline(False)
        await form.answers(SENT)
        assert await letters(system, "470/luring/") == [f"470/luring/{number}" for number in range(3)]


@pytest.mark.long
async def test_a_server_killed_before_it_answers_has_one_entry(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "mati")
        asked: list[str] = []

        async def lost(route: Route) -> None:
            asked.append(route.request.headers["idempotency-key"])
            if len(asked) == 1:
                assert (await route.fetch()).status == 201
                system.services["requests"].kill()
                await route.abort()
            else:
                await route.continue_()

        await context.route("**/api/requests/requests", lost)
        try:
            await form.file("470/mati")
            await form.answers(f"1 {WAITING}")
        finally:
            system.services["requests"].start()
        await form.answers(SENT)
        assert len(asked) > 1
        assert len(set(asked)) == 1
        assert await letters(system, "470/mati") == ["470/mati"]


async def test_a_refused_entry_says_why_holds_up_nobody_and_is_mended(system: System) -> None:
    nik = "1771015708500027"
    async with device() as context:
        form = await Form.enter(context, system, "tolak")
        await context.set_offline(True)
        await form.file("470/tolak/0", nik=nik)
        await form.file("470/tolak/1", nik=nik)
        await form.file("470/tolak/2")
        await context.set_offline(False)
        await form.answers("1 permohonan belum diterima dan perlu diperbaiki.")
        await expect(form.page.locator("[data-antrean=entries] li[data-state=sent]")).to_have_count(2, timeout=60_000)
        assert await letters(system, "470/tolak/") == ["470/tolak/0", "470/tolak/2"]
        assert await form.entries("refused") == ["470/tolak/1"]
        assert await form.page.locator(".reasons").inner_text()
        await form.page.reload()
        await form.page.get_by_role("link", name="Perbaiki").click()
        await form.page.wait_for_selector("#kesalahan:visible")
        assert await form.field("residents.0.nik").input_value() == nik
        assert await form.field("residents.0.nik").get_attribute("aria-invalid") == "true"
        await form.field("residents.0.nik").fill("")
        await form.page.get_by_role("button", name="Ajukan permohonan").click()
        await form.answers(SENT)
        assert await letters(system, "470/tolak/") == ["470/tolak/0", "470/tolak/2", "470/tolak/1"]


async def test_an_entry_with_a_wrong_clock_goes_out_by_server_time(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "jam")
        await form.page.clock.install(time=datetime.now(UTC) + timedelta(days=3))
        await context.set_offline(True)
        await form.file("470/jam/0")
        await context.set_offline(False)
        await form.answers("1 permohonan belum diterima dan perlu diperbaiki.")
        assert await letters(system, "470/jam/") == []
        assert "Jam perangkat Anda berbeda dari jam server" in await form.page.locator(".reasons").inner_text()
        await form.page.get_by_role("button", name="Kirim dengan jam server").click()
        await form.answers(SENT)
        await form.file("470/jam/1")
        await form.answers(SENT)
        assert await letters(system, "470/jam/") == ["470/jam/0", "470/jam/1"]


async def test_an_expired_session_loses_nothing(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "habis")
        await form.fill("470/habis")
        await context.clear_cookies()
        await form.page.get_by_role("button", name="Ajukan permohonan").click()
        await form.answers(f"1 {WAITING}")
        await form.page.locator(".line").get_by_role("link", name="Masuk lagi").click()
        await log_in_again(form.page, system, "habis")
        await form.answers(SENT)
        assert await letters(system, "470/habis") == ["470/habis"]


async def test_the_next_operator_sees_nothing_of_the_first_ones_queue(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "pertama")
        await context.set_offline(True)
        await form.file("470/pertama", name="Rahasia Sintetis")
        await form.field("letter.number").fill("470/draf-pertama")
        await form.page.wait_for_selector("#simpanan:not([data-unsaved]):has-text('Draf tersimpan')")
        # The session ends before the line is back long enough: another person logs in at this PC.
        await context.route("**/api/requests/requests", lambda route: route.abort())
        await context.set_offline(False)
        await form.page.get_by_role("button", name="Keluar").click()
        await form.page.wait_for_selector("text=Anda sudah keluar")
        await context.unroute("**/api/requests/requests")
        await form.page.goto(origin(system) + PATH)
        await log_in_again(form.page, system, "kedua")
        await form.answers("Belum ada permohonan")
        assert await form.field("letter.number").input_value() == ""
        assert await form.entries("waiting") == []
        seen = await form.page.locator("body").inner_text()
        assert "470/" not in seen.replace("Misalnya 470/", "")
        assert "Rahasia" not in await stored(form.page)
        assert await letters(system, "470/pertama") == []
        await form.page.get_by_role("button", name="Keluar").click()
        await form.page.goto(origin(system) + PATH)
        await log_in_again(form.page, system, "pertama")
        await form.page.wait_for_selector("[data-antrean=entries] li[data-state=sent]", timeout=60_000)
        await form.answers("Permohonan ini belum diajukan.")
        assert await form.field("letter.number").input_value() == "470/draf-pertama"
        assert await letters(system, "470/pertama") == ["470/pertama"]


async def test_an_offline_logout_holds_here_at_once_and_there_later(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "pamit")
        await context.set_offline(True)
        await form.file("470/pamit", name="Rahasia Sintetis")
        kept = await stored(form.page)
        assert "key false" in kept
        assert "Rahasia" not in kept
        await form.page.get_by_role("button", name="Keluar").click()
        await form.page.wait_for_selector("#terkunci:visible")
        assert "key false" not in await stored(form.page)
        assert not await form.page.locator("#formulir").is_visible()
        assert "470/pamit" not in await form.page.locator("body").inner_text()
        await context.set_offline(False)
        await form.page.wait_for_selector(".line:has-text('Masuk lagi untuk mengirim')", timeout=60_000)
        await form.page.goto(origin(system) + "/permohonan/saya")
        assert form.page.url.startswith(origin(system) + "/masuk")
        assert await letters(system, "470/pamit") == []


@pytest.mark.long
async def test_a_browser_started_anew_without_a_line_has_the_queue(system: System, tmp_path: Path) -> None:
    async with async_playwright() as playwright:

        async def started() -> BrowserContext:
            return await playwright.chromium.launch_persistent_context(
                tmp_path / "profile", executable_path=CHROMIUM, args=QUIET, locale="id-ID"
            )

        context = await started()
        form = await Form.enter(context, system, "nyala")
        system.services["requests"].stop()
        try:
            await form.file("470/nyala/0")
            await form.file("470/nyala/1")
            await context.close()
            context = await started()
            form = Form(await context.new_page(), system)
            await form.page.goto(origin(system) + PATH)
            await form.answers(f"2 {WAITING}")
        finally:
            system.services["requests"].start()
        # A session's cookie outlives the browser.
        await form.answers(SENT)
        assert await letters(system, "470/nyala/") == ["470/nyala/0", "470/nyala/1"]
        await context.close()


async def test_what_is_typed_is_still_there_after_a_reload(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "draf")
        await form.fill("470/draf")
        await form.page.get_by_role("button", name="Tambah warga").click()
        await form.field("residents.1.name").fill("Budi Sintetis")
        await form.page.locator("#i-residents-1-sex-L").check()
        await form.page.get_by_label("Kartu keluarga (KK)").first.check()
        await form.page.wait_for_selector("#simpanan:not([data-unsaved]):has-text('Draf tersimpan')")
        kept = await form.page.evaluate("Object.fromEntries(new FormData(document.getElementById('formulir')))")
        await form.page.reload()
        await form.page.wait_for_selector("#simpanan:has-text('Draf Anda dibuka kembali')")
        found = await form.page.evaluate("Object.fromEntries(new FormData(document.getElementById('formulir')))")
        assert found == kept
        assert found["residents.1.sex"] == "L"


async def test_a_resident_removed_by_mistake_comes_back_as_typed(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "urung")
        await form.fill("470/urung")
        await form.page.get_by_role("button", name="Tambah warga").click()
        await form.field("residents.1.name").fill("Budi Sintetis")
        await form.page.locator("#i-residents-1-sex-L").check()
        await form.page.get_by_role("button", name="Hapus").first.click()
        assert await form.field("residents.0.name").input_value() == "Budi Sintetis"
        await form.page.get_by_role("button", name="Urungkan").click()
        assert await form.field("residents.0.name").input_value() == "Siti Sintetis"
        assert await form.page.locator("[name='residents.0.sex']:checked").get_attribute("value") == "P"
        assert await form.page.locator("[name='residents.1.sex']:checked").get_attribute("value") == "L"


async def test_a_nik_is_checked_while_typed(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "nik")
        nik, field = form.field("residents.0.nik"), form.page.locator('[data-field="residents.0.nik"]')
        await nik.fill("17710157085")
        await expect(field).to_contain_text("11 dari 16 angka")
        await nik.press("Tab")
        await expect(field).to_contain_text("NIK harus 16 angka; yang diisi 11.")
        await nik.fill("1771019908500001")
        await expect(field).to_contain_text("harus tanggal lahir")
        await nik.fill("1771015708500001")
        await form.page.get_by_role("button", name="Isi tanggal lahir dari NIK: 17 Agustus 1950").click()
        assert await form.field("residents.0.birth_date").input_value() == "17-08-1950"
        await form.page.get_by_label("Laki-laki", exact=True).check()
        await expect(field).to_contain_text("Jenis kelamin berbeda dengan NIK")
        assert await form.page.locator("#kesalahan").is_hidden()
        # What one field mends in another leaves the summary too.
        await nik.fill("")
        await form.field("residents.0.birth_date").fill("")
        await form.page.get_by_role("button", name="Ajukan permohonan").click()
        named = form.page.locator("#kesalahan", has_text="Isi tanggal lahir atau NIK.")
        await named.wait_for()
        await nik.fill("1771015708500001")
        await named.wait_for(state="hidden")


async def test_the_keyboard_alone_files_a_request(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "papan")
        press, type_ = form.page.keyboard.press, form.page.keyboard.type

        async def to(name: str) -> None:
            for _ in range(60):
                await press("Tab")
                if await form.page.evaluate("document.activeElement.name || document.activeElement.id") == name:
                    return
            raise AssertionError(f"the keyboard does not reach {name}")

        await to("kelurahan_name")
        await type_("bumi")
        await form.page.wait_for_selector("[role=option]")
        await press("ArrowDown")
        await press("Enter")
        for name, text in {
            "letter.number": "470/papan",
            "letter.date": "02012026",
            "consent": "Warga",
            "address": "Jalan Sintetis 2",
            "residents.0.name": "Papan Sintetis",
            "residents.0.birth_date": "17081950",
        }.items():
            await to(name)
            await type_(text)
        await to("residents.0.sex")
        await press("ArrowRight")
        for name in ("residents.0.service", "residents.0.reason"):
            await to(name)
            await press("ArrowDown")
        await to("ajukan")
        await press("Enter")
        await form.page.wait_for_selector("text=Terkirim dan diterima server")
        assert await letters(system, "470/papan") == ["470/papan"]


async def test_axe_finds_nothing_in_any_state_and_nothing_sticks_out(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "rupa")
        await form.answers("Belum ada permohonan")
        await looked_at(form.page, "form-empty")
        await form.page.get_by_role("button", name="Ajukan permohonan").click()
        await form.page.wait_for_selector("#kesalahan:visible")
        await looked_at(form.page, "form-errors")
        await form.fill("470/rupa/0")
        await form.page.wait_for_selector("#kesalahan", state="hidden")  # all is mended
        await looked_at(form.page, "form-filled")
        await form.page.get_by_role("button", name="Ajukan permohonan").click()
        await form.page.wait_for_selector("text=Terkirim dan diterima server")
        await looked_at(form.page, "form-sent")
        await form.again()
        await form.page.get_by_label("Layanan di tempat").check()
        await looked_at(form.page, "form-drive")
        await form.page.get_by_label("Kunjungan rumah").check()
        await context.set_offline(True)
        for number in (1, 2):
            await form.file(f"470/rupa/{number}")
        await looked_at(form.page, "form-queued")


KEPT_SCREENS = ("form-filled", "form-errors", "form-queued", "form-sent")


async def looked_at(page: Page, name: str) -> None:
    await page.evaluate("scrollTo(0, 0)")
    await sound(page, name)
    if name in KEPT_SCREENS:
        await page.evaluate("scrollTo(0, 0)")
        await drawn(page, name, full_page=False)


async def test_the_device_is_offered_an_app(system: System) -> None:
    async with httpx.AsyncClient(base_url=origin(system)) as http:
        manifest = (await http.get("/manifest.webmanifest")).json()
        assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
        for icon in manifest["icons"]:
            assert (await http.get(icon["src"])).headers["content-type"] == "image/png"
        worker = await http.get("/sw.js")
    assert worker.headers["cache-control"] == "no-cache"
    assert worker.headers["service-worker-allowed"] == "/"


async def test_what_the_device_keeps_of_the_page_tells_of_nobody(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "kerangka")
        kept = await form.page.evaluate(
            """async () => {
              const cache = await caches.open((await caches.keys())[0]);
              const pages = (await cache.keys()).filter(({url}) => !url.includes('/web/'));
              return Promise.all(pages.map(async (page) => (await cache.match(page)).text()));
            }"""
        )
        assert len(kept) == 9
        assert not [page for page in kept if "kerangka" in page.lower().replace("/permohonan/kerangka", "")]
        assert not [page for page in kept if "Bumu Ayu" in page]


def test_the_page_has_under_100_kb_of_script() -> None:
    scripts = [STATIC.content(name) for name in FILES if name.endswith(".js")]
    assert 0 < sum(len(gzip.compress(script)) for script in scripts) < MOST_SCRIPT


def test_the_pictures_are_of_these_states() -> None:
    names = {f"{name}-{size}-{scheme}.png" for name in KEPT_SCREENS for size in SIZES for scheme in SCHEMES}
    assert names <= {file.name for file in Path(SCREENS).iterdir()}
