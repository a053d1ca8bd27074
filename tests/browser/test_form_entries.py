"""What is typed into the form: kept by each tab, taken as it is meant, and never chosen for anybody."""

import pytest
from playwright.async_api import expect

from ops.system import System
from tests.browser.support.filing import PATH, Form, device, origin
from tests.browser.support.pages import IN_A_BROWSER

pytestmark = [*IN_A_BROWSER, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def system(portal: System) -> System:
    return portal


async def test_each_tab_has_its_own_draft_and_both_survive_closing(system: System) -> None:
    kept = "#simpanan:not([data-unsaved]):has-text('Draf tersimpan')"
    async with device() as context:
        first = await Form.enter(context, system, "dua-tab")
        await first.field("letter.number").fill("470/tab/1")
        await first.page.wait_for_selector(kept)
        second = Form(await context.new_page(), system)
        await second.page.goto(origin(system) + PATH)
        await second.page.wait_for_selector("#formulir:visible")
        assert await second.field("letter.number").input_value() == ""
        await second.field("letter.number").fill("470/tab/2")
        await second.page.wait_for_selector(kept)
        for form, number in ((first, "470/tab/1"), (second, "470/tab/2")):
            await form.page.reload()
            await form.page.wait_for_selector("#simpanan:has-text('Draf Anda dibuka kembali')")
            assert await form.field("letter.number").input_value() == number
        await first.page.close()
        await second.page.close()
        # The newest goes on; the other is in the queue, to be opened.
        third = Form(await context.new_page(), system)
        await third.page.goto(origin(system) + PATH)
        await third.page.wait_for_selector("#simpanan:has-text('Draf Anda dibuka kembali')")
        assert await third.field("letter.number").input_value() == "470/tab/2"
        await third.page.wait_for_selector("[data-antrean=entries] li[data-state=draft]")
        assert await third.entries("draft") == ["470/tab/1"]
        await third.page.get_by_role("link", name="Lanjutkan: 470/tab/1").click()
        await expect(third.field("letter.number")).to_have_value("470/tab/1")
        assert await third.entries("draft") == ["470/tab/2"]


async def test_nobody_consents_by_default_and_who_fits_is_put_forward(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "setuju")
        consent, field = form.field("consent"), form.page.locator("[data-field=consent]")
        await expect(consent).to_have_value("")
        await form.fill("470/setuju", consent="")
        await form.page.get_by_role("button", name="Ajukan permohonan").click()
        await expect(field.locator(".error")).to_have_text("Pilih yang menyetujui.")
        await expect(form.page.locator("#kesalahan li")).to_have_count(1)
        await form.field("residents.0.reason").select_option("odgj")
        await expect(field.locator(".warning")).to_contain_text("ODGJ")
        await expect(consent).to_have_value("")
        await form.field("residents.0.reason").select_option("sakit")
        await expect(field.locator(".warning")).to_have_text("")
        await form.field("residents.0.birth_date").fill("17-08-2015")
        await expect(field.locator(".warning")).to_contain_text("di bawah 17 tahun")
        await form.field("residents.0.birth_date").fill("18-09-1951")
        await form.field("residents.0.reason").select_option("odgj")
        await field.get_by_role("button", name="Wali").click()
        await expect(consent).to_have_value("wali")
        await expect(consent).to_be_focused()
        await expect(field.locator(".error")).to_be_hidden()
        await form.page.get_by_role("button", name="Ajukan permohonan").click()
        await form.page.wait_for_selector("text=Terkirim dan diterima server")


async def test_nothing_unchosen_is_taken_and_nothing_pasted_is_cut(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "tempel")
        village = form.field("kelurahan_name")
        await village.fill("bumi")
        await form.page.wait_for_selector("[role=option]")
        await village.press("Enter")
        await expect(village).to_have_value("bumi")
        await expect(form.field("kelurahan")).to_have_value("")
        await village.press("ArrowDown")
        await village.press("Enter")
        await expect(form.field("kelurahan")).not_to_have_value("")
        pasted = {
            "contact.phone": "0812-3456-7890 / 0813-9876-5432",
            "residents.0.phone": "+62 (812) 3456 - 7890 1234567",
            "letter.number": "470/" + "9" * 130,
        }
        await form.page.locator("#warga summary").click()
        for name, text in pasted.items():
            await form.field(name).focus()
            await form.page.keyboard.insert_text(text)
            await form.field(name).press("Tab")
            await expect(form.field(name)).to_have_value(text)
            await expect(form.field(name)).to_have_attribute("aria-invalid", "true")
        for name in ("letter.date", "residents.0.birth_date"):
            await form.field(name).focus()
            await form.page.keyboard.insert_text("1960-07-05")
            await form.field(name).press("Tab")
            await expect(form.field(name)).to_have_value("05-07-1960")
        await expect(form.page.locator("[data-field='residents.0.birth_date'] .echo")).to_contain_text("5 Juli 1960")


async def test_the_heading_speaks_of_the_request_that_is_open(system: System) -> None:
    async with device() as context:
        form = await Form.enter(context, system, "judul")
        optional = form.page.locator("[data-field='contact.name'] .optional")
        await form.file("470/judul/1")
        await form.answers("Semua permohonan dari perangkat ini sudah terkirim.")
        await expect(optional).to_be_visible()
        await form.field("contact.phone").fill("0812-3456-7890")
        await form.answers("Permohonan ini belum diajukan.")
        # A contact has both: the name may not stay empty any more, and does not say so.
        await expect(optional).to_be_hidden()
        await form.page.wait_for_selector("#simpanan:not([data-unsaved]):has-text('Draf tersimpan')")
        await form.page.reload()
        await form.answers("Permohonan ini belum diajukan.")
        await expect(optional).to_be_hidden()
