"""A trial says on every page that it is one; a system in production does not."""

import re
from pathlib import Path

import httpx
import pytest

from services.requests.app import build
from services.requests.settings import Settings
from tests.services.requests.desk import key_file
from tests.support.serving import app_of
from tests.support.signers import Signer, jwks

ROOT = Path(__file__).parents[4]
SAID = {"id": "Uji coba:</strong>", "en": "Trial:</strong>"}
PAGES = ("/", "/lacak", "/masuk", "/tidak-ada", "/permohonan/kerangka/{language}")


@pytest.mark.parametrize("environment", ["development", "production"])
async def test_every_page_of_a_trial_says_that_it_is_one(tmp_path: Path, environment: str) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text(jwks(Signer.new()))
    settings = Settings(
        database_url="postgresql://nobody@127.0.0.1:1/nothing",
        kafka_bootstrap_servers="127.0.0.1:1",
        jwks_file=keys,
        person_key_file=key_file(tmp_path),
        session_key_file=None,
        environment=environment,
    )
    app = app_of(build(settings))
    headers = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://portal", headers=headers
    ) as browser:
        for language, words in SAID.items():
            for page in PAGES:
                answer = await browser.get(page.format(language=language), params={"bahasa": language})
                if answer.headers["content-type"].startswith("text/html"):
                    assert (words in answer.text) is (environment == "development"), page
                else:
                    assert page == "/masuk", page  # nobody logs in without a key of sessions


def test_every_page_stands_in_the_frame() -> None:
    whole = [
        file.name
        for room in ("services", "shared")
        for file in (ROOT / room).rglob("*.html.j2")
        if re.search(r"<html|<body", file.read_text())
    ]
    assert whole == ["frame.html.j2"]
