"""The page of one request: where it stands, and what may be done about it and about each resident."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Locator, Page, expect

from ops.system import System
from shared.security.auth import Role
from tests.browser.support import town
from tests.browser.support.desk import LIST, filed, opened, origin, walked
from tests.browser.support.pages import IN_A_BROWSER, SCHEMES, SCREENS, SIZES, chromium, drawn, sound
from tests.browser.support.town import Town, drive, letter, resident

pytestmark = IN_A_BROWSER
BORN = ("2009-03-04", "2020-03-04")
"""Of a pupil who may be recorded, and of one who may not."""


@pytest.fixture(scope="module", autouse=True)
def system(office: System, ids: dict[str, str]) -> System:
    """The office, which had its requests before any test."""
    return office


def _row(heading: str, given: dict[str, str]) -> str:
    """A row of a drive's list under the template's heading."""
    known = {"jenis_kelamin": "P", "layanan": "first", "alasan": "lainnya", "alamat": "Jalan Sintetis 1", **given}
    return ";".join(known.get(name.strip('\ufeff"'), "") for name in heading.split(";"))


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
        await expect(page.locator("#tentang dd").nth(4)).to_have_text("Anda")
        await expect(page.locator("#keadaan")).to_contain_text("kartu: ")


async def test_papers_shown_later_accept_the_resident(system: System) -> None:
    to = await filed(system, letter("470/BERKAS", resident(service="lost")))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_role("button", name="Simpan berkas").click()
        # Nothing ticked: said on top and at the field, and the focus is there.
        await expect(page.locator(".papers .errors")).to_be_focused()
        await page.get_by_role("checkbox", name="Surat kehilangan dari kepolisian").check()
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
        await expect(page.locator("#jawaban")).to_have_text("Dibatalkan: pindah.", timeout=30_000)
        await expect(page.locator("#tindakan").get_by_role("button")).to_have_count(0)


async def test_what_is_not_accepted_yet_is_ended_in_one_way(system: System) -> None:
    """The office rejects it, the kelurahan takes it back: nobody has to know two words for one end."""
    to = await filed(system, letter("470/SATU", resident(service="lost")))
    async with chromium() as browser:
        office = await opened(browser, system, to)
        await expect(office.get_by_role("button", name="Tolak permohonan")).to_be_visible()
        await expect(office.get_by_role("button", name="Batalkan permohonan")).to_have_count(0)
        village = await opened(browser, system, to, wilayah=town.KELURAHAN)
        await expect(village.get_by_role("button", name="Batalkan permohonan")).to_be_visible()
        await expect(village.get_by_role("button", name="Tolak permohonan")).to_have_count(0)


async def test_one_resident_is_withdrawn_and_the_others_go_on(system: System) -> None:
    to = await filed(system, letter("470/TARIK", resident(), resident()))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_role("button", name="Tarik kasus warga ini: Warga 2").click()
        dialog = page.get_by_role("dialog", name="Tarik kasus warga 2?")
        await dialog.get_by_label("Alasan").select_option("deceased")
        await dialog.get_by_role("button", name="Tarik kasus warga ini").click()
        await expect(page.locator("#keadaan-2 header .badge")).to_have_text("Dibatalkan", timeout=30_000)
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


async def shown(page: Page, what: str, purpose: str) -> Locator:
    """What is personal, asked for: the part of the page that shows it."""
    part = page.locator(what)
    await part.locator("summary").click()
    await part.get_by_label("Untuk keperluan").select_option(purpose)
    await part.get_by_role("button", name="Tampilkan data").click()
    return part


async def test_showing_a_person_takes_a_purpose_and_is_logged(system: System) -> None:
    to = await filed(system, letter("470/PRIBADI", resident(name="Sumiati Sintetis")))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await shown(page, "#pribadi-1", "kunjungan")
        await expect(page.locator(".shown dl")).to_contain_text("Sumiati Sintetis")
        await expect(page.locator(".shown dl").first).to_contain_text("Lansia")
        await expect(page.locator(".shown").first).to_contain_text("sudah dicatat")
        await page.get_by_role("button", name="Sembunyikan", exact=True).click()
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


async def test_needs_and_family_card_are_corrected_with_the_person(system: System) -> None:
    to = await filed(system, letter("470/PERLU", resident(reason="odgj")))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_role("button", name="Perbaiki data").click()
        dialog = page.get_by_role("dialog", name="Perbaiki data warga 1")
        await expect(dialog.get_by_label("Nama")).to_have_value("Siti Sintetis")
        # What the reason brings is no need of the letter.
        await expect(dialog.get_by_label("Tim besar")).not_to_be_checked()
        await dialog.get_by_label("Petugas perempuan").check()
        await dialog.get_by_label("Cetak kartu keluarga").check()
        await dialog.get_by_role("button", name="Simpan perubahan").click()
        await expect(page.locator("#kabar")).to_contain_text("penjadwalan diberi tahu")
        await expect(page.locator("#warga-1")).to_contain_text("KK dicetak sekalian")
        await expect(page.locator("#tentang")).to_contain_text("cetak kk, kebutuhan saat kunjungan")
        await page.get_by_role("button", name="Perbaiki data").click()
        await expect(dialog.get_by_label("Petugas perempuan")).to_be_checked()
        await expect(dialog.get_by_label("Cetak kartu keluarga")).to_be_checked()
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Urungkan").click()
        await expect(page.locator("#warga-1")).not_to_contain_text("KK dicetak sekalian")
        await shown(page, "#pribadi-1", "koreksi")
        await expect(page.locator(".shown dl")).to_contain_text("ODGJ")
        await expect(page.locator(".shown dl")).not_to_contain_text("Petugas perempuan")


async def test_changing_the_service_shows_its_papers_and_accepts(system: System) -> None:
    to = await filed(system, letter("470/LAYANAN", resident(service="lost")))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_role("button", name="Ubah layanan dan berkas").click()
        dialog = page.get_by_role("dialog", name="Ubah layanan dan berkas warga 1")
        await expect(dialog.get_by_label("Layanan")).to_have_value("lost")
        await expect(dialog.get_by_label("Surat kehilangan")).to_be_visible()
        await expect(dialog.get_by_label("Alasan ganti foto")).to_be_hidden()
        await dialog.get_by_label("Layanan").select_option("photo")
        await expect(dialog.get_by_label("Surat kehilangan")).to_be_hidden()
        await dialog.get_by_label("KTP-el lama (wajib)").check()
        await dialog.get_by_role("button", name="Simpan perubahan").click()
        why = dialog.get_by_label("Alasan ganti foto")
        await expect(why).to_have_attribute("aria-invalid", "true")
        await expect(dialog.locator("#l-photo_reason-error")).to_contain_text("Permendagri 74/2015")
        await why.select_option("mulai_berhijab")
        await dialog.get_by_role("button", name="Simpan perubahan").click()
        await expect(page.locator("#kabar")).to_contain_text("Layanan dan berkas warga 1 diubah")
        await expect(page.locator("#keadaan-1 header")).to_contain_text("Ganti foto")
        await expect(page.locator("#keadaan-1 .badge").first).to_have_text("Diterima")
        await page.get_by_role("button", name="Ubah layanan dan berkas").click()
        await expect(dialog.get_by_label("KTP-el lama (wajib)")).to_be_checked()
        # Dispatch knows the case: a paper it was accepted by cannot be taken away.
        await dialog.get_by_label("Kartu keluarga (KK) (wajib)").uncheck()
        await dialog.get_by_role("button", name="Simpan perubahan").click()
        await expect(dialog.locator("#l-documents-error")).to_contain_text("kartu keluarga (KK)")
        await expect(dialog.get_by_label("Kartu keluarga (KK)")).not_to_be_checked()
        await expect(why).to_have_value("mulai_berhijab")
        await page.keyboard.press("Escape")
        person = await shown(page, "#pribadi-1", "kunjungan")
        await expect(person.locator(".shown dl")).to_contain_text("Mulai berhijab")


async def test_what_is_too_late_is_said(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}/{ids['scheduled']}")
        await expect(page.get_by_role("button", name="Ubah layanan dan berkas")).to_have_count(0)
        await expect(page.locator("#kerja-1")).to_contain_text("kunjungan sudah dijadwalkan")
        await page.goto(origin(system) + f"{LIST}/{ids['recorded']}")
        await page.wait_for_selector("html.awake")
        await page.get_by_role("button", name="Perbaiki data").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_label("Nama")).to_be_enabled()
        await expect(dialog.get_by_label("Kursi roda")).to_be_disabled()
        await expect(dialog).to_contain_text("kebutuhan kunjungan dan KK tidak dapat diubah lagi")
        await page.goto(origin(system) + f"{LIST}/{ids['school']}")
        await page.wait_for_selector("html.awake")
        await page.get_by_role("button", name="Perbaiki surat").click()
        await expect(page.get_by_label("Perkiraan warga")).to_be_disabled()
        await expect(page.get_by_role("dialog")).to_contain_text("Sudah diteruskan ke penjadwalan")


async def test_a_letter_is_corrected_with_its_drive_and_contact(system: System) -> None:
    to = await filed(system, drive("421/SURAT", "SMA Sintetis 5"))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_role("button", name="Perbaiki surat").click()
        dialog = page.get_by_role("dialog", name="Perbaiki surat")
        await expect(dialog.get_by_label("Nomor surat")).to_have_value("421/SURAT")
        await expect(dialog.get_by_label("Rabu")).to_be_checked()
        await dialog.get_by_label("Nomor surat").fill("421/BETUL")
        await dialog.get_by_label("Tanggal surat").fill("2030-01-01")
        await dialog.get_by_label("Sabtu").check()
        await dialog.get_by_label("Perkiraan warga").fill("55")
        await dialog.get_by_label("Boleh pada hari libur").check()
        await dialog.get_by_label("Nama yang dihubungi").fill("Guru Baru Sintetis")
        await dialog.get_by_label("Nomor teleponnya").fill("12")
        await dialog.get_by_role("button", name="Simpan perubahan").click()
        await expect(dialog.locator(".errors li")).to_have_count(2)
        await expect(dialog.locator("#s-contact-phone-error")).to_contain_text("nomor telepon Indonesia")
        await expect(dialog.locator("#s-date-error")).to_contain_text("paling lambat hari ini")
        await dialog.get_by_label("Tanggal surat").fill("2026-11-20")
        await dialog.get_by_label("Nomor teleponnya").fill("0812-0000-9876")
        await dialog.get_by_role("button", name="Simpan perubahan").click()
        await expect(page.locator("#kabar")).to_contain_text("Data surat diperbaiki.")
        facts = page.locator("#tentang")
        await expect(facts).to_contain_text("±55")
        await expect(facts).to_contain_text("Rabu, Sabtu; hari libur boleh")
        await expect(facts).to_contain_text("20 November 2026")
        await page.get_by_role("button", name="Urungkan").click()
        await expect(page.locator("#kabar")).to_contain_text("Diurungkan.")
        await page.get_by_role("button", name="Perbaiki surat").click()
        await expect(dialog.get_by_label("Nomor surat")).to_have_value("421/SURAT")
        await expect(dialog.get_by_label("Nama yang dihubungi")).to_have_value("Guru Sintetis")
        await dialog.get_by_label("Nama yang dihubungi").fill("Kepala Sekolah Sintetis")
        await dialog.get_by_label("Alamat kunjungan").fill("Aula Sintetis 1")
        await dialog.get_by_role("button", name="Simpan perubahan").click()
        await expect(page.locator("#kabar")).to_contain_text("Data surat diperbaiki.")
        contact = await shown(page, "#hubungi", "kunjungan")
        await expect(contact.locator(".shown dl")).to_contain_text("Kepala Sekolah Sintetis")
        await expect(contact.locator(".shown dl")).to_contain_text("+62")
        await expect(contact.locator(".shown dl")).to_contain_text("Aula Sintetis 1")
        await contact.get_by_role("button", name="Sembunyikan", exact=True).click()
        await expect(contact.locator(".shown dl")).to_have_count(0)
        await page.get_by_role("button", name="Perbaiki surat").click()
        await expect(dialog.get_by_label("Alamat kunjungan")).to_have_value("Aula Sintetis 1")
        await dialog.get_by_label("Alamat kunjungan").fill("")
        await dialog.get_by_role("button", name="Simpan perubahan").click()
        await expect(dialog).to_be_hidden()
        await contact.get_by_role("button", name="Tampilkan data").click()
        await expect(contact.locator(".shown dl")).to_contain_text("Kepala Sekolah Sintetis")
        await expect(contact.locator(".shown dl")).not_to_contain_text("Aula")


async def test_one_resident_is_added_to_a_drive(system: System) -> None:
    to = await filed(system, drive("421/SATU", "SMA Sintetis 6"))
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_role("button", name="Tambah warga").click()
        dialog = page.get_by_role("dialog", name="Tambah warga")
        await dialog.get_by_role("button", name="Tambah warga").click()
        await expect(dialog.locator("#t-name-error")).to_have_text("wajib diisi")
        await dialog.get_by_label("Nama").fill("Murid Sintetis")
        await dialog.get_by_label("Jenis kelamin").select_option("P")
        await dialog.get_by_label("Alamat").fill("Jalan Sintetis 5")
        await dialog.get_by_label("Layanan").select_option("first")
        await dialog.get_by_label("Alasan tidak bisa datang").select_option("lainnya")
        await dialog.get_by_role("button", name="Tambah warga").click()
        await expect(dialog.locator("#t-birth_date-error")).to_contain_text("NIK")
        await dialog.get_by_role("textbox", name="NIK").fill("1702064403090001")
        await dialog.get_by_label("Tanggal lahir").fill("2009-03-05")
        await dialog.get_by_label("Kartu keluarga (KK) (wajib)").check()
        await dialog.get_by_label("Kursi roda").check()
        await dialog.get_by_role("button", name="Tambah warga").click()
        await expect(page.locator("#hasil-tambah")).to_contain_text("Warga ditambahkan. Kode lacak")
        await expect(page.locator("#hasil-tambah li")).to_contain_text("tanggal lahir berbeda")
        await expect(page.locator("#baris-1 .badge").first).to_have_text("Diterima")
        await expect(page.get_by_role("button", name="Tambah warga")).to_be_focused()
        await page.get_by_role("button", name="Tambah warga").click()
        await expect(dialog.get_by_label("Nama")).to_have_value("")


async def test_a_paper_is_taken_back_after_a_question(system: System, tmp_path: Path) -> None:
    to = await filed(system, letter("470/HAPUS", resident(service="lost")))
    photo = tmp_path / "surat.png"
    Image.new("RGB", (60, 40), "white").save(photo)
    async with chromium() as browser:
        page = await opened(browser, system, to)
        await page.get_by_text("Lampiran", exact=True).click()
        await page.get_by_label("Pilih foto atau PDF").set_input_files(photo)
        await page.get_by_role("button", name="Lampirkan").click()
        await expect(page.locator("#kabar")).to_contain_text("Lampiran tersimpan.", timeout=30000)
        await page.get_by_role("button", name="Hapus lampiran: Surat kehilangan").click()
        dialog = page.get_by_role("dialog", name="Hapus lampiran ini: Surat kehilangan dari kepolisian?")
        await dialog.get_by_role("button", name="Kembali").click()
        await expect(page.locator(".files li")).to_have_count(1)
        await page.get_by_role("button", name="Hapus lampiran: Surat kehilangan").click()
        await dialog.get_by_role("button", name="Hapus lampiran").click()
        await expect(page.locator("#kabar")).to_contain_text("Lampiran dihapus.")
        await expect(page.locator(".attachments")).to_contain_text("Belum ada lampiran.")
        await expect(page.locator("#berkas-1")).to_contain_text("Surat kehilangan dari kepolisian")


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
        await page.get_by_role("checkbox", name="Surat kehilangan dari kepolisian").check()
        await page.get_by_role("button", name="Simpan berkas").click()
        await expect(page.locator(".papers .errors")).to_contain_text("Belum terkirim")
        await expect(page.get_by_role("checkbox", name="Surat kehilangan dari kepolisian")).to_be_checked()
        await page.get_by_role("button", name="Simpan berkas").click()
        await expect(page.locator("#kabar")).to_contain_text("Berkas dicatat.")
        assert keys[0] == keys[1]


async def test_the_good_rows_of_a_drives_list_are_checked_and_stored(system: System, tmp_path: Path) -> None:
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
        await page.get_by_label("Pilih file CSV").set_input_files(sheet)
        await page.get_by_role("button", name="Periksa").click()
        await expect(page.locator(".verdict")).to_have_text("2 baris dibaca, 1 perlu diperbaiki.")
        await expect(page.get_by_role("table", name="Baris yang perlu diperbaiki")).to_contain_text("tanggal_lahir")
        await expect(page.locator(".roll")).to_have_count(0)
        await page.get_by_role("button", name="Simpan 1 yang benar saja").click()
        await expect(page.locator("#kabar")).to_contain_text("1 warga tersimpan.")
        await expect(page.locator(".roll tbody tr")).to_have_count(1)


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


# --- for everybody --------------------------------------------------------------------------------------------------

SHOWN = {
    "rinci": ("lacking", ""),
    "rinci-jalan": ("absent", ""),
    "rinci-terjadwal": ("scheduled", ""),
    "rinci-sekolah": ("empty", ""),
    "rinci-tanya": ("lacking", "batal"),
    "rinci-perbaiki": ("accepted", "perbaiki"),
    "rinci-layanan": ("lacking", "layanan"),
    "rinci-surat": ("school", "surat"),
    "rinci-tambah": ("empty", "tambah"),
}
PICTURES = ("rinci", "rinci-tanya", "rinci-layanan", "rinci-tambah")


async def test_axe_finds_nothing_and_nothing_sticks_out(system: System, ids: dict[str, str]) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, LIST)
        for name, (of, dialog) in SHOWN.items():
            await page.goto(origin(system) + f"{LIST}/{ids[of]}")
            await page.wait_for_selector("html.awake")
            if dialog:
                await page.locator(f"[data-opens={dialog}]").first.click()
                await page.wait_for_selector(f"#{dialog}[open]")
                await expect(page.locator(f"#{dialog} form")).not_to_have_attribute("aria-busy", "true")
            else:
                await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            await sound(page, name)
            if name in PICTURES:
                await page.evaluate(
                    "document.querySelectorAll('details:not([id=jalan-1])').forEach((each) => { each.open = false; })"
                )
                await drawn(page, name, full_page=not dialog)


@pytest.mark.parametrize("of", ["lacking", "absent", "scheduled", "empty"])
async def test_the_keyboard_reaches_everything(system: System, ids: dict[str, str], of: str) -> None:
    async with chromium() as browser:
        await walked(await opened(browser, system, f"{LIST}/{ids[of]}"))


@pytest.mark.parametrize(("of", "dialog"), [("lacking", "layanan"), ("empty", "tambah"), ("school", "surat")])
async def test_the_keyboard_fills_in_a_dialog(system: System, ids: dict[str, str], of: str, dialog: str) -> None:
    async with chromium() as browser:
        page = await opened(browser, system, f"{LIST}/{ids[of]}")
        await page.locator(f"[data-opens={dialog}]").first.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(f"#{dialog}[open]")).to_be_visible()
        assert await page.evaluate("document.activeElement.closest('dialog')?.id") == dialog
        await page.keyboard.press("Escape")
        assert await page.evaluate("document.activeElement.dataset.opens") == dialog


def test_the_pictures_are_of_these_pages() -> None:
    names = {f"{name}-{size}-{scheme}.png" for name in PICTURES for size in SIZES for scheme in SCHEMES}
    assert names <= {file.name for file in Path(SCREENS).iterdir()}
