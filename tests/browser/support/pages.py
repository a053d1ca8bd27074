"""A browser on the pages of a running system, and what axe-core finds in them."""

import os
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright

from ops.system import System
from tests.support.servers.npm import installed

HERE = Path(__file__).parents[1]
SCREENS = HERE.parents[1] / "docs" / "screens"
SIZES = {"1366": (1366, 768), "phone": (360, 740)}
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")
LOOKED_AT: Mapping[str, Scheme] = {"1366": "light", "phone": "dark"}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The one without windows first: it takes half the time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)
IN_A_BROWSER = [
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on the PATH (Debian: apt install chromium-headless-shell)"
    )
]
"""The marks of a module whose tests open pages."""
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@contextmanager
def running_system(folder: Path) -> Iterator[System]:
    """A system behind its gateway."""
    with System(folder, fresh=True, gateway=True) as system:
        yield system


FOUND = """async (options) => (await axe.run(document, options)).violations
  .flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 120)}`))"""
_started: dict[tuple[str, ...], Browser] = {}
_drivers: list[Playwright] = []


@asynccontextmanager
async def chromium(*switches: str) -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window; what was opened in it here is closed at the end.

    It is started once a worker. Each context is a device of its own: no cookie, cache or store is shared.
    """
    browser = _started.get(switches)
    if browser is None or not browser.is_connected():
        if not _drivers:
            _drivers.append(await async_playwright().start())
        browser = await _drivers[0].chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *switches])
        _started[switches] = browser
    before = set(browser.contexts)
    try:
        yield browser
    finally:
        for context in set(browser.contexts) - before:
            await context.close()


async def close() -> None:
    """End every Chromium of this worker."""
    for browser in _started.values():
        await browser.close()
    for driver in _drivers:
        await driver.stop()
    _started.clear()
    _drivers.clear()


async def log_in(context: BrowserContext, origin: str, token: str, to: str) -> Page:
    """Open a page as whoever has this token: by way of the login."""
    page = await context.new_page()
    await page.goto(origin + to)
    await page.get_by_text("Tempel token").click()
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("button", name="Masuk").click()
    await page.wait_for_url(origin + to)
    return page


async def findings(page: Page) -> list[str]:
    """What axe-core finds: rule and place."""
    if not await page.evaluate("'axe' in window"):
        # Run as a script of the test: a script tag would be against the page's policy.
        await page.evaluate((installed(HERE) / "node_modules" / "axe-core" / "axe.min.js").read_text())
    # Of what is well only the rule is told: to carry every place over here takes longer than to look.
    options = {"runOnly": TAGS, "rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
    found: list[str] = await page.evaluate(FOUND, options)
    return found


async def looks(
    page: Page, name: str, sizes: Iterable[str] = SIZES, schemes: Iterable[Scheme] = SCHEMES
) -> AsyncIterator[tuple[str, int]]:
    """The page as it is, in each of these sizes and themes: the look's name, and the width of the window.

    Without another load; at the end it has its own size and theme again.
    """
    own, dark = page.viewport_size, await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert own is not None
    for size in sizes:
        width, height = SIZES[size]
        await page.set_viewport_size({"width": width, "height": height})
        for scheme in schemes:
            await page.emulate_media(color_scheme=scheme)
            yield f"{name}-{size}-{scheme}", width
    await page.set_viewport_size(own)
    await page.emulate_media(color_scheme="dark" if dark else "light")


async def sound(page: Page, name: str, sizes: Iterable[str] = SIZES) -> None:
    """axe-core finds nothing on the page, and nothing sticks out of its window: on a desk in the light, and on a
    phone in the dark. What it finds depends on the size or on the theme, and each is there."""
    for size in sizes:
        async for look, width in looks(page, name, [size], [LOOKED_AT[size]]):
            assert (look, await findings(page)) == (look, [])
            assert (look, await page.evaluate("document.documentElement.scrollWidth")) <= (look, width)


async def drawn(page: Page, name: str, sizes: Iterable[str] = SIZES, *, full_page: bool = True) -> None:
    """With SCREENS in the environment: a picture in every size and theme, for the documents."""
    if "SCREENS" in os.environ:
        async for look, _ in looks(page, name, sizes):
            await page.screenshot(path=SCREENS / f"{look}.png", full_page=full_page)
