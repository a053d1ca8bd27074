"""A browser on the pages of a running system, and what axe-core finds in them."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from ops.system import System
from tests.support.npm import installed

HERE = Path(__file__).parent
SCREENS = HERE.parents[1] / "docs" / "screens"
SIZES = {"1366": (1366, 768), "phone": (360, 740)}
SCHEMES = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
IN_A_BROWSER = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH (Debian: apt install chromium)"),
    pytest.mark.xdist_group("browser"),
]
"""The marks of a module whose tests open pages."""
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@contextmanager
def running_system(folder: Path) -> Iterator[System]:
    """A system behind its gateway."""
    with System(folder, fresh=True, gateway=True) as system:
        yield system


@asynccontextmanager
async def chromium(*switches: str) -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *switches])
        try:
            yield browser
        finally:
            await browser.close()


async def log_in(context: BrowserContext, origin: str, token: str, to: str) -> Page:
    """Open a page as whoever has this token: by way of the login."""
    page = await context.new_page()
    await page.goto(origin + to)
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("button", name="Masuk").click()
    await page.wait_for_url(origin + to)
    return page


async def findings(page: Page) -> list[str]:
    """What axe-core finds: rule and place."""
    # Run as a script of the test: a script tag would be against the page's policy.
    await page.evaluate((installed(HERE) / "node_modules" / "axe-core" / "axe.min.js").read_text())
    options = {"runOnly": TAGS, "rules": {"target-size": {"enabled": True}}}
    found: dict[str, Any] = await page.evaluate("options => axe.run(document, options)", options)
    return [f"{item['id']}: {node['html'][:120]}" for item in found["violations"] for node in item["nodes"]]
