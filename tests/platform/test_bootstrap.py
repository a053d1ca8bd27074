"""Whatever keeps bootstrap from finishing, it says what to do, and the next run goes on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops import bootstrap

ROOT = Path(__file__).parents[2]
SCRIPT = Path("ops") / "bootstrap.py"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with the script and the locks, and no .venv."""
    (tmp_path / "ops").mkdir()
    shutil.copy(ROOT / SCRIPT, tmp_path / "ops")
    # What would hide the standard library's module of this name.
    (tmp_path / "ops" / "platform").mkdir()
    (tmp_path / "ops" / "platform" / "__init__.py").write_text("raise SystemExit('the wrong platform module')")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def run(clone: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(SCRIPT), *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)


def finish(clone: Path, level: str) -> None:
    """Leave what a finished run leaves, as far as the next one looks at it."""
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    wanted = bootstrap.stamp_of(clone)
    stamp = {name: wanted[name] for name in ["uv", *bootstrap.LEVELS[level]]}
    bootstrap.write_stamp(clone / ".venv" / ".bootstrap.json", stamp)


@pytest.mark.parametrize("asked", ["dev", "ops"])
def test_a_second_run_returns_at_once(clone: Path, asked: str) -> None:
    finish(clone, "dev")
    before = time.monotonic()
    done = run(clone, asked)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - before < 1


def test_a_changed_lock_is_noticed(clone: Path) -> None:
    finish(clone, "ops")
    lock = clone / "requirements" / "ops.txt"
    lock.write_text(lock.read_text() + "\n# changed\n")
    stamp = json.loads((clone / ".venv" / ".bootstrap.json").read_text())
    assert stamp["ops"] != bootstrap.stamp_of(clone)["ops"]


def test_an_old_python_is_told_which_one_to_get(clone: Path) -> None:
    pretend = "import sys, runpy; sys.version_info = (3, 9, 2, 'final', 0); runpy.run_path(sys.argv.pop(1))"
    old = subprocess.run(
        [sys.executable, "-c", pretend, str(SCRIPT), "ops"],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert old.returncode == 1
    assert "Python 3.9 is too old" in old.stderr
    assert "make PYTHON=" in old.stderr


def test_no_network_is_explained_and_leaves_no_stamp(clone: Path) -> None:
    index = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_FIND_LINKS": "", "PIP_RETRIES": "0"}
    done = run(clone, "ops", **index)
    assert done.returncode == 1
    assert "the package index cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (clone / ".venv" / ".bootstrap.json").exists()


def test_ctrl_c_is_no_traceback_and_leaves_no_stamp(clone: Path) -> None:
    with subprocess.Popen(
        [sys.executable, str(SCRIPT), "ops"],
        cwd=clone,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as interrupted:
        assert interrupted.stderr is not None
        first = interrupted.stderr.readline()
        os.killpg(interrupted.pid, signal.SIGINT)
        rest = interrupted.stderr.read()
    assert "creating" in first
    assert interrupted.returncode == 130
    assert "interrupted; the next run goes on from here" in rest
    assert "Traceback" not in rest
    assert not (clone / ".venv" / ".bootstrap.json").exists()
    assert not bootstrap.usable(clone / ".venv")


def test_a_missing_ensurepip_names_the_package(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ops.bootstrap.importlib.util.find_spec", lambda _: None)
    assert bootstrap.main(["ops"], clone) == 1
    assert "apt install python3-venv" in capsys.readouterr().err


def test_a_full_disk_is_refused(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Full:
        free = 1_000_000

    monkeypatch.setattr("ops.bootstrap.shutil.disk_usage", lambda _: Full)
    assert bootstrap.main(["ops"], clone) == 1
    assert "free some disk" in capsys.readouterr().err


def test_a_wrong_argument_shows_the_usage(clone: Path) -> None:
    done = run(clone, "everything")
    assert (done.returncode, done.stderr) == (2, "usage: python3 ops/bootstrap.py ops|dev\n")


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("error: dns error: failed to lookup address information", "see to the network"),
        ("No space left on device (os error 28)", "the disk is full"),
        ("Hash mismatch for `x==1`", "differs from the lock"),
        ("x has no wheels with a matching platform tag (e.g., `musllinux`)", "no build for this system"),
        ("anything else", "read the lines above"),
    ],
)
def test_advice_follows_what_the_installer_printed(output: str, advice: str) -> None:
    assert advice in bootstrap.remedy_for(output)


def test_locks_name_contents_and_no_addresses() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        pinned = [line for line in lock.read_text().splitlines() if not line.lstrip().startswith("#")]
        assert pinned
        assert not any("://" in line for line in pinned)
