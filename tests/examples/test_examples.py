"""Each example of docs/examples does what its header says, on a running system, in both languages."""

import signal
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ops.system import QuiescenceMonitor, System
from shared.security.auth import Role
from tests.browser.support.town import OFFICE
from tests.examples.office import COUNTED, Staff
from tests.examples.running import LossyConnection, example, folder_with_packages
from tests.support.kafka import send_raw

pytestmark = pytest.mark.long
NOW = datetime.now(ZoneInfo("Asia/Jakarta")).replace(microsecond=0)
UNKNOWN = "id.jemputbola.StockCounted.v9"
STAGES = ["filed", "accepted", "scheduled", "visited", "recorded", "print_ready", "printed", "handed_over"]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One system for all; each test has an office of its own."""
    with System(tmp_path_factory.mktemp("system"), fresh=True, gateway=True) as running:
        yield running


@pytest.fixture(scope="module")
async def staff(system: System) -> AsyncIterator[Staff]:
    at_work = Staff(system, NOW)
    async with at_work.http:
        yield at_work


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_with_packages(tmp_path_factory.mktemp("examples") / "examples")


@pytest.mark.parametrize(("file", "kelurahan"), [("portal.py", "17.02.06.1004"), ("portal.mjs", "17.02.06.1015")])
async def test_a_portal_files_once_and_follows(
    system: System, staff: Staff, folder: Path, file: str, kelurahan: str
) -> None:
    variables = {"TOKEN": system.token(Role.OPERATOR, kelurahan), "KELURAHAN": kelurahan, "POLL_SECONDS": "0.1"}
    async with LossyConnection(system) as line, example(folder / file, URL=line.url, **variables) as portal:
        request_id = (await portal.line("filed ")).split()[1].removesuffix(",")
        assert line.lost == 1
        assert "no answer, asking again" in portal.printed
        assert "  residents.0.sex: harus salah satu dari: 'L' atau 'P'" in portal.printed
        filed = await staff.ask("requests", "GET", f"/requests?kelurahan={kelurahan}", Role.OPERATOR)
        assert [item["request_id"] for item in filed["items"]] == [request_id]
        await staff.hand_over(request_id)
        printed, _ = await portal.ended()
    assert [line.split()[1] for line in printed.splitlines()] == STAGES


@pytest.mark.parametrize(("file", "office"), [("province.py", "32.74"), ("province.mjs", "53.71")])
async def test_a_province_believes_what_is_signed(
    system: System, staff: Staff, folder: Path, file: str, office: str
) -> None:
    assert system.caddy is not None
    province = office[:2]
    variables = {"TOKEN": system.token(Role.SUBSCRIBER, province), "PROVINCE": province}
    async with example(folder / file, URL=system.caddy.url, **variables) as receiver:
        url = (await receiver.line("subscribed ")).split()[-1]
        await receiver.line("challenge answered")
        forged = await staff.http.post(url, json={"type": "id.jemputbola.AlertRaised.v1"})
        assert forged.status_code == 401
        await receiver.line("a message without a good signature")
        await staff.receive(office, 40, NOW)
        told = await receiver.line(f"{NOW.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H:%M}")
        assert told.split()[1:3] == ["id.jemputbola.AlertRaised.v1", office]
        receiver.process.send_signal(signal.SIGINT)
        assert (await receiver.ended())[0] == "subscription ended\n"


@pytest.fixture(scope="module")
async def reported(system: System, staff: Staff) -> str:
    """The row of a day that was reported and corrected. An event that no version knows is in the topic too."""
    async with QuiescenceMonitor(system) as quiet:
        await staff.report(NOW - timedelta(days=1))
        await quiet.wait()
    headers = [("ce_type", UNKNOWN.encode())]
    await send_raw(system.bootstrap_servers, "stock", [{"value": b"{}", "key": OFFICE.encode(), "headers": headers}])
    return f"{COUNTED},{NOW - timedelta(days=1):%Y-%m-%d},0,510,0,0,510"


@pytest.mark.parametrize("file", ["analyst.py", "analyst.mjs"])
async def test_an_analyst_skips_unknown_events(system: System, folder: Path, reported: str, file: str) -> None:
    async with example(folder / file, BROKERS=system.bootstrap_servers) as analyst:
        table, skipped = await analyst.ended()
    assert table.splitlines()[0] == "office,day,opening,received,printed,spoiled,closing"
    assert reported in table.splitlines()
    assert f"skipped 1 of {UNKNOWN}" in skipped.splitlines()
