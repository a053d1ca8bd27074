"""The privacy grep: a full story, then every value of every resident is looked for in all that came out."""

import asyncio
import io
import json
import stat
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from lab.simulate.webhook import Receiver
from ops.cli import app
from ops.platform import PlatformError
from ops.privacy import connections
from ops.system import SERVICES, System
from services.notify.adapters.webhook_client import signed_headers
from shared.contract.ids import new_id
from shared.security.auth import Role
from tests.privacy.finding import finds, whose
from tests.privacy.office import Collector, Leaky, Office
from tests.privacy.people import BRAMANTIO, ELSEWHERE, ZULAIKHA
from tests.privacy.story import Story, case_of
from tests.support.kafka import send_raw

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


class Told:
    """The office after its story, and what each channel held then."""

    def __init__(self, office: Office, story: Story, receiver: "Listening") -> None:
        self.office, self.story, self.receiver = office, story, receiver
        self.emitted = {name: read() for name, read in office.channels.items()}


class Listening:
    """The province's receiver, in a loop of its own."""

    def __init__(self, webhooks: list[str]) -> None:
        self.receiver = Receiver()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self.receiver.start(), self._loop).result()
        self._webhooks = webhooks

    def heard(self) -> list[str]:
        self._webhooks[:] = [json.dumps(body) for body in self.receiver.received.values()]
        return self._webhooks

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.receiver.stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder, traces = tmp_path_factory.mktemp("office"), Collector()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LOG_LEVEL", "DEBUG")
        environment.setenv("AUDIT_SEAL_SECONDS", "0.5")
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", traces.url)
        environment.setattr(connections, "DEFAULT_DATA", folder)
        with System(folder, fresh=True) as system:
            office = Office(folder, system, traces)
            listening = Listening(office.webhooks)
            office.caddy.start()
            try:
                yield _tell(office, listening)
            finally:
                office.caddy.stop()
                office.http.close()
                listening.stop()
                traces.stop()
        system.platform.clean()


def _tell(office: Office, listening: Listening) -> Told:
    story = Story(office)
    story.stock(listening.receiver)
    story.filing()
    story.refusals()
    story.reading()
    story.field()
    story.trouble()
    rights(story, office)
    assert listening.heard()
    return Told(office, story, listening)


def ops(*arguments: str, stdin: str = "") -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(stdin))
        return app(list(arguments))


def rights(story: Story, office: Office) -> None:
    """A resident asks for everything, and then to be forgotten; the keys are changed besides."""
    out = office._folder / "warga.json"
    ops("privacy", "export", "--subject=-", "--out", str(out), stdin=f"{BRAMANTIO.nik}\n")
    given = json.loads(out.read_text())
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    [file] = given["Berkas"]
    assert file["Data pribadi"]["Nama lengkap"] == BRAMANTIO.name
    assert len(file["Kunjungan"]) == len(file["Pencetakan"]) == len(file["Mutasi blanko"]) == 1
    assert [row["act"] for row in file["Siapa membuka data ini"]] == ["exported"]
    out.unlink()
    ops("privacy", "rotate")
    ops("privacy", "rotate", "--index")
    ops("privacy", "new-master", "kedua")
    case = case_of(story, ZULAIKHA)
    ops("privacy", "erase", "--case", case)
    path = f"requests/cases/{case}/person"
    assert story.get(path, Role.OFFICER, purpose="koreksi").status_code == 200
    ops("privacy", "erase", "--subject=-", "--yes", stdin=f"{ZULAIKHA.nik}\n")
    assert story.get(path, Role.OFFICER, purpose="koreksi").status_code == 404
    assert ops("audit", "verify") == 0
    ops("audit", "list", "--case", case)
    with pytest.raises(PlatformError, match="process list"):
        ops("privacy", "export", f"--subject={ZULAIKHA.nik}")


def test_nobody_is_found_anywhere(told: Told) -> None:
    for channel, texts in told.emitted.items():
        assert finds(texts) == [], channel
    looked_at = {channel: len(texts) for channel, texts in told.emitted.items()}
    print(f"\nprivacy grep: texts looked at: {looked_at}, finds: 0")
    assert all(count > 0 for channel, count in looked_at.items())


Plant = Callable[[Told], None]


def in_a_url(told: Told) -> None:
    told.story.get("requests/requests", Role.OPERATOR, kelurahan=ELSEWHERE.nik or "")


def in_a_statement(told: Told) -> None:
    with pytest.raises(PlatformError):
        told.office.system.platform.postgres.psql(f"select nik from nobody where nik = '{ELSEWHERE.nik}'")  # noqa: S608


def in_a_metric(told: Told) -> None:
    served = Collector()
    served.page = f'filings_total{{name="{ELSEWHERE.name}"}} 1'
    told.office.metrics.append(served.url)


def in_a_span(told: Told) -> None:
    httpx.post(f"{told.office.traces.url}/v1/traces", content=f"span {ELSEWHERE.address}".encode())


def in_an_answer(told: Told) -> None:
    served = Collector()
    served.page = f"lahir {ELSEWHERE.birth_date:%d/%m/%Y}"
    told.office.http.get(served.url)
    served.stop()


def in_a_webhook(told: Told) -> None:
    body = json.dumps({"phone": ELSEWHERE.phone})
    headers = signed_headers(told.receiver.receiver.secret, new_id(), body)
    assert httpx.post(told.receiver.receiver.url, content=body, headers=headers).status_code == 204
    told.receiver.heard()


def in_a_record(part: str) -> Plant:
    def plant(told: Told) -> None:
        word = (ELSEWHERE.nik or "").encode()
        record = {
            "value": word if part == "value" else b"{}",
            "key": word if part == "key" else b"x",
            "headers": [("x", word if part == "header" else b"")],
        }
        asyncio.run(send_raw(told.office.system.bootstrap_servers, "dead-letters", [record]))

    return plant


def by_a_patched_service(told: Told) -> None:
    """It tells the name of whoever is filed, in its log and in a header of its events."""
    services = told.office.system.services
    healthy = services["requests"]
    if not isinstance(healthy, Leaky):
        healthy.stop()
        services["requests"] = Leaky(healthy.name, healthy.folder, healthy.port, healthy.settings)
        services["requests"].start()
    assert told.story.file(ELSEWHERE.body(nik=None)).status_code == 201
    told.story.quiet()


def in_a_column(service: str, statement: str) -> Plant:
    def plant(told: Told) -> None:
        told.office.system.platform.postgres.psql(statement.format(nik=ELSEWHERE.nik), service)

    return plant


PLANTED: list[tuple[str, Plant]] = [
    ("access log", in_a_url),
    ("log of PostgreSQL", in_a_statement),
    ("metrics", in_a_metric),
    ("traces", in_a_span),
    ("bodies", in_an_answer),
    ("webhooks", in_a_webhook),
    ("topics", in_a_record("key")),
    ("topics", in_a_record("header")),
    ("topics", in_a_record("value")),
    ("logs", by_a_patched_service),
    ("topics", by_a_patched_service),
    ("tables of requests", in_a_column("requests", "update request set letter_number = '{nik}'")),
    ("tables of requests", in_a_column("requests", "update command set answer = '{nik}'")),
    ("tables of requests", in_a_column("requests", "update person set sealed = '{nik}'::bytea")),
    ("tables of dispatch", in_a_column("dispatch", "update cases set deferred = '{nik}'")),
    ("tables of inventory", in_a_column("inventory", "insert into account (name, balance) values ('x:{nik}', 0)")),
    ("tables of notify", in_a_column("notify", "update subscription set url = 'https://x/{nik}'")),
]


@pytest.mark.parametrize(("channel", "plant"), PLANTED)
def test_a_planted_leak_is_found(told: Told, channel: str, plant: Plant) -> None:
    before = len(told.office.channels[channel]())
    plant(told)
    texts = told.office.channels[channel]()
    assert whose(finds(texts), ELSEWHERE), f"{channel}: {before} texts before, {len(texts)} after"


def test_every_channel_has_a_planted_leak(told: Told) -> None:
    assert {channel for channel, _ in PLANTED} == set(told.office.channels)
    assert set(SERVICES) == {c.removeprefix("tables of ") for c, _ in PLANTED if c.startswith("tables")}
