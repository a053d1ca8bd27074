"""Photos of papers as an operator takes them: small before they leave the device, and not lost on a bad line."""

from io import BytesIO
from os import urandom
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.async_api import expect

from ops.system import System
from shared.security.auth import Role
from tests.browser.support.filing import WILAYAH, Form, device, filed, origin, stored
from tests.browser.support.pages import IN_A_BROWSER, sound

pytestmark = [*IN_A_BROWSER, pytest.mark.timeout(300)]
SENT = "Semua permohonan dari perangkat ini sudah terkirim."
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 64 * 1024, "uploadThroughput": 64 * 1024}
KB, MB = 1024, 1024 * 1024


@pytest.fixture(scope="module")
def system(portal: System) -> System:
    return portal


def photo(folder: Path) -> Path:
    """A paper as a phone of today takes it: 12 megapixels and just under 10 MB, most of it the sensor's noise."""
    picture = Image.new("RGB", (4000, 3000), (236, 234, 228))
    ImageDraw.Draw(picture).multiline_text(
        (300, 300), "\n".join(["SURAT KEHILANGAN sintetis"] * 20), "black", font_size=90
    )
    noise = Image.frombytes("L", picture.size, urandom(4000 * 3000)).convert("RGB")
    picture, quality, content = Image.blend(picture, noise, 0.16), 98, BytesIO()
    picture.save(content, "JPEG", quality=quality)
    file = folder / "surat.jpg"
    file.write_bytes(content.getvalue())
    return file


async def attached(system: System, letter: str) -> list[dict[str, Any]]:
    """What is attached to the first resident of a letter."""
    [request] = await filed(system, letter)
    headers = {"Authorization": f"Bearer {system.token(Role.OPERATOR, WILAYAH)}"}
    async with httpx.AsyncClient(base_url=system.url("requests"), headers=headers) as http:
        whole = (await http.get(f"/requests/{request['request_id']}")).json()
        to = f"/requests/{request['request_id']}/cases/{whole['cases'][0]['case_id']}/attachments"
        items: list[dict[str, Any]] = (await http.get(to)).json()["items"]
    return items


@pytest.mark.long
async def test_a_photo_of_10_mb_arrives_over_64_kb_a_second(system: System, tmp_path: Path) -> None:
    big = photo(tmp_path)
    assert 8 * MB < big.stat().st_size < 12 * MB
    async with device() as context:
        form = await Form.enter(context, system, "besar")
        await form.file("470/besar")
        [request] = await filed(system, "470/besar")
        page = form.page
        await page.goto(f"{origin(system)}/permohonan/{request['request_id']}")
        await page.get_by_text("Lampiran", exact=True).click()
        await expect(page.locator(".attachments")).to_contain_text("Belum ada lampiran.")
        line = await context.new_cdp_session(page)
        await line.send("Network.enable")
        await line.send("Network.emulateNetworkConditions", SLOW)
        await page.get_by_label("Pilih foto atau PDF").set_input_files(big)
        await page.get_by_role("button", name="Lampirkan").click()
        await expect(page.locator(".sending")).to_contain_text("KB terkirim", timeout=30_000)
        await expect(page.locator("#kabar")).to_contain_text("Lampiran tersimpan.", timeout=120_000)
        [paper] = await attached(system, "470/besar")
        assert 60 * KB < paper["size"] < 400 * KB


async def test_a_photo_taken_offline_waits_sealed_with_its_request(system: System, tmp_path: Path) -> None:
    file = tmp_path / "surat.png"
    Image.new("RGB", (60, 40), "white").save(file)
    pdf = tmp_path / "palsu.pdf"
    pdf.write_text("bukan PDF")
    async with device() as context:
        form = await Form.enter(context, system, "foto")
        await context.set_offline(True)
        await form.fill("470/foto")
        photos = form.page.locator(".photos")
        await photos.locator("select").select_option(label="Surat kehilangan dari kepolisian")
        await form.page.get_by_label("Pilih foto atau PDF").set_input_files(file)
        await expect(photos.locator("li")).to_contain_text("Surat kehilangan dari kepolisian")
        # The paper was shown, so it is ticked.
        assert await form.page.locator("[name='residents.0.documents'][value=surat_kehilangan]").is_checked()
        await form.page.get_by_label("Pilih foto atau PDF").set_input_files(pdf)
        await expect(photos.locator("li")).to_have_count(2)
        await sound(form.page, "form-photos")
        await form.page.wait_for_selector("#simpanan:not([data-unsaved]):has-text('Draf tersimpan')")
        await form.page.reload()
        await expect(photos.locator("li")).to_have_count(2)
        await form.page.get_by_role("button", name="Ajukan permohonan").click()
        await form.page.wait_for_selector("#hasil:visible")
        assert "PNG" not in await stored(form.page)
        await context.set_offline(False)
        queue = form.page.locator(".queue")
        await expect(queue).to_contain_text("isi file bukan JPEG, PNG atau PDF", timeout=60_000)
        assert [item["document"] for item in await attached(system, "470/foto")] == ["surat_kehilangan"]
        await queue.get_by_role("button", name="Sudah dibaca").click()
        await form.answers(SENT)
        assert not await form.page.evaluate(
            """() => new Promise((done) => {
              indexedDB.open('jemput-bola').onsuccess = ({ target }) => {
                const asked = target.result.transaction('catatan').objectStore('catatan').getAllKeys();
                asked.onsuccess = () => done(asked.result.filter((name) => name.startsWith('foto/')).length);
              };
            })"""
        )
