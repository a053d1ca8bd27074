"""The page "Bantuan" is one step from every page, also without a line (12.B6)."""

import pytest
from playwright.async_api import expect

from ops.system import System
from tests.browser.support.filing import Form, device, origin
from tests.browser.support.pages import IN_A_BROWSER, drawn, sound

pytestmark = [*IN_A_BROWSER, pytest.mark.timeout(120)]
PAGES = ("/", "/lacak", "/permohonan", "/permohonan/baru", "/permohonan/slip", "/bantuan")


@pytest.fixture(scope="module")
def system(portal: System) -> System:
    return portal


async def test_every_page_leads_to_help_and_the_device_keeps_it(system: System) -> None:
    """12.B6: terms, papers per service, the office's telephone; without a line the office is still the device's."""
    async with device() as context:
        form = await Form.enter(context, system, "bantuan")
        page = form.page
        for path in PAGES:
            await page.goto(origin(system) + path)
            assert await page.get_by_role("link", name="Bantuan", exact=True).count() == 1, path
        await expect(page.locator("#telepon")).to_have_text("Dukcapil Kota Bengkulu")
        await expect(page.locator("[data-service=lost]")).to_contain_text("Surat kehilangan dari kepolisian (wajib)")
        await expect(page.locator("#kantor")).to_contain_text("belum dicantumkan")
        await sound(page, "bantuan")
        await drawn(page, "bantuan", full_page=False)
        await context.set_offline(True)
        await page.goto(origin(system) + "/operasi")
        await page.get_by_role("link", name="Bantuan", exact=True).click()
        await expect(page.locator("#telepon")).to_have_text("Dukcapil Kota Bengkulu")
        await expect(page.locator("[data-service=first]")).to_contain_text("Kartu keluarga (KK) (wajib)")
        await expect(page.locator("dl").first).to_contain_text("Surat pengantar dari kelurahan")
