"""Data are corrected on a bad line, and by two at once: nothing is sent that was not read, typed and meant."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from ops.system import System
from shared.security.auth import Role
from tests.browser.support import town
from tests.browser.support.desk import filed, opened
from tests.browser.support.pages import IN_A_BROWSER, chromium, sound
from tests.browser.support.town import Town, drive, letter, resident

pytestmark = IN_A_BROWSER
READ, CASE = "**/person?purpose=koreksi", "**/requests/*/cases/*"


@pytest.fixture(scope="module", autouse=True)
def system(office: System, ids: dict[str, str]) -> System:
    """The office, which had its requests before any test."""
    return office


@asynccontextmanager
async def page_of(system: System, body: dict[str, object], locale: str = "id-ID") -> AsyncIterator[tuple[Page, str]]:
    """The page of a request of a test's own, and the request's path in the API."""
    to = await filed(system, body)
    async with chromium() as browser:
        yield await opened(browser, system, to, locale=locale), f"/requests/{to.rpartition('/')[2]}"


async def elsewhere(system: System, path: str, of: int | None = None, **changes: Any) -> None:
    """Somebody else corrects the letter, or one of its residents."""
    made = Town(system)
    async with made.http:
        if of is not None:
            cases = (await made.ask("requests", "GET", path, Role.OPERATOR))["cases"]
            path = f"{path}/cases/{cases[of]['case_id']}"
        await made.ask("requests", "PATCH", path, Role.OPERATOR, at=town.NOW, **changes)


class Held:
    """What is asked for on a line so slow that a test lets it through, in any order."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Event] = []

    async def __call__(self, route: Route) -> None:
        let = asyncio.Event()
        self.asked.append(let)
        await let.wait()
        await route.continue_()


def sent_to(page: Page, path: str) -> list[dict[str, Any]]:
    """The corrections that the page sends, without moment and version."""
    sent: list[dict[str, Any]] = []

    def note(request: Any) -> None:
        if request.method == "PATCH" and path in request.url:
            body = json.loads(request.post_data)
            assert isinstance(body.pop("version"), int)
            del body["at"]
            sent.append(body)

    page.on("request", note)
    return sent


def save(dialog: Locator) -> Locator:
    return dialog.get_by_role("button", name="Simpan perubahan")


async def test_a_dialog_that_could_not_read_its_data_sends_nothing(system: System) -> None:
    given = resident(sex="P", reason="sakit", nik="1702064708500001")
    async with page_of(system, letter("470/GAGAL", given)) as (page, path):
        sent = sent_to(page, path)
        await page.route(READ, lambda route: route.abort())
        await page.get_by_role("button", name="Perbaiki data").click()
        dialog = page.get_by_role("dialog", name="Perbaiki data warga 1")
        await expect(dialog.get_by_role("alert").filter(has_text="Data belum terbaca")).to_be_visible()
        for field in ("Nama", "Tanggal lahir", "Jenis kelamin", "Cetak kartu keluarga"):
            await expect(dialog.get_by_label(field)).to_be_disabled()
        await expect(save(dialog)).to_be_disabled()
        await sound(page, "rinci-belum-terbaca")
        await page.unroute(READ)
        await dialog.get_by_role("button", name="Coba lagi").click()
        await expect(dialog.get_by_label("Jenis kelamin")).to_have_value("P")
        await dialog.get_by_label("Nama").fill("Baru Sintetis")
        await save(dialog).click()
        await expect(page.locator("#kabar")).to_contain_text("Data warga 1 diperbaiki.")
        assert sent == [{"name": "Baru Sintetis"}]


async def test_what_arrives_late_of_another_resident_is_left_aside(system: System) -> None:
    people = (resident(name="Satu Sintetis"), resident(name="Dua Sintetis"))
    async with page_of(system, letter("470/LAMBAT", *people)) as (page, path):
        held, sent = Held(), sent_to(page, path)
        await page.route(READ, held)
        first, second = (page.get_by_role("button", name=f"Perbaiki data: Warga {n}") for n in (1, 2))
        dialog = page.locator("#perbaiki")
        await first.click()
        await expect(dialog).to_contain_text("Membaca data")
        await expect(dialog.get_by_label("Nama")).to_be_disabled()
        await dialog.get_by_role("button", name="Kembali").click()
        await second.click()
        await expect(dialog).to_contain_text("Perbaiki data warga 2")
        async with page.expect_response(READ):
            held.asked[0].set()
        await expect(dialog.get_by_label("Nama")).to_be_disabled()
        held.asked[1].set()
        await expect(dialog.get_by_label("Nama")).to_have_value("Dua Sintetis")
        await dialog.get_by_label("Telepon").fill("0812-0000-7777")
        await page.unroute(READ)
        # The answer to what is sent comes when the dialog is another resident's already: it stays as it is.
        await page.route(CASE, held)
        await save(dialog).click()
        await expect(dialog.locator("form")).to_have_attribute("aria-busy", "true")
        await page.keyboard.press("Escape")
        await first.click()
        await expect(dialog.get_by_label("Nama")).to_have_value("Satu Sintetis")
        held.asked[2].set()
        await expect(page.locator("#kabar")).to_contain_text("Data warga 2 diperbaiki.")
        await expect(dialog).to_contain_text("Perbaiki data warga 1")
        await expect(dialog.get_by_label("Nama")).to_have_value("Satu Sintetis")
        assert sent == [{"phone": "0812-0000-7777"}]


async def test_two_who_correct_the_same_resident_see_both_and_choose(system: System) -> None:
    async with page_of(system, letter("470/BERDUA", resident(name="Lama Sintetis"))) as (page, path):
        sent = sent_to(page, path)
        await page.get_by_role("button", name="Perbaiki data").click()
        dialog = page.locator("#perbaiki")
        await expect(dialog.get_by_label("Nama")).to_have_value("Lama Sintetis")
        await elsewhere(system, path, 0, name="Mereka Sintetis", birth_date="1960-07-05", needs=["accessible"])
        await dialog.get_by_label("Nama").fill("Saya Sintetis")
        await dialog.get_by_label("Alamat").fill("Jalan Saya 2")
        await save(dialog).click()
        table = dialog.get_by_role("table", name="Diubah orang lain sementara itu")
        await expect(table.get_by_role("row", name="Nama")).to_contain_text("Mereka Sintetis")
        await expect(table.get_by_role("row", name="Nama")).to_contain_text("Saya Sintetis")
        await expect(table.get_by_role("row", name="Tanggal lahir")).to_contain_text("5 Juli 1960")
        await expect(table.get_by_role("row", name="Kebutuhan saat kunjungan")).to_contain_text("Kursi roda")
        await expect(dialog.locator(".errors")).to_contain_text("diubah orang lain sesudah Anda membukanya")
        await expect(dialog.get_by_label("Alamat")).to_have_value("Jalan Saya 2")
        await expect(dialog.get_by_label("Tanggal lahir")).to_have_value("05-07-1960")
        await save(dialog).click()
        await expect(dialog.locator(".errors")).to_contain_text("Pilih dahulu")
        await sound(page, "rinci-berdua")
        await dialog.get_by_label("Mereka Sintetis").check()
        await expect(dialog.get_by_label("Nama", exact=True)).to_have_value("Mereka Sintetis")
        await dialog.get_by_label("Saya Sintetis").check()
        await save(dialog).click()
        await expect(page.locator("#kabar")).to_contain_text("Data warga 1 diperbaiki.")
        assert sent[1:] == [{"name": "Saya Sintetis", "address": "Jalan Saya 2"}]
        # Taken back, over what somebody else wrote since.
        await elsewhere(system, path, 0, address="Jalan Mereka 3")
        await page.get_by_role("button", name="Urungkan").click()
        await expect(table.get_by_role("row", name="Alamat")).to_contain_text("Jalan Mereka 3")
        await expect(table.get_by_role("row", name="Alamat")).to_contain_text("Jalan Sintetis No. 1")
        await expect(dialog.get_by_label("Nama", exact=True)).to_have_value("Mereka Sintetis")


async def test_a_letter_is_read_when_its_dialog_opens(system: System) -> None:
    """The page may lie open for long: what it showed is not what stands now."""
    async with page_of(system, drive("421/SEGAR", "SMA Sintetis 5")) as (page, path):
        await elsewhere(system, path, number="421/BARU", headcount=77)
        await page.get_by_role("button", name="Perbaiki surat").click()
        dialog = page.get_by_role("dialog", name="Perbaiki surat")
        await expect(dialog.get_by_label("Nomor surat")).to_have_value("421/BARU")
        await expect(dialog.get_by_label("Perkiraan warga")).to_have_value("77")
        await expect(dialog.get_by_label("Persetujuan")).to_have_value("lembaga")
        await save(dialog).click()
        await expect(dialog.locator(".errors")).to_contain_text("Belum ada yang diubah")


async def test_a_date_is_read_day_first_in_a_browser_of_any_language(system: System) -> None:
    async with page_of(system, letter("470/TANGGAL", resident()), "en-US") as (page, path):
        sent = sent_to(page, path)
        await page.get_by_role("button", name="Perbaiki data").click()
        dialog = page.locator("#perbaiki")
        born = dialog.get_by_label("Tanggal lahir")
        await expect(born).to_have_value("17-08-1950")
        said = dialog.locator(".echo")
        for written in ("5/7/1960", "1960-07-05", "5 Juli 1960", " 5 jul 1960", "5 July 1960", "05071960"):
            await born.fill(written)
            await expect(said).to_have_text("5 Juli 1960, 66 tahun")
        await born.press("Tab")
        await expect(born).to_have_value("05-07-1960")
        for wrong in ("31-02-1960", "7-25-1960", "besok"):
            await born.fill(wrong)
            await expect(said).to_have_text("")
            await save(dialog).click()
            await expect(dialog.locator("#p-birth_date-error")).to_contain_text("hari, bulan, dan tahun")
        await born.fill("1960")
        await expect(said).to_have_text("kira-kira tahun 1960")
        await born.fill("17 September 1960")
        await save(dialog).click()
        await expect(page.locator("#kabar")).to_contain_text("Data warga 1 diperbaiki.")
        assert sent == [{"birth_date": "1960-09-17"}]
        shown = page.locator("#pribadi-1")
        await shown.locator("summary").click()
        await shown.get_by_label("Untuk keperluan").select_option("koreksi")
        await shown.get_by_role("button", name="Tampilkan data").click()
        await expect(shown.locator("dl")).to_contain_text("17 September 1960")


async def test_the_year_alone_of_a_birth_stays_a_year(system: System) -> None:
    """Taking a correction back makes no certain day of it."""
    async with page_of(system, letter("470/TAHUN", resident(birth_date="1950"))) as (page, path):
        sent = sent_to(page, path)
        await page.get_by_role("button", name="Perbaiki data").click()
        dialog = page.locator("#perbaiki")
        await expect(dialog.get_by_label("Tanggal lahir")).to_have_value("1950")
        await expect(dialog.locator(".echo")).to_have_text("kira-kira tahun 1950")
        await dialog.get_by_label("Tanggal lahir").fill("17-08-1951")
        await save(dialog).click()
        await page.get_by_role("button", name="Urungkan").click()
        await expect(page.locator("#kabar")).to_contain_text("Diurungkan.")
        assert [body["birth_date"] for body in sent] == ["1951-08-17", "1950"]
