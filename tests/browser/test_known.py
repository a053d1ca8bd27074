"""The form tells of who has an open case while the rest is still being typed."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from playwright.async_api import Request, Route, expect

from ops.system import System
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.browser.support.filing import KELURAHAN, WILAYAH, Form
from tests.browser.support.pages import IN_A_BROWSER, chromium, findings
from tests.services.requests.desk import letter, resident

pytestmark = IN_A_BROWSER
NIK, FREE = "1771015708500017", "1771015708500018"
TAKEN = "warga dengan NIK ini sudah punya kasus yang berjalan"
ALIKE = "nama, tanggal lahir, dan kelurahan yang sama sudah punya kasus"
WATCHED = """
window.lines = [];
new MutationObserver(() => lines.push(document.querySelector('.line').innerText))
  .observe(document.querySelector('.line'), { childList: true, characterData: true, subtree: true });
"""
"""Whatever the page says of the line from now on."""
RESIDENT = "**/api/requests/requests/check/resident"


@pytest.fixture(scope="module")
def system(portal: System) -> System:
    """The portal, where somebody has an open case."""
    headers = {
        "Authorization": f"Bearer {portal.token(Role.OPERATOR, WILAYAH)}",
        "Idempotency-Key": str(new_id()),
    }
    body = letter(resident(nik=NIK), kelurahan=KELURAHAN)
    answer = httpx.post(f"{portal.url('requests')}/requests", json=body, headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return portal


@asynccontextmanager
async def at_the_form(system: System, subject: str) -> AsyncIterator[tuple[Form, list[dict[str, Any]]]]:
    """The empty form, and what it asks about residents from now on."""
    async with chromium() as browser:
        context = await browser.new_context(locale="id-ID")
        form = await Form.enter(context, system, subject)
        asked: list[dict[str, Any]] = []

        def heard(request: Request) -> None:
            if request.url.endswith("/check/resident"):
                asked.append(json.loads(request.post_data or ""))

        form.page.on("request", heard)
        yield form, asked


async def test_a_nik_with_an_open_case_is_told_at_once_until_changed(system: System) -> None:
    async with at_the_form(system, "nik") as (form, asked):
        nik, field = form.field("residents.0.nik"), form.page.locator('[data-field="residents.0.nik"]')
        await nik.press_sequentially(NIK)
        await expect(field).to_contain_text(TAKEN)
        assert [{*each} for each in asked] == [{"at", "nik"}]  # nothing but what is looked for
        assert await nik.get_attribute("aria-invalid") == "true"
        assert await findings(form.page) == []
        # It stays when the field is left, and whatever else is typed: without another question.
        await nik.press("Tab")
        assert TAKEN in await field.inner_text()
        await form.field("address").fill("Jalan Sintetis 1")
        await form.page.wait_for_selector("#simpanan:not([data-unsaved])")
        await expect(field).to_contain_text(TAKEN)
        await nik.fill(FREE)
        await expect(field).not_to_contain_text(TAKEN)
        await nik.fill(NIK)
        await expect(field).to_contain_text(TAKEN)
        # A second resident is somebody else.
        await form.page.get_by_role("button", name="Tambah warga").click()
        await form.field("residents.1.nik").fill(NIK)
        await expect(form.page.locator('[data-field="residents.1.nik"]')).to_contain_text(TAKEN)
        assert {each["nik"] for each in asked} <= {NIK, FREE}


async def test_a_lookalike_is_told_of_once_three_fields_are_filled(system: System) -> None:
    async with at_the_form(system, "serupa") as (form, asked):
        warned = form.page.locator('[data-field="residents.0.name"]')
        await form.field("residents.0.name").fill("siti SINTETIS")
        await form.field("residents.0.birth_date").fill("17-08-1950")
        await form.page.wait_for_selector("#simpanan:not([data-unsaved])")
        assert asked == []
        await form.field("kelurahan_name").fill("bumi ayu")
        await form.page.get_by_role("option", name="Bumu Ayu").click()
        await expect(warned).to_contain_text(ALIKE)
        assert await form.page.locator(".field.wrong").count() == 0  # nothing else is nagged about
        await form.field("residents.0.birth_date").fill("18-08-1950")
        await expect(warned).not_to_contain_text(ALIKE)
        await form.field("residents.0.birth_date").fill("17-08-1950")
        await expect(warned).to_contain_text(ALIKE)
        await form.field("residents.0.name").fill("")
        await expect(warned).not_to_contain_text(ALIKE)


async def test_another_question_calls_off_the_one_before(system: System) -> None:
    async with at_the_form(system, "susul") as (form, _):
        held: list[Route] = []

        async def hold(route: Route) -> None:
            held.append(route)
            if route.request.post_data_json["nik"] == FREE:
                await route.continue_()

        await form.page.route(RESIDENT, hold)
        await form.page.evaluate(WATCHED)
        nik = form.field("residents.0.nik")
        async with form.page.expect_request(RESIDENT):
            await nik.fill(NIK)
        async with form.page.expect_event("requestfailed") as failed, form.page.expect_response(RESIDENT):
            await nik.fill(FREE)
        assert (await failed.value).post_data_json["nik"] == NIK
        assert len(held) == 2
        await expect(form.page.locator('[data-field="residents.0.nik"]')).not_to_contain_text(TAKEN)
        # To call off is no lost line.
        assert not [line for line in await form.page.evaluate("lines") if "Tanpa jaringan" in line]


async def test_without_a_line_nothing_is_asked_and_nothing_said(system: System) -> None:
    async with at_the_form(system, "sunyi") as (form, asked):
        await form.page.context.set_offline(True)
        await form.page.wait_for_selector(".line:has-text('Tanpa jaringan sejak')")
        field = form.page.locator('[data-field="residents.0.nik"]')
        await form.field("residents.0.nik").fill(NIK)
        await form.page.clock.install()
        await form.field("letter.number").fill("470/sunyi")
        await form.page.clock.run_for(5000)
        assert asked == []
        assert await field.locator(".error").is_hidden()
        await form.page.context.set_offline(False)
        await form.page.clock.resume()
        await form.page.wait_for_selector(".line:not(:has-text('Tanpa jaringan'))")
        await form.field("letter.number").fill("470/sunyi/2")
        await expect(field).to_contain_text(TAKEN)
