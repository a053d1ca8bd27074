"""Who may not open a page, or opens one that is not there, is told in words of their language, and led back."""

import httpx
import pytest
from playwright.async_api import expect

from ops.system import System
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.browser.support.filing import origin
from tests.browser.support.pages import IN_A_BROWSER, chromium, log_in, sound

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def system(portal: System) -> System:
    return portal


async def test_a_person_is_told_in_words_and_led_back(system: System) -> None:
    forbidden, missing = "Halaman ini bukan untuk akun Anda", "Halaman ini tidak ada"
    async with chromium() as browser:
        context = await browser.new_context()
        page = await log_in(context, origin(system), system.token(Role.OPERATOR, "17.02"), "/permohonan")
        for path, status, title in (
            ("/operasi", 403, forbidden),  # another role
            ("/permohonan/bukan-nomor", 404, missing),
            ("/permohonan/bukan-nomor/slip", 404, missing),
            ("/permohonann", 404, missing),
            ("/metrics", 404, missing),
        ):
            answer = await page.goto(origin(system) + path)
            assert answer is not None
            assert answer.status == status, path
            await expect(page.get_by_role("heading", level=1)).to_have_text(title)
            await sound(page, path)
            assert "Traceback" not in await page.content()
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
        await page.get_by_role("link", name="To the front page").click()
        await page.wait_for_url(f"{origin(system)}/**")
        assert page.url.partition("?")[0] == f"{origin(system)}/"


async def test_whoever_is_in_with_the_wrong_account_can_leave(system: System) -> None:
    async with chromium() as browser:
        context = await browser.new_context(locale="id-ID")
        page = await log_in(context, origin(system), system.token(Role.OPERATOR, "17.02"), "/permohonan")
        await page.goto(f"{origin(system)}/operasi")
        await page.get_by_role("button", name="Keluar").click()
        await page.wait_for_selector("text=Anda sudah keluar")


def test_a_program_still_gets_a_problem(system: System) -> None:
    headers = {"Authorization": f"Bearer {system.token(Role.OPERATOR, '17.02')}"}
    with httpx.Client(base_url=origin(system), headers=headers, timeout=30) as http:
        for path, status in (
            ("/api/requests/dead-letters", 404),
            (f"/api/requests/requests/{new_id()}", 404),
            ("/apa", 404),
        ):
            answer = http.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), path
        refused = http.post("/api/requests/clock", json={"at": "2026-11-24T09:00:00+07:00"})
        assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
