"""Pages of an office as somebody of the office opens them, and letters of a test's own."""

from datetime import datetime

from playwright.async_api import Browser, Page
from playwright.async_api import TimeoutError as NotSeen

from ops.system import System
from shared.security.auth import Role
from tests.browser.support.pages import SIZES, log_in
from tests.browser.support.town import NOW, OFFICE, Town

LIST = "/permohonan"
CLOCK = """{
  const Real = Date, ahead = MOMENT - Real.now();
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + ahead); }
    static now() { return Real.now() + ahead; }
  };
}"""
HIDES_NAMES = "location.host && localStorage.setItem('nama-tersembunyi', '1')"
TABBED = "a[href], button, input:not([type=hidden]), select, summary, [tabindex='0']"


def origin(system: System) -> str:
    assert system.caddy is not None
    return system.caddy.url


async def opened(
    browser: Browser,
    system: System,
    to: str,
    *,
    size: str = "1366",
    role: Role = Role.OPERATOR,
    wilayah: str = OFFICE,
    script: bool = True,
    awake: str = "html.awake",
    locale: str = "id-ID",
    names: bool = False,
) -> Page:
    """A page as somebody of the office opens it, alive unless there is no script.

    Residents go by their number, as on a screen that others see, unless the test is about `names`.
    """
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        locale=locale,
        java_script_enabled=script,
    )
    # The device's clock is that of the office, whose business time stands still.
    await context.add_init_script(CLOCK.replace("MOMENT", str(datetime.fromisoformat(NOW).timestamp() * 1000)))
    if not names:
        await context.add_init_script(HIDES_NAMES)
    lost: list[str] = []
    context.on("requestfailed", lambda request: lost.append(f"{request.url}: {request.failure}"))
    page = await log_in(context, origin(system), system.token(role, wilayah, subject="petugas-sintetis"), to)
    if script:
        try:
            await page.wait_for_selector(awake, timeout=15_000)
        except NotSeen:
            # Once in some hundred times, on a busy machine, a script does not arrive: a person loads the page again.
            print(f"{to} is loaded again; lost: {lost}")
            await page.reload()
            await page.wait_for_selector(awake)
    return page


async def filed(system: System, body: dict[str, object]) -> str:
    """A request of a test's own: where its page is."""
    made = Town(system)
    async with made.http:
        return f"{LIST}/{(await made.file(body))['request_id']}"


async def walked(page: Page) -> None:
    """The keyboard reaches everything that is shown, and shows where it is."""
    reached, of_page = set(), "document.activeElement.outerHTML.slice(0, 300)"
    focusable = await page.evaluate(
        f"[...document.querySelectorAll({TABBED!r})].filter((each) => each.checkVisibility())"
        ".map((each) => each.outerHTML.slice(0, 300))"
    )
    for _ in range(len(focusable) + 5):
        await page.keyboard.press("Tab")
        reached.add(await page.evaluate(of_page))
        seen = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert seen != "none" or await page.evaluate("document.activeElement === document.body")
    assert set(focusable) <= reached
