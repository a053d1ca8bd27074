"""The family's page and the slip that leads to it: on a phone, by keyboard, without a script, on paper."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page

from ops.system import System
from services.requests import usecases
from services.requests.domain.tracking import new_code, shown
from services.requests.vault import Vault
from shared.auth import Role
from shared.db import Database
from shared.envelope import Message
from shared.events import PrintCompleted, VisitCompleted, VisitScheduled
from shared.fields import Outcome
from shared.ids import new_id
from tests.browser.pages import CHROMIUM, SCHEMES, SCREENS, SIZES, chromium, findings, log_in, running_system
from tests.services.requests_desk import KELURAHAN, fact
from tests.services.tracked import DIGITS, NIK, PHONE, Case, filed

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH (Debian: apt install chromium)"),
    pytest.mark.xdist_group("browser"),
]

NOW = "2026-11-24T10:00:00+07:00"
VISIT = "Petugas datang Kam, 26 Nov 2026 09.00–09.30 WIB."
LARGEST = 30 * 1024


@dataclass
class Place:
    db: Database
    vault: Vault

    async def hears(self, case: Case, event: object, sequence: int = 1) -> None:
        async with self.db.transaction() as conn:
            await usecases.follow(conn, [Message(event, new_id(), sequence, {})])  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One system, whose business time stands still."""
    with running_system(tmp_path_factory.mktemp("browser")) as system:
        token = system.token(Role.OPS)
        answer = httpx.post(
            f"{system.url('requests')}/clock",
            json={"at": NOW},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id())},
        )
        assert answer.status_code == 200, answer.text
        yield system


@asynccontextmanager
async def place(system: System) -> AsyncIterator[Place]:
    db = await Database.connect(system.dsn("requests"), size=1)
    try:
        yield Place(db, Vault(system.issuer.person_key_file))
    finally:
        await db.pool.close()


def origin(system: System) -> str:
    assert system.caddy is not None
    return system.caddy.url


async def opened(browser: Browser, size: str = "phone", scheme: str = "light", script: bool = True) -> Page:
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="id-ID",
        java_script_enabled=script,
    )
    return await context.new_page()


async def fill(page: Page, code: str, digits: str = DIGITS) -> None:
    await page.get_by_label("Kode di slip").fill(code)
    await page.get_by_label("4 angka terakhir").fill(digits)
    await page.get_by_role("button", name="Lihat").click()


async def sentence(page: Page) -> str:
    return await page.get_by_role("heading", level=1).inner_text()


def visit(case: Case) -> VisitScheduled:
    window = {"starts_at": "2026-11-26T09:00:00+07:00", "ends_at": "2026-11-26T09:30:00+07:00"}
    event = fact(VisitScheduled, case.case_id, kelurahan=KELURAHAN, team="T1", visit_id=new_id(), **window)
    assert isinstance(event, VisitScheduled)
    return event


async def scheduled(system: System) -> Case:
    async with place(system) as here:
        case = await filed(here)
        await here.hears(case, visit(case))
    return case


async def test_the_slip_s_code_is_filled_in_and_never_sent_in_an_address(system: System) -> None:
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
        assert not any(secret in body for secret in ("Sintetis", NIK, PHONE, "lansia"))


async def test_it_works_without_a_script_in_both_languages(system: System) -> None:
    case = await scheduled(system)
    async with chromium() as browser:
        page = await opened(browser, script=False)
        await page.goto(f"{origin(system)}/lacak")
        await fill(page, shown(case.code).lower())
        assert await sentence(page) == VISIT
        await page.get_by_role("button", name="English").click()
        assert await sentence(page) == "The officers come Thu, 26 Nov 2026 09.00–09.30 WIB."
        await page.get_by_role("button", name="Check again").click()
        assert (await sentence(page)).startswith("The officers come")
        await page.get_by_role("link", name="Track another code").click()
        assert await page.get_by_label("Code on the slip").input_value() == ""


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
            reached.add(await page.locator(":focus").inner_text())
        assert {"English", "Periksa lagi", "Lacak kode lain"} <= reached


async def test_it_is_one_small_screen(system: System) -> None:
    case = await scheduled(system)
    async with chromium() as browser:
        page = await opened(browser)
        sizes: list[int] = []
        responses: list[object] = []

        async def count(response: object) -> None:
            responses.append(response)

        page.on("response", count)
        await page.goto(f"{origin(system)}/lacak", wait_until="networkidle")
        await fill(page, case.code)
        await page.wait_for_selector("text=Petugas datang")
        for response in responses:
            told = await response.request.sizes()  # type: ignore[attr-defined]
            sizes.append(told["responseBodySize"] + told["responseHeadersSize"])
        print(f"form and answer: {len(sizes)} answers, {sum(sizes)} bytes")
        assert sum(sizes) < LARGEST
        assert await page.evaluate("document.documentElement.scrollHeight") <= SIZES["phone"][1]


async def seen(page: Page, name: str, size: str, scheme: str) -> None:
    """Nothing is found, nothing sticks out, and a picture is kept."""
    assert await findings(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    if "SCREENS" in os.environ:
        await page.screenshot(path=SCREENS / f"{name}-{size}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
async def test_axe_finds_nothing_on_the_form_and_at_any_stage(system: System, size: str, scheme: str) -> None:
    async with place(system) as here:
        cases = {name: await filed(here) for name in ("jadwal", "kunjungan-gagal", "tercetak")}
        cases["kurang"] = await filed(here, missing=["kk", "f102"])
        for name in ("jadwal", "kunjungan-gagal"):
            await here.hears(cases[name], visit(cases[name]))
        failed = cases["kunjungan-gagal"]
        common = {"kelurahan": KELURAHAN, "team": "T1", "visit_id": new_id()}
        outcome = fact(VisitCompleted, failed.case_id, outcome=Outcome.ABSENT, **common)
        await here.hears(failed, outcome, 2)
        printed = cases["tercetak"]
        card = {"print_id": new_id(), "station": "P1", "serial": "BL000001"}
        await here.hears(printed, fact(PrintCompleted, printed.case_id, **card), 1)
    async with chromium() as browser:
        page = await opened(browser, size, scheme)
        await page.goto(f"{origin(system)}/lacak")
        await seen(page, "lacak-isian", size, scheme)
        await fill(page, new_code())
        await page.wait_for_selector("text=Kode atau nomor tidak cocok.")
        await seen(page, "lacak-tidak-cocok", size, scheme)
        await fill(page, "7KQ4-M2XD-9F", "1")
        await page.wait_for_selector("[aria-invalid]")
        await seen(page, "lacak-salah", size, scheme)
        for name, case in cases.items():
            await page.goto(f"{origin(system)}/lacak")
            await fill(page, case.code)
            await page.wait_for_selector(".way")
            await seen(page, f"lacak-{name}", size, scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
async def test_the_slip_leads_to_the_page_and_names_nobody(system: System, size: str, scheme: str) -> None:
    async with place(system) as here:
        first = await filed(here)
        cases = [first, await filed(here, beside=first), await filed(here, beside=first, code=None)]
    async with chromium() as browser:
        page = await opened(browser, size, scheme)
        token = system.token(Role.OPERATOR, KELURAHAN, subject="petugas")
        page = await log_in(page.context, origin(system), token, f"/permohonan/{first.request_id}/slip")
        slips = page.locator(".slip")
        assert await slips.count() == 3
        for number, case in enumerate(cases[:2]):
            text = await slips.nth(number).inner_text()
            assert shown(case.code) in text
            assert f"Warga {number + 1} dari 3" in text
            assert f"{origin(system).removeprefix('http://')}/lacak" in text
        assert "Kode sedang dibuat" in await slips.nth(2).inner_text()
        body = await page.content()
        assert not any(secret in body for secret in ("Sintetis", NIK, PHONE))
        await seen(page, "slip", size, scheme)
        await page.emulate_media(media="print")
        background = await page.locator(".slip").first.evaluate("e => getComputedStyle(e).backgroundColor")
        assert background == "rgb(255, 255, 255)"
        assert not await page.locator(".screen").is_visible()


def test_the_pictures_are_of_these_pages() -> None:
    lacak = ("isian", "tidak-cocok", "salah", "jadwal", "kunjungan-gagal", "tercetak", "kurang")
    names = [*(f"lacak-{name}" for name in lacak), "slip"]
    wanted = {f"{name}-{size}-{scheme}.png" for name in names for size in SIZES for scheme in SCHEMES}
    assert wanted <= {file.name for file in Path(SCREENS).iterdir()}
