"""An operator at the page "Permohonan baru", and what the server has of their letters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import httpx
from playwright.async_api import BrowserContext, Page, expect

from ops.system import System
from shared.security.auth import Role
from tests.browser.support.pages import SIZES, chromium, log_in

PATH = "/permohonan/baru"
WILAYAH, KELURAHAN = "17.71", "17.71.01.1004"
ADDRESS = "Jalan Sintetis 1, RT 001"


def origin(system: System) -> str:
    """Where browsers find the pages."""
    assert system.caddy is not None
    return system.caddy.url


def born(letter: str) -> str:
    """The birth date of the resident of a letter."""
    chance = crc32(letter.encode())
    return f"{1 + chance % 28:02}-{1 + chance // 28 % 12:02}-{1930 + chance // 336 % 30}"


@asynccontextmanager
async def device() -> AsyncIterator[BrowserContext]:
    """A browser that nobody used before."""
    async with chromium() as browser:
        width, height = SIZES["1366"]
        yield await browser.new_context(
            viewport={"width": width, "height": height},
            locale="id-ID",
        )


@dataclass
class Form:
    """The page, and how one fills it in."""

    page: Page
    system: System

    @classmethod
    async def enter(cls, context: BrowserContext, system: System, subject: str) -> "Form":
        """Log in and open the page; the device then has it whole."""
        page = await log_in(context, origin(system), system.token(Role.OPERATOR, WILAYAH, subject), PATH)
        await page.wait_for_selector("#formulir:visible")
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        return cls(page, system)

    def field(self, name: str) -> Any:
        """A field by its name in the body of POST /requests."""
        return self.page.locator(f'[name="{name}"]')

    async def fill(self, letter: str, name: str = "Siti Sintetis", **resident: str) -> None:
        """A letter with one resident who lost her card; of each letter she is another, by her birth date."""
        await self.field("kelurahan_name").fill("bumi ayu")
        await self.page.get_by_role("option", name="Bumu Ayu").click()
        await self.field("letter.number").fill(letter)
        await self.field("letter.date").fill("02-01-2026")
        await self.field("consent").select_option(resident.get("consent", "warga"))
        await self.field("address").fill(ADDRESS)
        await self.field("residents.0.name").fill(name)
        await self.field("residents.0.nik").fill(resident.get("nik", ""))
        await self.field("residents.0.birth_date").fill(resident.get("birth_date", born(letter)))
        await self.page.get_by_label("Perempuan", exact=True).check()
        await self.field("residents.0.service").select_option(resident.get("service", "lost"))
        await self.field("residents.0.reason").select_option("lansia")

    async def file(self, letter: str, **resident: str) -> None:
        """Fill in, press, and see that it is in the queue or out."""
        await self.fill(letter, **resident)
        await self._press()
        await self.again()

    async def correct(self, letter: str, number: str) -> None:
        """Open a letter that waits on the device, and file it under another number."""
        await self.page.get_by_role("link", name=f"Buka dan perbaiki: Bumu Ayu · {letter}").click()
        await expect(self.field("letter.number")).to_have_value(letter)
        await self.field("letter.number").fill(number)
        await self._press()

    async def _press(self) -> None:
        await self.page.get_by_role("button", name="Ajukan permohonan").click()
        await self.page.wait_for_selector("#hasil:visible")

    async def again(self) -> None:
        """On to the next."""
        await self.page.get_by_role("button", name="Ajukan lagi").click()
        await self.page.wait_for_selector("#formulir:visible")

    async def answers(self, sentence: str) -> None:
        """The page says so, on top."""
        await self.page.wait_for_selector(f'#jawaban:has-text("{sentence}")', timeout=60_000)

    async def entries(self, state: str) -> list[str]:
        """The letters of the queue in a state, from the top."""
        titles = await self.page.locator(f"[data-antrean=entries] li[data-state={state}] strong").all_inner_texts()
        return [title.rpartition(" · ")[2] for title in titles]


async def filed(system: System, prefix: str) -> list[dict[str, Any]]:
    """The requests whose letter number begins so, in the order they came."""
    headers = {"Authorization": f"Bearer {system.token(Role.OPERATOR, WILAYAH)}"}
    async with httpx.AsyncClient(base_url=system.url("requests"), headers=headers) as http:
        answer = await http.get("/requests", params={"limit": 200})
    items = [item for item in answer.json()["items"] if item["letter_number"].startswith(prefix)]
    return list(reversed(items))


async def letters(system: System, prefix: str) -> list[str]:
    """Their letter numbers."""
    return [item["letter_number"] for item in await filed(system, prefix)]


async def log_in_again(page: Page, system: System, subject: str) -> None:
    """Log in by the page that asks for it, and come back to the form."""
    await page.get_by_text("Tempel token").click()
    await page.get_by_label("Token").fill(system.token(Role.OPERATOR, WILAYAH, subject))
    await page.get_by_role("button", name="Masuk").click()
    await page.wait_for_url(f"**{PATH}")
    await page.wait_for_selector("#formulir:visible")


async def stored(page: Page) -> str:
    """All that the device keeps, as whoever takes its disk reads it."""
    return str(
        await page.evaluate(
            """async () => {
              const db = await new Promise((done) => {
                indexedDB.open('jemput-bola').onsuccess = (event) => done(event.target.result);
              });
              const read = (store) => new Promise((done) => {
                db.transaction(store).objectStore(store).getAll().onsuccess = (event) => done(event.target.result);
              });
              const plain = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value)
                ? new TextDecoder('latin1').decode(value)
                : value instanceof CryptoKey ? `key ${value.extractable}`
                : value && typeof value === 'object' ? Object.entries(value).map(([k, v]) => k + plain(v)).join()
                : String(value);
              return plain([...await read('antrean'), ...await read('catatan')]);
            }"""
        )
    )
