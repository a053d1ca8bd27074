"""The pages of an office: the door, the work list, and a request with what may be done about it."""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from ops.system import System
from shared.auth import Role
from tests.browser import town
from tests.browser.pages import CHROMIUM, SCHEMES, SCREENS, SIZES, chromium, findings, log_in, running_system
from tests.browser.town import KELURAHAN, OFFICE, Town, drive, letter, resident

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH (Debian: apt install chromium)"),
    pytest.mark.xdist_group("browser"),
]
LIST = "/permohonan"
BORN = ("2009-03-04", "2020-03-04")
"""Of a pupil who may be recorded, and of one who may not."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with ExitStack() as stack:
        yield stack.enter_context(running_system(tmp_path_factory.mktemp("desk")))


@pytest.fixture(scope="module", autouse=True)
def ids(system: System) -> dict[str, str]:
    """Requests at every stage, by name; a test that changes one files its own.

    Before any test files a letter: what is filed later is not late, for no tick follows.
    """
    # In a thread of its own: the loop of the tests may be running here already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, town.fill(system)).result()


def origin(system: System) -> str:
    assert system.caddy is not None
    return system.caddy.url


async def opened(
    browser: Browser,
    system: System,
    to: str,
    *,
    size: str = "1366",
    scheme: str = "light",
    role: Role = Role.OPERATOR,
    wilayah: str = OFFICE,
    script: bool = True,
    awake: str = "html.awake",
) -> Page:
    """A page as somebody of the office opens it, alive unless there is no script."""
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="id-ID",
        java_script_enabled=script,
    )
    page = await log_in(context, origin(system), system.token(role, wilayah, subject="petugas-sintetis"), to)
    if script:
        await page.wait_for_selector(awake)
    return page


async def filed(system: System, body: dict[str, object]) -> str:
    """A request of a test's own: where its page is."""
    made = Town(system)
    async with made.http:
        return f"{LIST}/{(await made.file(body))['request_id']}"


def _row(heading: str, given: dict[str, str]) -> str:
    """A row of a drive's list under the template's heading."""
    known = {"jenis_kelamin": "P", "layanan": "first", "alasan": "lainnya", "alamat": "Jalan Sintetis 1", **given}
    return ";".join(known.get(name.strip('\ufeff"'), "") for name in heading.split(";"))


# --- the door -------------------------------------------------------------------------------------------------------


async def test_the_door_shows_two_ways_and_whoever_is_in_their_own(system: System) -> None:
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(origin(system) + "/")
        await expect(page.get_by_role("link", name="Lacak permohonan")).to_have_attribute("href", "/lacak")
        await page.get_by_role("link", name="Masuk petugas").click()
        await page.wait_for_url("**/masuk?kembali=/permohonan")
        ops = await opened(browser, system, "/operasi", role=Role.OPS, wilayah="", awake="#umur:not(:empty)")
        await ops.goto(origin(system) + "/")
        await expect(ops.locator("main").get_by_role("link", name="Buka Operasi")).to_have_attribute(
            "href", "/operasi"
        )
        operator = await opened(browser, system, LIST)
        await operator.goto(origin(system) + "/")
        await operator.locator("main").get_by_role("link", name="Buka permohonan").click()
        await operator.wait_for_url("**/permohonan")


# --- the work list --------------------------------------------------------------------------------------------------


async def test_the_list_says_in_one_sentence_what_waits(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, LIST)
        await expect(page.locator("#jawaban")).to_contain_text("menunggu berkas, 2 lewat batas waktu;")
        # Another test files more than a page of letters.
        await page.goto(origin(system) + LIST + f"?kelurahan={KELURAHAN}")
        row = page.get_by_role("row", name="470/012/XI/2026")
        await expect(row).to_contain_text("Kota Padang")
        await expect(row).to_contain_text("Kurang berkas")
        await expect(row).to_contain_text("1 diterima")
        await expect(row).to_contain_text("Sel, 24 Nov 2026 15.00 WIB")
        await expect(page.get_by_role("row", name="470/009/XI/2026")).to_contain_text("lewat 9 jam")
        await expect(page.get_by_role("row", name="470/015/XI/2026")).to_contain_text("sisa")
        assert "Sintetis No. 1" not in await page.content()
        assert "Siti" not in await page.content()


async def test_filters_stand_in_the_address_and_narrow_the_list(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, LIST)
        await page.get_by_role("link", name="Lewat batas waktu").click()
        await expect(page.locator("#daftar tbody tr")).to_have_count(2)
        assert page.url.endswith("?overdue=true")
        await page.goto(origin(system) + LIST)
        await page.get_by_label("Tahap").select_option("handed_over")
        await page.get_by_label("Kelurahan/desa").select_option(KELURAHAN)
        await page.get_by_role("button", name="Tampilkan").click()
        await expect(page.locator("#daftar tbody tr")).to_have_count(1)
        await page.goto(origin(system) + f"{LIST}?kind=drive&q=421/077")
        await expect(page.locator("#daftar tbody th")).to_have_text("421/077/XI/2026")
        await page.goto(origin(system) + f"{LIST}?stage=tidak-ada&after=x&kelurahan=17.0")
        await expect(page.locator("#daftar tbody tr").first).to_be_visible()


async def test_a_family_s_code_finds_its_request(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}/{ids['accepted']}")
        code = await page.locator(".resident code").first.inner_text()
        await page.goto(origin(system) + LIST)
        await page.get_by_label("Cari").fill(code.lower().replace("-", " "))
        await page.keyboard.press("Enter")
        await expect(page.locator("#daftar tbody th")).to_have_text("470/015/XI/2026")


async def test_pages_follow_one_another_by_cursor(system: System) -> None:
    kelurahan = "17.02.06.1015"
    made = Town(system)
    async with made.http:
        for n in range(51):
            await made.file(letter(f"470/{n:03}/KURSOR", resident(), kelurahan=kelurahan))
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}?kelurahan={kelurahan}")
        await expect(page.locator("#daftar tbody tr")).to_have_count(50)
        await page.get_by_role("link", name="Berikutnya").click()
        await expect(page.locator("#daftar tbody th")).to_have_text("470/000/KURSOR")
        assert f"kelurahan={kelurahan}" in page.url
        await page.get_by_role("link", name="Ke awal").click()
        await expect(page.locator("#daftar tbody tr")).to_have_count(50)


async def test_an_empty_list_teaches_and_other_wilayah_see_nothing(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, LIST, wilayah="32.74")
        await expect(page.locator(".empty")).to_contain_text("Buat yang pertama")
        await expect(page.locator("#jawaban")).to_have_text("Tidak ada permohonan yang berjalan.")
        answer = await page.goto(origin(system) + f"{LIST}/{ids['lacking']}")
        assert answer is not None
        assert answer.status == 404
        await expect(page.get_by_role("heading", level=1)).to_have_text("Permohonan tidak ditemukan")


async def test_the_list_stays_fresh_by_itself_and_keeps_the_place(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}?q=470/SEGAR")
        await page.get_by_label("Cari").fill("yang sedang diketik")
        await filed(system, letter("470/SEGAR/1", resident()))
        # What a person does who comes back to the tab.
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(page.locator("#daftar tbody tr")).to_have_count(1)
        await expect(page.get_by_label("Cari")).to_have_value("yang sedang diketik")
        await expect(page.locator("#umur")).to_contain_text("diperbarui")


async def test_reading_needs_no_script(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}?q=470/012", script=False)
        await page.get_by_role("link", name="470/012/XI/2026").click()
        await expect(page.locator("#jawaban")).to_have_text("2 dari 3 warga masih kurang berkas.")
        await expect(page.locator("#kurang-2")).to_contain_text("Surat kehilangan dari kepolisian")
        assert await page.get_by_role("button", name="Batalkan permohonan").count() == 0


# --- a request ------------------------------------------------------------------------------------------------------


async def test_a_request_tells_its_way(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}/{ids['absent']}")
        await expect(page.locator("#jawaban")).to_contain_text("Kunjungan Rab, 25 Nov 2026")
        steps = page.locator(".timeline li strong")
        await expect(steps).to_have_text(["Diajukan", "Diterima", "Terjadwal", "Dikunjungi", "Terjadwal"])
        await expect(page.locator(".timeline")).to_contain_text("hasil: tidak di tempat")
        await expect(page.locator(".timeline .to-come")).to_have_text("berikutnya: dikunjungi")
        await expect(page.locator("#tentang")).to_contain_text("Sen, 23 Nov 2026 09.00 WIB")
        await expect(page.locator("#tentang")).to_contain_text("petugas-sintetis")


async def test_papers_shown_later_accept_the_resident(system: System) -> None:
    to = await filed(system, letter("470/BERKAS", resident(service="lost")))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_role("button", name="Simpan berkas").click()
        # Nothing ticked: said on top and at the field, and the focus is there.
        await expect(page.locator(".papers .errors")).to_be_focused()
        await page.get_by_label("Surat kehilangan dari kepolisian").check()
        await page.get_by_role("button", name="Simpan berkas").click()
        await expect(page.locator("#kabar")).to_contain_text("Berkas dicatat.")
        await expect(page.locator("#keadaan .badge").first).to_have_text("Diterima")
        await expect(page.locator(".papers")).to_have_count(0)


async def test_all_papers_at_once(system: System) -> None:
    to = await filed(system, letter("470/LENGKAP", resident(documents=[]), resident(documents=[])))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_role("button", name="Nyatakan berkas lengkap").click()
        dialog = page.get_by_role("dialog", name="Nyatakan berkas 2 warga lengkap?")
        await dialog.get_by_role("button", name="Nyatakan berkas lengkap").click()
        await expect(page.locator("#jawaban")).to_have_text("Diterima; menunggu jadwal kunjungan.")


async def test_cancelling_asks_with_its_count_and_wants_a_reason(system: System) -> None:
    to = await filed(system, letter("470/BATAL", resident(), resident(), resident()))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_role("button", name="Batalkan permohonan").click()
        dialog = page.get_by_role("dialog", name="Batalkan permohonan ini untuk 3 warga?")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Batalkan permohonan")).to_be_focused()
        await page.keyboard.press("Enter")
        await dialog.get_by_role("button", name="Batalkan permohonan").click()
        await expect(dialog.locator(".errors a")).to_have_text("Alasan: wajib diisi")
        await dialog.get_by_label("Alasan").select_option("moved_away")
        await dialog.get_by_role("button", name="Batalkan permohonan").click()
        await expect(page.locator("#kabar")).to_contain_text("Permohonan dibatalkan.")
        await expect(page.locator("#jawaban")).to_have_text("Dibatalkan: pindah.")
        await expect(page.locator("#tindakan").get_by_role("button")).to_have_count(0)


async def test_one_resident_is_withdrawn_and_the_others_go_on(system: System) -> None:
    to = await filed(system, letter("470/TARIK", resident(), resident()))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_role("button", name="Tarik berkas warga ini: Warga 2").click()
        dialog = page.get_by_role("dialog", name="Tarik berkas warga 2?")
        await dialog.get_by_label("Alasan").select_option("deceased")
        await dialog.get_by_role("button", name="Tarik berkas warga ini").click()
        await expect(page.locator("#keadaan-2 header .badge")).to_have_text("Dibatalkan")
        await expect(page.locator("#keadaan-1 header .badge")).to_have_text("Diterima")


async def test_a_refusal_is_told_in_its_words(system: System) -> None:
    """Somebody else was faster."""
    to = await filed(system, letter("470/BALAP", resident()))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_role("button", name="Batalkan permohonan").click()
        made = Town(system)
        async with made.http:
            path = f"/requests/{to.rpartition('/')[2]}/cancel"
            await made.ask("requests", "POST", path, Role.OPERATOR, at=town.NOW, reason="duplicate")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Alasan").select_option("duplicate")
        await dialog.get_by_role("button", name="Batalkan permohonan").click()
        await expect(dialog.locator(".errors")).to_contain_text("sudah dibatalkan")
        await expect(dialog.get_by_label("Alasan")).to_have_value("duplicate")


async def test_a_person_is_shown_for_a_purpose_and_that_is_written_down(system: System) -> None:
    to = await filed(system, letter("470/PRIBADI", resident(name="Sumiati Sintetis")))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_text("Data pribadi").click()
        await page.get_by_label("Untuk keperluan").select_option("kunjungan")
        await page.get_by_role("button", name="Tampilkan data").click()
        await expect(page.locator(".shown dl")).to_contain_text("Sumiati Sintetis")
        await expect(page.locator(".shown dl").first).to_contain_text("Lansia")
        await expect(page.locator(".shown").first).to_contain_text("sudah dicatat")
        await page.get_by_role("button", name="Sembunyikan").click()
        await expect(page.locator(".shown dl")).to_have_count(0)


async def test_data_are_corrected_and_the_correction_is_taken_back(system: System) -> None:
    to = await filed(system, letter("470/KOREKSI", resident(name="Salah Sintetis")))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_role("button", name="Perbaiki data").click()
        dialog = page.get_by_role("dialog", name="Perbaiki data warga 1")
        await expect(dialog.get_by_label("Nama")).to_have_value("Salah Sintetis")
        await dialog.get_by_role("button", name="Simpan perubahan").click()
        await expect(dialog.locator(".errors")).to_contain_text("Belum ada yang diubah.")
        await dialog.get_by_label("NIK").fill("123")
        await dialog.get_by_role("button", name="Simpan perubahan").click()
        await expect(dialog.get_by_label("NIK")).to_have_attribute("aria-invalid", "true")
        await dialog.get_by_label("NIK").fill("")
        await dialog.get_by_label("Nama").fill("Benar Sintetis")
        await dialog.get_by_role("button", name="Simpan perubahan").click()
        await expect(page.locator("#kabar")).to_contain_text("Data warga 1 diperbaiki.")
        await expect(page.locator("#tentang")).to_contain_text("warga 1: nama")
        await page.get_by_role("button", name="Urungkan").click()
        await expect(page.locator("#kabar")).to_contain_text("Diurungkan.")
        await page.get_by_role("button", name="Perbaiki data").click()
        await expect(dialog.get_by_label("Nama")).to_have_value("Salah Sintetis")


async def test_what_was_sent_into_nothing_takes_effect_once(system: System) -> None:
    """The line drops after the server took it: the second attempt is the same command."""
    to = await filed(system, letter("470/PUTUS", resident(service="lost")))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        keys = []

        async def drop(route, request) -> None:  # type: ignore[no-untyped-def]
            keys.append(request.headers["idempotency-key"])
            if len(keys) == 1:
                await route.fetch()
                await route.abort()
            else:
                await route.continue_()

        await page.route("**/documents", drop)
        await page.get_by_label("Surat kehilangan dari kepolisian").check()
        await page.get_by_role("button", name="Simpan berkas").click()
        await expect(page.locator(".papers .errors")).to_contain_text("Belum terkirim")
        await expect(page.get_by_label("Surat kehilangan dari kepolisian")).to_be_checked()
        await page.get_by_role("button", name="Simpan berkas").click()
        await expect(page.locator("#kabar")).to_contain_text("Berkas dicatat.")
        assert keys[0] == keys[1]


async def test_the_list_of_a_drive_is_checked_then_stored_as_far_as_it_is_good(
    system: System, tmp_path: Path
) -> None:
    to = await filed(system, drive("421/CSV", "SMA Sintetis 9"))
    # As an office makes it: from the template, whose row of an example it replaces.
    made = Town(system)
    async with made.http:
        heading = (await made.http.get(system.url("requests") + "/residents/template.csv")).text.splitlines()[0]
    good, bad = ({"nama": f"Murid Sintetis {n}", "tanggal_lahir": born} for n, born in enumerate(BORN))
    sheet = tmp_path / "murid.csv"
    sheet.write_text("\n".join((heading, _row(heading, good), _row(heading, bad))), encoding="utf-8")
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await expect(page.locator(".empty")).to_contain_text("impor dari CSV")
        await page.get_by_label("Pilih berkas CSV").set_input_files(sheet)
        await page.get_by_role("button", name="Periksa").click()
        await expect(page.locator(".verdict")).to_have_text("2 baris dibaca, 1 perlu diperbaiki.")
        await expect(page.get_by_role("table", name="Baris yang perlu diperbaiki")).to_contain_text("tanggal_lahir")
        await expect(page.locator(".resident")).to_have_count(0)
        await page.get_by_role("button", name="Simpan 1 yang benar saja").click()
        await expect(page.locator("#kabar")).to_contain_text("1 warga tersimpan.")
        await expect(page.locator(".resident")).to_have_count(1)


async def test_a_paper_is_attached_and_opened_by_a_link(system: System, tmp_path: Path) -> None:
    to = await filed(system, letter("470/LAMPIRAN", resident(service="lost")))
    photo = tmp_path / "surat.png"
    Image.new("RGB", (60, 40), "white").save(photo)
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_text("Lampiran", exact=True).click()
        await expect(page.locator(".attachments")).to_contain_text("Belum ada lampiran.")
        await page.get_by_label("Pilih foto atau PDF").set_input_files(photo)
        await page.get_by_role("button", name="Lampirkan").click()
        # The file is examined in a process of its own, the first of which has to start.
        await expect(page.locator("#kabar")).to_contain_text("Lampiran tersimpan.", timeout=30000)
        await expect(page.locator(".files")).to_contain_text("Surat kehilangan dari kepolisian")
        # The paper counts as shown.
        await expect(page.locator("#keadaan .badge").first).to_have_text("Diterima")
        async with page.context.expect_page() as popup:
            await page.get_by_role("button", name="Buka: Surat kehilangan").click()
        await expect((await popup.value).locator("img")).to_be_visible()


async def test_a_file_that_is_none_is_refused_in_words(system: System, tmp_path: Path) -> None:
    to = await filed(system, letter("470/PALSU", resident(service="lost")))
    photo = tmp_path / "surat.png"
    photo.write_text("bukan gambar")
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_text("Lampiran", exact=True).click()
        await page.get_by_label("Pilih foto atau PDF").set_input_files(photo)
        await page.get_by_role("button", name="Lampirkan").click()
        await expect(page.locator(".attach .errors")).to_contain_text("JPEG")


async def test_others_read_and_do_not_act(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}/{ids['lacking']}", role=Role.PROVINCIAL, wilayah="17")
        await expect(page.locator("#jawaban")).to_have_text("2 dari 3 warga masih kurang berkas.")
        assert await page.locator("main button").count() == 0
        assert await page.get_by_text("Data pribadi").count() == 0


async def test_english_is_a_switch_that_keeps_the_filters(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}?stage=needs_documents")
        await page.get_by_role("link", name="English").click()
        await expect(page.locator("#jawaban")).to_contain_text("past a limit")
        assert "stage=needs_documents" in page.url
        await page.goto(origin(system) + f"{LIST}/{ids['lacking']}")
        await expect(page.locator("#jawaban")).to_have_text("2 of 3 residents still lack papers.")


# --- for everybody --------------------------------------------------------------------------------------------------

SHOWN = {
    "beranda": ("/", ""),
    "permohonan": (LIST, ""),
    "permohonan-kosong": (f"{LIST}?q=tidak+ada", ""),
    "rinci": (LIST + "/{lacking}", ""),
    "rinci-jalan": (LIST + "/{absent}", ""),
    "rinci-sekolah": (LIST + "/{empty}", ""),
    "rinci-tanya": (LIST + "/{lacking}", "batal"),
    "rinci-perbaiki": (LIST + "/{accepted}", "perbaiki"),
}
TABBED = "a[href], button, input:not([type=hidden]), select, summary, [tabindex='0']"
PICTURES = ("beranda", "permohonan", "rinci", "rinci-tanya")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
async def test_axe_finds_nothing_and_nothing_sticks_out(
    system: System, ids: dict[str, str], size: str, scheme: str
) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, LIST, size=size, scheme=scheme)
        for name, (to, dialog) in SHOWN.items():
            await page.goto(origin(system) + to.format(**ids))
            if to != "/":
                await page.wait_for_selector("html.awake")
            if dialog:
                await page.locator(f"[data-opens={dialog}]").first.click()
                await page.wait_for_selector(f"#{dialog}[open]")
            else:
                await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            assert (name, await findings(page)) == (name, [])
            assert (name, await page.evaluate("document.documentElement.scrollWidth")) == (name, SIZES[size][0])
            if "SCREENS" in os.environ and name in PICTURES:
                await page.evaluate(
                    "document.querySelectorAll('details:not([id=jalan-1])').forEach((each) => { each.open = false; })"
                )
                await page.screenshot(path=SCREENS / f"{name}-{size}-{scheme}.png", full_page=not dialog)


@pytest.mark.parametrize("name", [name for name in SHOWN if "-tanya" not in name and "-perbaiki" not in name])
async def test_the_keyboard_reaches_everything(system: System, ids: dict[str, str], name: str) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, LIST)
        await page.goto(origin(system) + SHOWN[name][0].format(**ids))
        if name != "beranda":
            await page.wait_for_selector("html.awake")
        reached, of_page = set(), "document.activeElement.outerHTML.slice(0, 300)"
        focusable = await page.evaluate(
            f"[...document.querySelectorAll({TABBED!r})].filter((each) => each.checkVisibility())"
            ".map((each) => each.outerHTML.slice(0, 300))"
        )
        for _ in range(len(focusable) + 5):
            await page.keyboard.press("Tab")
            reached.add(await page.evaluate(of_page))
            seen = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert seen != "none" or await page.evaluate("document.activeElement === document.body")
        assert set(focusable) <= reached


def test_the_pictures_are_of_these_pages() -> None:
    names = {f"{name}-{size}-{scheme}.png" for name in PICTURES for size in SIZES for scheme in SCHEMES}
    assert names <= {file.name for file in Path(SCREENS).iterdir()}
