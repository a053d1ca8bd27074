"""The first start of `up` finds days of content; later ones, and those that were broken off, say what they do."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from lab import seeding
from lab.seeding import BEGUN, CITY, mark_used, note_of, seed
from ops.platform.external import DATABASE_URL
from ops.system import System
from shared.security.auth import Role

ROOT = Path(__file__).parents[2]
IN_A_PROCESS = """
import sys; from pathlib import Path; from rich.console import Console; from lab.seeding import seed
seed(Console(), Path(sys.argv[1]))
"""


@pytest.fixture
def console() -> Console:
    return Console(record=True, width=200)


@pytest.fixture
def said(console: Console) -> Callable[[], str]:
    """What was printed since this was last asked."""
    return console.export_text


def _listed(system: System) -> list[str]:
    """The requests of Rejang Lebong, as its operator sees them."""
    headers = {"Authorization": f"Bearer {system.token(Role.OPERATOR, '17.02')}"}
    answer = httpx.get(f"{system.url('requests')}/requests", headers=headers).raise_for_status()
    return [each["request_id"] for each in answer.json()["items"]]


def _subscriptions(system: System) -> set[str]:
    """How the province's subscriptions stand."""
    headers = {"Authorization": f"Bearer {system.token(Role.PROVINCIAL, '17')}"}
    answer = httpx.get(f"{system.url('notify')}/subscriptions", headers=headers).raise_for_status()
    return {each["state"] for each in answer.json()["items"]}


@pytest.mark.long
@pytest.mark.timeout(300)
def test_the_first_start_has_content_which_the_next_keeps(
    tmp_path: Path, console: Console, said: Callable[[], str]
) -> None:
    seed(console, tmp_path, 3)
    assert "3 hari disimulasikan: " in said()
    seed(console, tmp_path, 3)
    assert "tanpa simulasi baru" in said()
    # Data of a version that left no note.
    note_of(tmp_path).unlink()
    seed(console, tmp_path, 3)
    assert "tanpa simulasi baru" in said()
    with System(tmp_path, settings={"TICK_EVERY": "60"}) as system:
        assert _listed(system)
        assert _subscriptions(system) == {"ended"}, "the simulation's own receiver is gone"


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_simulation_that_was_interrupted_leaves_nothing(
    tmp_path: Path, console: Console, said: Callable[[], str]
) -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", IN_A_PROCESS, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    try:
        assert running.stdout is not None
        next(line for line in running.stdout if "(1/30)" in line)
        running.send_signal(signal.SIGINT)
        assert "`make up` memulainya lagi" in running.communicate(timeout=60)[0]
    finally:
        running.kill()
        running.wait()
    assert running.returncode != 0
    assert note_of(tmp_path).read_text() == BEGUN
    seed(console, tmp_path, 0)
    told = said()
    assert "terhenti di tengah jalan; datanya dihapus" in told
    assert "Tanpa simulasi (EMPTY=1)" in told
    assert not note_of(tmp_path).parent.exists()


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_simulation_that_fails_says_so_and_leaves_nothing(
    tmp_path: Path, console: Console, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Inventory refuses to open an office with less than nothing.
    monkeypatch.setattr(seeding, "CITY", replace(CITY, opening=-1))
    seed(console, tmp_path, 3)
    told = said()
    assert "Simulasi gagal: 422: opening/17.02" in told
    assert "sistem tetap dimulai, tanpa data" in told
    assert not note_of(tmp_path).parent.exists()


def test_servers_of_others_get_no_simulated_data(
    tmp_path: Path, console: Console, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE_URL, "postgresql://nobody@127.0.0.1:1/nothing")
    seed(console, tmp_path, 3)
    assert "bukan milik klon ini" in said()


def test_data_that_somebody_used_are_never_removed(tmp_path: Path, console: Console, said: Callable[[], str]) -> None:
    note_of(tmp_path).parent.mkdir(parents=True)
    note_of(tmp_path).write_text(BEGUN)
    mark_used(tmp_path)
    seed(console, tmp_path, 3)
    assert "tanpa simulasi baru" in said()
    seed(console, tmp_path, 0)
    assert "Tanpa simulasi (EMPTY=1)" in said()
    assert note_of(tmp_path).exists()
