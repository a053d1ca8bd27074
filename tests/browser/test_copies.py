"""What was filed before helps the next one: numbers, copies, and a question before it is filed twice (12.B4)."""

from datetime import date
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from ops.system import System
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.browser.support.filing import PATH, WILAYAH, Form, device, letters, origin
from tests.browser.support.pages import IN_A_BROWSER, drawn, sound
from tests.services.requests.desk import letter, resident

pytestmark = [*IN_A_BROWSER, pytest.mark.timeout(120)]
KELURAHAN, NAMED = "17.71.01.1005", "Betungan"
YEAR = date.today().year  # noqa: DTZ011  as the browser of this machine sees it


@pytest.fixture(scope="module")
def system(portal: System) -> System:
    return portal


def numbered(number: str, *residents: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A letter of this number, in a kelurahan where no other test files."""
    day = f"{YEAR}-01-02"
    return letter(
        *residents,
        **{
            "kelurahan": KELURAHAN,
            "letter": {"number": number, "date": day},
            "contact": {"name": "Anak Sintetis", "phone": "081234567891"},
            "address": "Jalan Betungan 7, RT 002",
            **fields,
        },
    )


def told(system: System, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """A command by another program, which must be taken."""
    token = system.token(Role.OPERATOR, WILAYAH)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id())}
    answer = httpx.post(system.url("requests") + path, json=body, headers=headers, timeout=30)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def at_betungan(form: Form) -> None:
    """Choose the kelurahan."""
    await form.field("kelurahan_name").fill(NAMED)
    await form.page.get_by_role("option", name=NAMED).click()


async def filled(page: Page) -> dict[str, list[str]]:
    """What stands in the form, by name."""
    found: dict[str, list[str]] = await page.evaluate(
        "[...new FormData(formulir)].filter(([, value]) => value)"
        ".reduce((all, [name, value]) => ({ ...all, [name]: [...all[name] ?? [], value] }), {})"
    )
    return found


async def test_the_next_number_is_offered_and_a_used_one_asked_about(system: System) -> None:
    """12.B4: never filled in by itself; Enter takes it; before the same number is filed again a person decides."""
    used = f"470/041/BA/{YEAR}"
    told(system, "/requests", numbered(used, resident(name="Nomor Sintetis")))
    async with device() as context:
        form = await Form.enter(context, system, "nomor")
        page, number = form.page, form.field("letter.number")
        field = page.locator('[data-field="letter.number"]')
        await form.fill("470/0")
        await at_betungan(form)
        await number.fill("")
        await expect(field.get_by_role("button", name=f"470/042/BA/{YEAR}")).to_be_visible()
        assert await number.input_value() == ""
        await number.press("Enter")
        await expect(number).to_have_value(f"470/042/BA/{YEAR}")
        await expect(field.get_by_role("button")).to_have_count(0)
        # The number of before is told of while the rest is not complete, and asked about at the end.
        await form.field("residents.0.name").fill("")
        await number.fill(used)
        await expect(field).to_contain_text("sudah dipakai kelurahan ini")
        await form.field("residents.0.name").fill("Lain Sintetis")
        await number.press("Enter")
        question = page.locator("#hasil", has_text="Tetap kirim?")
        await expect(question).to_contain_text("nomor surat ini sudah dipakai")
        assert len(await letters(system, used)) == 1
        await sound(page, "form-asked")
        await drawn(page, "form-asked", full_page=False)
        await page.get_by_role("button", name="Buka dan perbaiki").first.click()
        await expect(page.locator("#salinan")).to_contain_text("Belum diajukan")
        await expect(field).to_contain_text("sudah dipakai kelurahan ini")
        await page.get_by_role("button", name="Ajukan permohonan").click()
        await question.get_by_role("button", name="Tetap kirim").click()
        await expect(page.locator("#hasil")).to_contain_text("Terkirim dan diterima server")
        assert len(await letters(system, used)) == 2
        # The next letter of the same kelurahan keeps what it has in common.
        await form.again()
        kept = await filled(page)
        assert kept["letter.date"] == ["02-01-2026"]
        assert (kept["kelurahan"], kept["address"]) == ([KELURAHAN], ["Jalan Sintetis 1, RT 001"])
        assert not {"letter.number", "consent", "residents.0.name"} & kept.keys()
        await expect(field.get_by_role("button", name=f"470/042/BA/{YEAR}")).to_be_visible()


async def test_an_offline_entry_that_may_be_stored_already_is_held(system: System) -> None:
    """12.B4: the queue asks, and files nothing silently; the others go on."""
    told(system, "/requests", numbered(f"470/051/BA/{YEAR}", resident(name="Kembar Sintetis")))
    async with device() as context:
        form = await Form.enter(context, system, "kembar")
        page = form.page
        await context.set_offline(True)
        await page.wait_for_selector(".line:has-text('Tanpa jaringan sejak')")
        for number, name in (("470/kembar/1", "kembar SINTETIS"), ("470/kembar/2", "Lain Kembar")):
            await form.fill(number, name=name, birth_date="17-08-1950")
            await at_betungan(form)
            await page.get_by_role("button", name="Ajukan permohonan").click()
            await form.again()
        await context.set_offline(False)
        await form.answers("1 permohonan perlu perhatian: mungkin sudah pernah diajukan.")
        entry = page.locator("[data-antrean=entries] li[data-state=asked]")
        await expect(entry).to_contain_text("nama, tanggal lahir, dan kelurahan yang sama")
        await expect(page.locator("[data-antrean=entries] li[data-state=sent]")).to_have_count(1)
        assert await letters(system, "470/kembar") == ["470/kembar/2"]
        await sound(page, "queue-asked", ["1366"])
        await entry.get_by_role("button", name="Tetap kirim").click()
        await form.answers("Semua permohonan dari perangkat ini sudah terkirim.")
        assert await letters(system, "470/kembar") == ["470/kembar/2", "470/kembar/1"]


async def test_a_rejected_request_is_filed_again_from_its_page(system: System) -> None:
    """12.B4: date, contact, address and residents come along; number, consent, key, codes and photos do not."""
    number = f"470/061/BA/{YEAR}"
    person = resident(
        name="Ulang Sintetis", service="lost", documents=["kk"], address="Jalan Sendiri 3", needs=["escort"]
    )
    made = told(system, "/requests", numbered(number, person, documents_complete=False))
    rejected = {"at": numbered(number)["at"], "reason": "documents_missing"}
    told(system, f"/requests/{made['request_id']}/reject", rejected)
    async with device() as context:
        form = await Form.enter(context, system, "ulang")
        page = form.page
        await form.field("letter.number").fill("470/sela")  # what is being typed is not lost
        await page.wait_for_selector("#simpanan:not([data-unsaved])")
        await page.goto(f"{origin(system)}/permohonan/{made['request_id']}")
        await page.get_by_role("link", name="Ajukan lagi").click()
        await expect(page.locator("#salinan")).to_contain_text(f"Permohonan {number} Anda ajukan lagi")
        assert page.url.endswith(PATH)
        kept = await filled(page)
        assert {name: kept[name] for name in ("letter.date", "address", "contact.name", "contact.phone")} == {
            "letter.date": [f"02-01-{YEAR}"],
            "address": ["Jalan Betungan 7, RT 002"],
            "contact.name": ["Anak Sintetis"],
            "contact.phone": ["+6281234567891"],
        }
        of = {name.removeprefix("residents.0."): value for name, value in kept.items() if "residents.0" in name}
        assert of == {
            "name": ["Ulang Sintetis"],
            "birth_date": ["17-08-1950"],
            "sex": ["P"],
            "service": ["lost"],
            "reason": ["lansia"],
            "documents": ["kk"],
            "needs": ["escort"],
            "address": ["Jalan Sendiri 3"],
        }
        assert not {"letter.number", "consent", "kunci"} & kept.keys()
        await expect(page.locator("[data-antrean=entries] li[data-state=draft]")).to_contain_text("470/sela")
        field = page.locator('[data-field="letter.number"]')
        await expect(field.get_by_role("button", name=number)).to_be_visible()
        await sound(page, "form-again", ["phone"])
        await drawn(page, "form-again", full_page=False)
        # It is a draft like any other: a reload keeps it, and it is filed with a consent of its own.
        await page.reload()
        await expect(form.field("residents.0.name")).to_have_value("Ulang Sintetis")
        await form.field("letter.number").fill(number)
        await page.get_by_role("button", name="Ajukan permohonan").click()
        await expect(page.locator("#kesalahan")).to_contain_text("Pilih yang menyetujui")
        await form.field("consent").select_option("keluarga")
        await page.get_by_role("button", name="Ajukan permohonan").click()
        await expect(page.locator("#hasil")).to_contain_text("Terkirim dan diterima server")
        await page.get_by_role("button", name="Salin permohonan ini").click()
        copy = await filled(page)
        assert copy["residents.0.name"] == ["Ulang Sintetis"]
        assert not {"letter.date", "consent", "residents.0.documents", "residents.0.tracking"} & copy.keys()


async def test_a_copy_that_cannot_be_read_leaves_the_form_as_it_is(system: System) -> None:
    """12.B4: it says so, and what is typed stays."""
    made = told(system, "/requests", numbered(f"470/071/BA/{YEAR}", resident(name="Salin Sintetis")))
    async with device() as context:
        form = await Form.enter(context, system, "gagal")
        await form.field("letter.number").fill("470/gagal")
        await context.route("**/copy?*", lambda route: route.abort())
        await form.page.goto(f"{origin(system)}{PATH}#salin-{made['request_id']}")
        await expect(form.page.locator("#salinan")).to_contain_text("belum bisa disalin")
        assert await form.field("letter.number").input_value() == "470/gagal"
        await context.unroute("**/copy?*")
        await form.page.goto(f"{origin(system)}{PATH}#salin-{made['request_id']}")
        await expect(form.page.locator("#salinan")).to_contain_text("Salinan permohonan 470/071/BA/")
        assert await form.field("residents.0.name").input_value() == "Salin Sintetis"
        assert await form.field("letter.date").input_value() == ""
