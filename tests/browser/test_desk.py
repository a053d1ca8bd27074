"""The pages of an office: the door, and the work list."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from ops.system import System
from shared.security.auth import Role
from tests.browser.support.desk import LIST, filed, opened, origin, walked
from tests.browser.support.pages import IN_A_BROWSER, SCHEMES, SCREENS, SIZES, chromium, drawn, sound
from tests.browser.support.town import KELURAHAN, Town, letter, resident

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module", autouse=True)
def system(office: System, ids: dict[str, str]) -> System:
    """The office, which had its requests before any test."""
    return office


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
        page = await opened(browser, system, LIST, names=True)
        await expect(page.locator("#jawaban")).to_contain_text("2 lewat batas waktu")
        # Other tests file more than a page of letters.
        await page.goto(origin(system) + LIST + f"?kelurahan={KELURAHAN}&stage=needs_documents")
        row = page.get_by_role("row", name="470/012/XI/2026")
        await expect(row).to_contain_text("Kota Padang")
        await expect(row).to_contain_text("Kurang berkas")
        await expect(row).to_contain_text("1 diterima")
        await expect(row).to_contain_text("Sel, 24 Nov 2026 15.00 WIB")
        # The page itself has no person; the names come by a request of their own, which is written down.
        sent = await page.evaluate("fetch(location.href).then((page) => page.text())")
        assert "Sintetis No. 1" not in await page.content()
        assert "Siti" not in sent
        await expect(row).to_contain_text("Siti Sintetis")
        await page.goto(origin(system) + LIST + f"?kelurahan={KELURAHAN}&overdue=true")
        await expect(page.get_by_role("row", name="470/009/XI/2026")).to_contain_text("lewat 9 jam")
        await page.goto(origin(system) + LIST + "?q=470/015/XI/2026")
        await expect(page.get_by_role("row", name="470/015/XI/2026")).to_contain_text("sisa")


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
        await expect(page.locator("#daftar tbody th a")).to_have_text("421/077/XI/2026")
        await page.goto(origin(system) + f"{LIST}?stage=tidak-ada&after=x&kelurahan=17.0")
        await expect(page.locator("#daftar tbody tr").first).to_be_visible()


async def test_a_phone_shows_the_first_row_and_folds_the_rest_away(system: System, ids: dict[str, str]) -> None:
    """E: what else can be done and the search are one touch away, and open by themselves on a wider screen."""
    async with chromium() as browser:
        page = await opened(browser, system, LIST, size="phone")
        row = await page.locator("#daftar tbody tr").first.bounding_box()
        assert row is not None
        assert row["y"] + row["height"] <= SIZES["phone"][1]
        await expect(page.get_by_role("link", name="Unduh CSV")).to_be_hidden()
        await page.get_by_text("Lainnya").click()
        await expect(page.get_by_role("link", name="Unduh CSV")).to_be_visible()
        await page.get_by_text("Cari dan saring").click()
        await page.get_by_label("Tahap").select_option("handed_over")
        await page.get_by_role("button", name="Tampilkan").click()
        await expect(page.locator("summary", has_text="Cari dan saring")).to_contain_text("1")
        await expect(page.get_by_label("Tahap")).to_be_hidden()
        await page.set_viewport_size({"width": 740, "height": 360})
        await expect(page.get_by_label("Tahap")).to_have_value("handed_over")


async def test_a_family_s_code_finds_its_request(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}/{ids['accepted']}")
        code = await page.locator(".resident code").first.inner_text()
        await page.goto(origin(system) + LIST)
        await page.get_by_label("Cari").fill(code.lower().replace("-", " "))
        await page.keyboard.press("Enter")
        await expect(page.locator("#daftar tbody th a")).to_have_text("470/015/XI/2026")


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
        await expect(page.locator("#daftar tbody th a")).to_have_text("470/000/KURSOR")
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


async def test_english_is_a_switch_that_keeps_the_filters(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}?stage=needs_documents")
        await page.get_by_role("link", name="English").click()
        await expect(page.locator("#jawaban")).to_contain_text("past a limit")
        assert "stage=needs_documents" in page.url
        await page.goto(origin(system) + f"{LIST}/{ids['lacking']}")
        await expect(page.locator("#jawaban")).to_have_text("2 of 3 residents still lack papers.")


# --- for everybody --------------------------------------------------------------------------------------------------

SHOWN = {"beranda": "/", "permohonan": LIST, "permohonan-kosong": f"{LIST}?q=tidak+ada"}
PICTURES = ("beranda", "permohonan")


async def test_axe_finds_nothing_and_nothing_sticks_out(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, LIST)
        for name, to in SHOWN.items():
            await page.goto(origin(system) + to)
            if to != "/":
                await page.wait_for_selector("html.awake")
            await sound(page, name)
            if name in PICTURES:
                await drawn(page, name)


@pytest.mark.parametrize("name", SHOWN)
async def test_the_keyboard_reaches_everything(system: System, ids: dict[str, str], name: str) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, LIST)
        await page.goto(origin(system) + SHOWN[name])
        if name != "beranda":
            await page.wait_for_selector("html.awake")
        await walked(page)


def test_the_pictures_are_of_these_pages() -> None:
    names = {f"{name}-{size}-{scheme}.png" for name in PICTURES for size in SIZES for scheme in SCHEMES}
    assert names <= {file.name for file in Path(SCREENS).iterdir()}
