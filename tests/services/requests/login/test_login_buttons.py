"""A development system offers logins as buttons; a system in production cannot be told to."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from structlog.testing import capture_logs

from ops.system import Issuer, logins
from services.requests.settings import Settings
from shared.reference.offices import Offices
from shared.security.auth import Role
from tests.services.requests.desk import key_file
from tests.services.requests.login.office import open_office
from tests.support.servers.provider import Browser

BUTTON = re.compile(r'name="sebagai" value="([^"]*)">([^<]*)(?: <span>([^<]*)</span>)?</button>')
OPERATOR = "operator:17.02"


@pytest.fixture
def file(issuer: Issuer) -> Path:
    return logins.write(issuer)


@pytest.fixture
def tokens(file: Path) -> list[str]:
    return file.read_text().split()


@pytest.fixture
async def app(
    database: Callable[[str], Awaitable[str]], tmp_path: Path, issuer: Issuer, file: Path
) -> AsyncIterator[FastAPI]:
    app, db = await open_office(await database("requests"), tmp_path, issuer, development_logins_file=file)
    yield app
    await db.close()


async def test_each_role_of_each_office_has_a_button_without_a_token(app: FastAPI, tokens: list[str]) -> None:
    form = (await Browser(app).open("/masuk?kembali=/uji")).text
    buttons = {name: (role, place) for name, role, place in BUTTON.findall(form)}
    assert buttons[OPERATOR] == ("Petugas kelurahan", "semua kelurahan")
    assert buttons["operator:17.02.06.1004"] == ("Petugas kelurahan", "Kota Padang")
    assert buttons["provincial:32"] == ("Provinsi", "Jawa Barat")
    assert buttons["ops:"] == ("Pengelola sistem", "")
    ours = ("operator", "dispatcher", "officer", "print_operator", "storekeeper")
    assert {f"{role}:{office.code}" for role in ours for office in Offices.load()} <= buttons.keys()
    assert all(office.name in form for office in Offices.load())
    assert not any(token in form for token in tokens)


async def test_a_button_logs_in_as_its_role_and_leaves_no_token(app: FastAPI, tokens: list[str]) -> None:
    browser = Browser(app)
    with capture_logs() as logs:
        assert (await browser.send("/masuk", {"sebagai": OPERATOR}, site="cross-site")).status_code == 403
        taken = await browser.send("/masuk", {"sebagai": OPERATOR, "kembali": "/uji"})
    assert (taken.status_code, taken.headers["location"]) == (303, "/uji")
    assert (await browser.open("/uji")).json() == {"subject": OPERATOR, "wilayah": "17.02"}
    said = f"{logs} {taken.headers} {taken.text}"
    assert not any(token in said for token in tokens)


@pytest.mark.parametrize("name", ["operator:11.01", "ops", "*", "\0"])
async def test_a_name_without_a_button_logs_nobody_in(app: FastAPI, name: str) -> None:
    answer = await Browser(app).send("/masuk", {"sebagai": name})
    assert answer.status_code == 422
    assert "tombol ini tidak berlaku lagi" in answer.text
    assert "set-cookie" not in answer.headers


async def test_tokens_that_do_not_count_have_no_button(
    database: Callable[[str], Awaitable[str]], tmp_path: Path, issuer: Issuer
) -> None:
    foreign = Issuer(tmp_path / "foreign")
    foreign.ensure()
    file = tmp_path / "logins"
    old = issuer.token(Role.OPERATOR, "17.71", ttl=timedelta(minutes=-1))
    file.write_text("\n".join([old, foreign.token(Role.OPS), "bukan", issuer.token(Role.OFFICER, "17.02")]))
    app, db = await open_office(await database("requests"), tmp_path, issuer, development_logins_file=file)
    form = (await Browser(app).open("/masuk")).text
    assert [name for name, _, _ in BUTTON.findall(form)] == ["officer:17.02"]
    await db.close()


async def test_production_has_no_buttons_and_takes_none(app: FastAPI) -> None:
    app.state.production = True
    browser = Browser(app)
    assert not BUTTON.findall((await browser.open("/masuk")).text)
    assert (await browser.send("/masuk", {"sebagai": OPERATOR})).status_code == 404


def test_a_system_in_production_refuses_the_setting(tmp_path: Path, issuer: Issuer, file: Path) -> None:
    def told(environment: str) -> Settings:
        return Settings(
            database_url="postgresql://nobody@127.0.0.1:1/nothing",
            kafka_bootstrap_servers="127.0.0.1:1",
            jwks_file=issuer.jwks_file,
            person_key_file=key_file(tmp_path),
            development_logins_file=file,
            environment=environment,
        )

    assert file.stat().st_mode & 0o077 == 0
    assert told("development").development_logins_file == file
    with pytest.raises(ValidationError, match="DEVELOPMENT_LOGINS_FILE"):
        told("production")
