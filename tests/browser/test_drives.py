"""12.B3: a drive of a school, from its letter by its list to the roster and the slips."""

import asyncio
import csv
import io
import re
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import FilePayload, Page, expect

from ops.system import System
from shared.security.auth import Role
from tests.browser.support.desk import LIST, filed, opened
from tests.browser.support.pages import IN_A_BROWSER, SCHEMES, SCREENS, SIZES, chromium, drawn, sound
from tests.browser.support.town import KELURAHAN, NOW, drive

pytestmark = IN_A_BROWSER
FIRST = "Murid Sintetis"
SHEET = "\ufeffDaftar siswa SMA Sintetis 12;;;\r\nNo;Nama Siswa;Tgl Lahir;L/P;Kelas\r\n"
"""As Excel writes it: a title, headings of its own, a column that nobody needs."""
WRONG = {7: "04-03-2020", 30: "31-02-2009", 58: ""}
"""Birth dates of three pupils: too young, no day, none."""


@pytest.fixture(scope="module", autouse=True)
def system(office: System, ids: dict[str, str]) -> System:
    """The office, which had its requests before any test."""
    return office


def rows(wrong: dict[int, str]) -> str:
    """Sixty pupils; pupil n stands in line n + 2."""
    born = {n: f"{1 + n % 28:02}-03-2009" for n in range(1, 61)} | wrong
    return SHEET + "".join(f"{n};{FIRST} {n};{born[n]};{'LP'[n % 2]};XI\r\n" for n in range(1, 61))


async def checked(page: Page, content: str) -> None:
    """A list is chosen, and its check asked for."""
    file: FilePayload = {"name": "siswa.csv", "mimeType": "text/csv", "buffer": content.encode()}
    await page.get_by_label("Pilih file CSV").set_input_files(file)
    await page.get_by_role("button", name="Periksa").click()


async def filled(page: Page, number: str) -> None:
    """The letter of a school, with all that holds for its pupils."""
    await page.get_by_label("Layanan di tempat").check()
    for name, value in {
        "letter.number": number,
        "letter.date": datetime.fromisoformat(NOW).strftime("%d-%m-%Y"),
        "drive.name": "SMA Sintetis 12",
        "drive.headcount": "60",
        "address": "Jalan Sekolah Sintetis 12",
        "contact.name": "Guru Sintetis",
        "contact.phone": "0812-0000-1234",
    }.items():
        await page.locator(f'[name="{name}"]').fill(value)
    for name, value in {"drive.place": "school", "drive.usual_service": "first", "consent": "lembaga"}.items():
        await page.locator(f'[name="{name}"]').select_option(value)


async def test_a_drive_of_60_from_an_excel_csv_to_slips_and_back(system: System) -> None:
    """12.B3: three wrong rows go back with their reasons; the whole list comes again, and 57 are passed by."""
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}/baru", wilayah=KELURAHAN, awake="#formulir:visible", names=True)
        await filled(page, "421/ENAMPULUH")
        # A school's list brings its pupils: no empty resident is in the way, and the reason is that of the place.
        await expect(page.locator(".resident")).to_have_count(0)
        await expect(page.locator('[name="drive.usual_reason"]')).to_have_value("pelajar")
        await sound(page, "drive-surat", ("phone",))
        await page.evaluate("scrollTo(0, 0)")
        await drawn(page, "drive-surat")
        await page.get_by_role("button", name="Ajukan permohonan").click()
        await page.get_by_role("link", name="Berikutnya: impor daftar").click()
        await page.wait_for_selector("html.awake")
        await expect(page.locator("#tentang")).to_contain_text("Perekaman pertama")
        await checked(page, rows(WRONG))
        await expect(page.locator(".verdict")).to_have_text("60 baris dibaca, 3 perlu diperbaiki.")
        notes = page.get_by_role("table", name="Perlu diperiksa; tidak menghalangi")
        await expect(notes).to_contain_text("kolom Kelas")
        bad = page.get_by_role("table", name="Baris yang perlu diperbaiki")
        await expect(bad.locator("tbody th")).to_have_text(["9", "32", "60"])
        await drawn(page, "drive-impor")
        await page.get_by_role("button", name="Simpan 57 yang benar saja").click()
        await expect(page.locator(".roll tbody tr")).to_have_count(57)
        await expect(page.locator(".verdict")).to_have_text(re.compile("3 baris belum tersimpan"))
        async with page.expect_download() as download:
            await page.get_by_role("button", name="Unduh 3 baris yang salah").click()
        file = await (await download.value).path()
        content = await asyncio.to_thread(file.read_text, "utf-8-sig")
        [*wrong] = csv.DictReader(io.StringIO(content, newline=""), delimiter=";")
        assert [(each["baris"], each["Nama Siswa"]) for each in wrong] == [
            (str(n + 2), f"{FIRST} {n}") for n in WRONG
        ]
        assert "tanggal_lahir" in wrong[0]["yang_perlu_diperbaiki"]
        # Two are mended in the list itself: it says what is new, and what is still wrong.
        await checked(page, rows({58: ""}))
        await expect(page.locator(".verdict")).to_have_text(
            "57 sudah tersimpan, dilewati. 2 baru: baris 9, 32. 1 perlu diperbaiki."
        )
        await page.get_by_role("button", name="Simpan 2 yang benar saja").click()
        await expect(page.locator(".roll tbody tr")).to_have_count(59)
        # The last one is mended in the file of the wrong rows, which keeps its line.
        last = content.splitlines()[0] + "\r\n" + content.splitlines()[-1].replace('"";"P";', '"03-03-2009";"P";')
        last = last.replace('"";"L";', '"03-03-2009";"L";')
        await checked(page, last)
        await page.get_by_role("button", name="Simpan 1 warga").click()
        row = page.locator(".roll tbody tr").nth(59)
        await expect(row).to_contain_text(f"{FIRST} 58")
        await expect(row.locator(".number")).to_have_text(["60", "60"])
        await checked(page, rows({}))
        await expect(page.locator(".verdict")).to_have_text("60 sudah tersimpan, dilewati. Tidak ada yang baru.")
        there = page.url.partition("#")[0]
        await page.goto(there)
        await page.wait_for_selector("html.named")
        await drawn(page, "drive", full_page=False)
        await page.get_by_role("link", name="Cetak daftar warga").click()
        await expect(page.locator(".roster tbody tr")).to_have_count(60)
        assert "Murid" not in await page.content()
        await page.get_by_role("button", name="Tampilkan nama untuk dicetak").click()
        await expect(page.locator(".roster tbody tr").first).to_contain_text(f"{FIRST} 1")
        await expect(page.locator("dl")).to_contain_text("Jalan Sekolah Sintetis 12")
        await sound(page, "drive-daftar")
        await drawn(page, "drive-daftar", full_page=False)
        await page.goto(f"{there}/slip")
        await page.get_by_role("button", name="Cetak dengan nama").click()
        await expect(page.locator(".slip")).to_have_count(60)
        await expect(page.locator(".slip").nth(59)).to_contain_text(f"{FIRST} 58")
        await drawn(page, "drive-slip", full_page=False)


async def test_a_row_leads_to_the_resident_and_back(system: System, ids: dict[str, str]) -> None:
    """12.B3: a compact table in place of cards; what may be done about a pupil is one step away."""
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}/{ids['school']}", names=True)
        await expect(page.locator(".roll tbody tr")).to_have_count(3)
        await expect(page.locator(".resident")).to_have_count(0)
        await sound(page, "drive")
        await page.get_by_role("link", name="Murid Sintetis 1").click()
        await page.wait_for_selector("html.awake")
        await expect(page.get_by_role("heading", level=3, name="Murid Sintetis 1")).to_be_visible()
        await expect(page.get_by_role("button", name="Perbaiki data")).to_be_visible()
        await page.get_by_role("link", name="Warga berikutnya").click()
        await expect(page.get_by_role("heading", level=3, name="Murid Sintetis 2")).to_be_visible()
        await page.get_by_role("link", name="Semua warga (3)").click()
        await expect(page.locator(".roll tbody tr")).to_have_count(3)


async def test_what_is_wrong_with_the_headings_names_the_column(system: System) -> None:
    """12.B3: the page says which column, and which notes there are."""
    to = await filed(system, drive("421/KOLOM", "SMA Sintetis 13"))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await checked(page, "nama;tgl lahir\nMurid;04-03-2009\n")
        said = page.locator("#impor .errors")
        for column in ("jenis_kelamin", "layanan", "alasan"):
            await expect(said).to_contain_text(f"kolom {column}: kolom ini tidak ada")


async def test_who_looked_at_names_to_print_is_written_down(system: System, ids: dict[str, str]) -> None:
    """12.B3: the roster and the slips with names are one look each; a province may not take it."""
    async with chromium() as browser:
        page = await opened(
            browser,
            system,
            f"{LIST}/{ids['school']}/daftar",
            role=Role.PROVINCIAL,
            wilayah="17",
            awake="#cetak:visible",
        )
        await expect(page.locator(".roster tbody tr")).to_have_count(3)
        await expect(page.get_by_role("button", name="Tampilkan nama")).to_have_count(0)
        answer = await page.request.post(page.url, headers={"Origin": "/".join(page.url.split("/")[:3])})
        assert answer.status == 403
        assert "Murid" not in await answer.text()
    headers = {"Authorization": f"Bearer {system.token(Role.OPERATOR, KELURAHAN)}", "X-Request-Id": str(uuid4())}
    async with httpx.AsyncClient(base_url=system.url("requests"), headers=headers) as http:
        # A token alone opens no page: names come only to somebody who logged in.
        assert (await http.post(f"{LIST}/{ids['school']}/daftar")).status_code in (303, 401, 403)


def test_the_pictures_are_of_these_pages() -> None:
    names = {
        f"{name}-{size}-{scheme}.png"
        for name in ("drive", "drive-surat", "drive-impor", "drive-daftar", "drive-slip")
        for size in SIZES
        for scheme in SCHEMES
    }
    assert names <= {file.name for file in Path(SCREENS).iterdir()}
