"""A clerk finds a person, sees who is who, and hides the names on a screen that others see."""

import time
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import expect

from ops.system import System
from shared.security.auth import Role
from tests.browser.support.desk import LIST, filed, opened, origin
from tests.browser.support.pages import IN_A_BROWSER, chromium, drawn, sound
from tests.browser.support.town import MORNING, NOW, Town, letter, resident

pytestmark = IN_A_BROWSER

SITI = resident(name="Hj. Siti Aminah", phone="0812-0000-7788", birth_date="1948-02-03")
HALIMAH = resident(name="Hj. Siti Halimah", birth_date="1948-02-03")


async def test_bu_siti_from_yesterday_is_found_by_keyboard_in_seconds(office: System, ids: dict[str, str]) -> None:
    await filed(office, letter("470/CARI/1", HALIMAH, at=MORNING))
    await filed(office, letter("470/CARI/2", HALIMAH, at=NOW))
    async with chromium() as browser:
        page = await opened(browser, office, LIST, names=True)
        began = time.monotonic()
        for _ in range(40):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.id") == "q":
                break
        await page.keyboard.type("bu siti halim kemarin")
        await page.keyboard.press("Enter")
        await expect(page.locator("#daftar tbody th")).to_contain_text("470/CARI/1")
        await expect(page.locator("#daftar tbody th")).to_contain_text("Hj. Siti Halimah")
        await expect(page.locator("#dipahami")).to_contain_text("nama mengandung siti, halim")
        await expect(page.locator("#dipahami")).to_contain_text("diajukan kemarin")
        while await page.evaluate("!document.activeElement.closest('#daftar a')"):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=3).first).to_contain_text("Hj. Siti Halimah")
        assert time.monotonic() - began < 10
        # Going back finds it again, and neither address had the name.
        await page.go_back()
        await expect(page.locator("#daftar tbody th")).to_contain_text("Hj. Siti Halimah")
        assert "siti" not in page.url.lower()
        await expect(page.get_by_label("Cari")).to_have_value("bu siti halim")
        await sound(page, "permohonan-cari")
        await drawn(page, "permohonan-cari")


async def test_hidden_names_are_not_even_asked_for(office: System, ids: dict[str, str]) -> None:
    to = await filed(office, letter("470/SEMBUNYI/1", SITI))
    async with chromium() as browser:
        page = await opened(browser, office, f"{LIST}?q=470/SEMBUNYI", names=True)
        row = page.locator("#daftar tbody th")
        await expect(row).to_contain_text("Hj. Siti Aminah")
        await page.get_by_role("button", name="Sembunyikan nama").click()
        await expect(row).not_to_contain_text("Siti")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for there in (f"{LIST}?q=470/SEMBUNYI", to):
            await page.goto(origin(office) + there)
            await page.wait_for_selector("html.named")
            await expect(page.get_by_role("button", name="Sembunyikan nama")).to_have_attribute(
                "aria-pressed", "true"
            )
        await expect(page.get_by_role("heading", level=3).first).to_contain_text("Warga 1")
        assert not [url for url in asked if url.endswith("/names")]
        await page.get_by_role("button", name="Sembunyikan nama").click()
        await expect(page.get_by_role("heading", level=3).first).to_contain_text("Hj. Siti Aminah")
        await page.get_by_role("button", name="Perbaiki data: Hj. Siti Aminah").click()
        dialog = page.get_by_role("dialog", name="Perbaiki data Hj. Siti Aminah")
        await dialog.get_by_label("Nama").fill("Siti Rahma")
        await dialog.get_by_role("button", name="Simpan perubahan").click()
        await expect(page.locator("#kabar")).to_contain_text("Data Hj. Siti Aminah diperbaiki.")
        await expect(page.get_by_role("heading", level=3).first).to_contain_text("Siti Rahma")


async def test_a_provincial_officer_sees_no_names(office: System, ids: dict[str, str]) -> None:
    await filed(office, letter("470/PROVINSI/1", SITI))
    async with chromium() as browser:
        page = await opened(browser, office, f"{LIST}?q=470/PROVINSI", role=Role.PROVINCIAL, wilayah="17", names=True)
        await expect(page.locator("#daftar tbody th")).to_have_text("470/PROVINSI/1")
        assert await page.get_by_role("button", name="Sembunyikan nama").count() == 0


async def test_a_change_is_marked_within_two_seconds_until_it_is_seen(office: System, ids: dict[str, str]) -> None:
    to = await filed(office, letter("470/BARU/1", resident(documents=[])))
    async with chromium() as browser:
        page = await opened(browser, office, f"{LIST}?q=470/BARU", names=True)
        row = page.get_by_role("row", name="470/BARU/1")
        await expect(row.locator(".new")).to_be_hidden()
        # Somebody else files one, and takes a paper of the other.
        began = time.monotonic()
        await filed(office, letter("470/BARU/2", resident()))
        await expect(page.get_by_role("row", name="470/BARU/2").locator(".new")).to_be_visible()
        assert time.monotonic() - began < 4  # two seconds, on a busy machine
        await expect(page).to_have_title("(1) Permohonan · Jemput Bola")
        town, own = Town(office), f"/requests/{to[-36:]}"
        async with town.http:
            [case] = (await town.ask("requests", "GET", own, Role.OPERATOR))["cases"]
            papers = f"{own}/cases/{case['case_id']}/documents"
            await town.ask("requests", "POST", papers, Role.OPERATOR, at=NOW, documents=["kk"])
        await expect(row.locator(".new")).to_be_visible()
        await expect(page).to_have_title("(2) Permohonan · Jemput Bola")
        await page.get_by_role("link", name="470/BARU/1").click()
        await page.wait_for_selector("html.awake")
        await page.get_by_role("link", name="Semua permohonan").click()
        await page.goto(origin(office) + f"{LIST}?q=470/BARU")
        await expect(page).to_have_title("(1) Permohonan · Jemput Bola")
        await drawn(page, "permohonan-baru")
        await page.get_by_role("button", name="Tandai semua sudah dilihat").click()
        await expect(page).to_have_title("Permohonan · Jemput Bola")
        await expect(page.locator(".new:visible")).to_have_count(0)


async def test_a_clerk_sees_first_what_needs_them(office: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, office, LIST, names=True)
        await expect(page.locator("#jawaban")).to_contain_text("perlu Anda hari ini:")
        sentence = await page.locator("#jawaban").inner_text()
        await page.get_by_role("link", name="Perlu Anda").click()
        await expect(page.locator("#daftar tbody tr")).to_have_count(int(sentence.split()[0]))
        assert page.url.endswith("?perlu=true")
        await expect(page.get_by_role("row", name="470/012/XI/2026")).to_be_visible()


async def test_the_visits_of_a_day_are_printed_with_names(office: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, office, LIST, names=True)
        await page.get_by_role("link", name="Kunjungan hari ini").click()
        await page.get_by_role("link", name="Rab, 25 Nov 2026").click()
        await expect(page.locator("tbody tr").first).to_be_visible()
        await expect(page.locator("tbody")).not_to_contain_text("Siti")
        await page.get_by_role("button", name="Tampilkan nama dan alamat").click()
        await expect(page.locator("tbody tr").first).to_contain_text("Siti Sintetis")
        await expect(page.locator("tbody tr").first).to_contain_text("Jalan Sintetis No. 1")
        await sound(page, "kunjungan")
        await drawn(page, "kunjungan")
        await page.emulate_media(media="print")
        await expect(page.get_by_role("button", name="Cetak")).to_be_hidden()
        await expect(page.locator("tbody tr").first).to_be_visible()


async def test_a_family_is_told_without_a_name(office: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, office, f"{LIST}/{ids['scheduled']}", names=True)
        await page.get_by_text("Teks untuk keluarga").first.click()
        told = await page.locator("#keluarga-teks-1").inner_text()
        assert "Petugas datang Rab, 25 Nov 2026" in told
        assert "/lacak" in told
        assert "Siti" not in told
        link = page.get_by_role("link", name="Buka di WhatsApp").first
        # Only the click makes the address, on the device; nothing is sent to WhatsApp by this test.
        await link.evaluate("(link) => { link.addEventListener('click', (event) => event.preventDefault()); }")
        await link.click()
        address = urlsplit(str(await link.get_attribute("href")))
        assert (address.netloc, address.path) == ("wa.me", "/")
        assert parse_qs(address.query)["text"][0].split() == told.split()
