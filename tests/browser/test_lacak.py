"""The family's page and the slip that leads to it: on a phone, by keyboard, without a script, on paper."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from playwright.async_api import Browser, Page, Response

from ops.system import System
from services.requests.domain.tracking.codes import new_code, shown
from shared.contract.fields import Outcome, Stage
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.browser.support.pages import (
    IN_A_BROWSER,
    SCHEMES,
    SCREENS,
    SIZES,
    chromium,
    drawn,
    log_in,
    looks,
    sound,
)
from tests.browser.support.town import NOW
from tests.services.requests.desk import KELURAHAN, letter, resident
from tests.services.requests.tracked import DIGITS, PHONE, Case, case_of

pytestmark = IN_A_BROWSER

VISIT = "Petugas datang Kam, 26 Nov 2026 08.00–12.00 WIB."
LARGEST = 30 * 1024


@pytest.fixture(scope="module")
def system(office: System, ids: dict[str, str]) -> System:
    """The office's system, whose business time stands still at `NOW`; a test has letters of its own."""
    return office


def filed(system: System, *services: dict[str, Any], **fields: Any) -> list[Case]:
    """A letter of residents of one phone, filed by the operator."""
    residents = [resident(phone=PHONE, **service) for service in services or ({},)]
    answer = post(system, "/requests", Role.OPERATOR, KELURAHAN, letter(*residents, **fields))
    return [case_of(answer, number) for number in range(len(residents))]


def post(system: System, path: str, role: Role, wilayah: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {system.token(role, wilayah)}", "Idempotency-Key": str(new_id())}
    answer = httpx.post(f"{system.url('requests')}{path}", json=body, headers=headers, timeout=30)
    assert answer.is_success, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def stands(system: System, case: Case, stage: Stage, outcome: Outcome | None = None) -> None:
    """As dispatch's facts would have left it."""
    begins = datetime.fromisoformat("2026-11-26T09:00:00+07:00") if stage is Stage.SCHEDULED else None
    ends = begins + timedelta(minutes=30) if begins else None
    conn = await asyncpg.connect(system.dsn("requests"))
    await conn.execute(
        "with moved as ("
        "  update case_file set step_stage = $2, step_sequence = step_sequence + 1 where id = $1 returning *)"
        " insert into step (case_id, sequence, stage, at, starts_at, ends_at, outcome)"
        " select id, step_sequence, step_stage, $3, $4, $5, $6 from moved",
        *(case.case_id, stage, datetime.fromisoformat(NOW), begins, ends, outcome),
    )
    await conn.close()


def origin(system: System) -> str:
    assert system.caddy is not None
    return system.caddy.url


async def opened(browser: Browser, size: str = "phone", script: bool = True) -> Page:
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        locale="id-ID",
        java_script_enabled=script,
    )
    return await context.new_page()


async def fill(page: Page, code: str, digits: str = DIGITS) -> None:
    await page.get_by_label("Kode di slip").fill(code)
    await page.get_by_label("4 angka terakhir").fill(digits)
    await page.get_by_role("button", name="Lihat").click()


async def sentence(page: Page) -> str:
    said = await page.get_by_role("heading", level=1).inner_text()
    return said.replace("\N{WORD JOINER}", "").replace("\N{NO-BREAK SPACE}", " ")


async def scheduled(system: System) -> Case:
    [case] = filed(system)
    await stands(system, case, Stage.SCHEDULED)
    return case


async def test_the_slip_code_is_filled_in_and_never_sent_in_a_url(system: System) -> None:
    case = await scheduled(system)
    async with chromium() as browser:
        page = await opened(browser)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{origin(system)}/lacak#{case.code}")
        await page.wait_for_selector("#angka:focus")
        assert await page.get_by_label("Kode di slip").input_value() == shown(case.code)
        assert page.url == f"{origin(system)}/lacak"
        await page.keyboard.type(DIGITS)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Petugas datang")
        assert await sentence(page) == VISIT
        assert "Kartu keluarga" in await page.locator(".prepare").inner_text()
        assert not any(case.code in url or DIGITS in url.rpartition("/")[2] for url in asked)
        body = await page.content()
        assert not any(secret in body for secret in ("Sintetis", PHONE, "lansia"))


async def test_it_works_without_a_script_in_both_languages(system: System) -> None:
    case = await scheduled(system)
    async with chromium() as browser:
        page = await opened(browser, script=False)
        await page.goto(f"{origin(system)}/lacak")
        await fill(page, shown(case.code).lower())
        assert await sentence(page) == VISIT
        await page.get_by_role("button", name="English").click()
        assert await sentence(page) == "The officers come Thu, 26 Nov 2026 08.00–12.00 WIB."
        await page.get_by_role("button", name="Check again").click()
        assert (await sentence(page)).startswith("The officers come")
        await page.get_by_role("link", name="Track another code").click()
        assert await page.get_by_label("Code on the slip").input_value() == ""


async def test_a_browser_that_says_no_site_is_believed_by_its_origin(system: System) -> None:
    """On http by a name Chromium sends no Sec-Fetch-Site, as browsers of before 2020 never do."""
    case = await scheduled(system)
    named = system.url("requests").replace("127.0.0.1", "desa.example")
    async with chromium("--host-resolver-rules=MAP desa.example 127.0.0.1") as browser:
        page = await opened(browser)
        await page.goto(f"{named}/lacak")
        async with page.expect_request(f"{named}/lacak") as asked:
            await fill(page, case.code)
        assert "sec-fetch-site" not in await (await asked.value).all_headers()
        assert await sentence(page) == VISIT


async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(system: System) -> None:
    case = await scheduled(system)
    async with chromium() as browser:
        page = await opened(browser)
        await page.goto(f"{origin(system)}/lacak")
        await fill(page, case.code[1:] + case.code[0], "12")
        await page.wait_for_selector("#kode:focus")
        assert await page.locator("[aria-invalid]").count() == 2
        assert "periksa lagi slipnya" in await page.get_by_role("alert").inner_text()
        await fill(page, case.code, "1234")
        await page.wait_for_selector("text=Kode atau nomor tidak cocok.")
        assert await page.get_by_label("Kode di slip").input_value() == shown(case.code)
        await fill(page, case.code)
        await page.wait_for_selector("text=Petugas datang")


@pytest.mark.parametrize("script", [True, False])
async def test_the_keyboard_is_enough(system: System, script: bool) -> None:
    case = await scheduled(system)
    async with chromium() as browser:
        page = await opened(browser, "1366", script=script)
        await page.goto(f"{origin(system)}/lacak")
        await page.get_by_label("Kode di slip").focus()
        await page.keyboard.type(case.code)
        await page.keyboard.press("Tab")
        await page.keyboard.type(DIGITS)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Petugas datang")
        reached = set()
        for _ in range(8):
            await page.keyboard.press("Tab")
            reached.add(await page.evaluate("document.activeElement.innerText"))
        assert {"English", "Periksa lagi", "Lacak kode lain"} <= reached


async def test_it_is_one_small_screen(system: System) -> None:
    case = await scheduled(system)
    async with chromium() as browser:
        page = await opened(browser)
        answers: list[Response] = []
        page.on("response", lambda answer: answers.append(answer))
        await page.goto(f"{origin(system)}/lacak", wait_until="networkidle")
        await fill(page, case.code)
        await page.wait_for_selector("text=Petugas datang")
        sizes = [await answer.request.sizes() for answer in answers]
        weight = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
        print(f"form and answer: {len(sizes)} answers, {weight} bytes")
        assert weight < LARGEST
        # The line that says that this is a trial is not on a family's page.
        height = "document.documentElement.scrollHeight - document.querySelector('.trial').offsetHeight"
        assert await page.evaluate(height) <= SIZES["phone"][1]


async def seen(page: Page, name: str) -> None:
    """Nothing is found, nothing sticks out, and a picture is kept."""
    await sound(page, name)
    await drawn(page, name)


async def test_axe_finds_nothing_on_the_form_and_at_any_stage(system: System) -> None:
    names = ("jadwal", "kunjungan-gagal", "tercetak")
    cases = dict(zip(names, filed(system, {}, {}, {"service": "damaged"}), strict=True))
    await stands(system, cases["jadwal"], Stage.SCHEDULED)
    await stands(system, cases["kunjungan-gagal"], Stage.SCHEDULED)
    await stands(system, cases["kunjungan-gagal"], Stage.VISITED, Outcome.ABSENT)
    await stands(system, cases["tercetak"], Stage.PRINTED)
    [cases["kurang"]] = filed(system, {"service": "lost", "documents": ["kk"]}, documents_complete=False)
    async with chromium() as browser:
        page = await opened(browser)
        await page.goto(f"{origin(system)}/lacak")
        await seen(page, "lacak-isian")
        await fill(page, new_code())
        await page.wait_for_selector("text=Kode atau nomor tidak cocok.")
        await seen(page, "lacak-tidak-cocok")
        await fill(page, "7KQ4-M2XD-9F", "1")
        await page.wait_for_selector("[aria-invalid]")
        await seen(page, "lacak-salah")
        for name, case in cases.items():
            await page.goto(f"{origin(system)}/lacak")
            await fill(page, case.code)
            await page.wait_for_selector(".way")
            await seen(page, f"lacak-{name}")


async def test_the_slip_leads_to_the_page_and_names_nobody(system: System) -> None:
    cases = filed(system, {}, {"service": "damaged"}, {})
    conn = await asyncpg.connect(system.dsn("requests"))
    await conn.execute("update case_file set tracking = null where id = $1", cases[2].case_id)
    await conn.close()
    async with chromium() as browser:
        page = await opened(browser)
        token = system.token(Role.OPERATOR, KELURAHAN, subject="petugas")
        page = await log_in(page.context, origin(system), token, f"/permohonan/{cases[0].request_id}/slip")
        slips = page.locator(".slip")
        assert await slips.count() == 3
        for number, case in enumerate(cases[:2]):
            text = await slips.nth(number).inner_text()
            assert shown(case.code) in text
            assert f"Warga {number + 1} dari 3" in text
            assert f"{origin(system).removeprefix('http://')}/lacak" in text
        assert "Kode sedang dibuat" in await slips.nth(2).inner_text()
        body = await page.content()
        assert not any(secret in body for secret in ("Sintetis", PHONE))
        await seen(page, "slip")
        await page.emulate_media(media="print")
        # Paper is white, whatever the theme and the window.
        async for look, _ in looks(page, "slip"):
            background = await page.locator(".slip").first.evaluate("e => getComputedStyle(e).backgroundColor")
            assert (look, background) == (look, "rgb(255, 255, 255)")
            assert not await page.locator(".screen").is_visible()


def test_the_pictures_are_of_these_pages() -> None:
    lacak = ("isian", "tidak-cocok", "salah", "jadwal", "kunjungan-gagal", "tercetak", "kurang")
    names = [*(f"lacak-{name}" for name in lacak), "slip"]
    wanted = {f"{name}-{size}-{scheme}.png" for name in names for size in SIZES for scheme in SCHEMES}
    assert wanted <= {file.name for file in Path(SCREENS).iterdir()}
