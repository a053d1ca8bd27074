"""The whole system, started and stopped as a person does it."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from lab.simulate import CITIES, ServiceClient, Simulator, Story, judge, simulate
from lab.simulate.outcome.verdict import to_json
from lab.simulate.run import story_of
from ops.system import SERVICES, QuiescenceMonitor, System

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]


def told(folder: Path, seed: int) -> Story:
    with System(folder, fresh=True) as system:
        return asyncio.run(simulate(system, CITIES["rejang-lebong"], days=4, seed=seed))


@pytest.mark.timeout(300)
def test_the_same_seed_tells_the_same_story(tmp_path: Path) -> None:
    first, second = told(tmp_path / "a", 7), told(tmp_path / "b", 7)
    assert to_json(first) == to_json(second)
    assert first.total("printed") == first.total("prints") > 60
    assert all(day.balances for day in first.days)


async def nobody_is_there(day: date) -> None:
    """The province's desk on a day on which it answers nothing."""


async def three_days_without_the_province(system: System) -> Story:
    """On Tuesday's prints the stock gets low."""
    city = replace(CITIES["rejang-lebong"], opening=235, residents_a_day=(12, 14))
    urls = {name: system.url(name) for name in SERVICES}
    async with ServiceClient(urls, system.token, seed=5) as client, QuiescenceMonitor(system) as monitor:
        simulator = Simulator(city, seed=5, client=client, wait_quiescent=monitor.wait, days=3)
        simulator.supply.morning = nobody_is_there  # type: ignore[method-assign]
        return await story_of(simulator)


@pytest.mark.timeout(300)
def test_an_answer_due_is_missed_and_a_later_one_is_under_way(tmp_path: Path) -> None:
    with System(tmp_path, fresh=True) as system:
        verdict = judge(asyncio.run(three_days_without_the_province(system)))
    assert verdict.problems == ["peringatan MENIPIS 7 Apr tidak ditanggapi, paling lambat Rab, 8 Apr 08.05"]
    assert [line for line in verdict.under_way if line.endswith("kunjungan terjadwal, mulai 9 Apr")]


def _to_the_job(running: subprocess.Popen[str]) -> None:
    os.killpg(running.pid, signal.SIGINT)


def _to_make_alone(running: subprocess.Popen[str]) -> None:
    running.send_signal(signal.SIGTERM)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("stop", [_to_the_job, _to_make_alone])
def test_make_up_in_a_background_job_stops_and_leaves_nothing(stop: Callable[[subprocess.Popen[str]], None]) -> None:
    running = subprocess.Popen(
        ["make", "up"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "EMPTY": "1"},
        start_new_session=True,
        # As a shell starts a job in its background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    group: list[int] = []
    try:
        assert running.stdout is not None
        for line in running.stdout:
            if "berjalan di" in line:
                break
        group = _descendants(running.pid)
        assert len(group) >= 8  # the command, Kafka, PostgreSQL, four services, Caddy
        stop(running)
        assert running.wait(60) != 0
        until = time.monotonic() + 15
        while (left := [pid for pid in group if _lives(pid)]) and time.monotonic() < until:
            time.sleep(0.05)
        assert left == []
    finally:
        # One that did not end would be in the way of the next: its servers go with the command.
        for pid in [running.pid, *group[:1]]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        running.wait()


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_descendants(int(child))]
    return found


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
