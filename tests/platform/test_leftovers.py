"""A run that was killed leaves nothing behind, or the next one mends it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from ops.platform import PlatformError, PostgresServer, is_free
from ops.platform.postgres import binaries
from ops.platform.process.ports import HOST, PortBook
from ops.platform.process.tree import PidFile

ROOT = Path(__file__).parents[2]
RUN = """
import sys, time
from pathlib import Path
from ops.platform import PostgresServer
from ops.platform.process import spawn
if sys.argv[2] == "orphan":
    spawn.die_with_parent = lambda: None
server = PostgresServer(Path(sys.argv[1]))
server.start()
server.psql("create table kept (id int)")
print(server.port, server.pid, flush=True)
time.sleep(60)
"""


def killed_run(folder: Path, kind: str) -> tuple[int, int]:
    """A process that starts a server and is killed; the server's port and pid."""
    command = [sys.executable, "-c", RUN, str(folder), kind]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        port, pid = map(int, run.stdout.readline().split())
        run.send_signal(signal.SIGKILL)
    return port, pid


def wait_until_gone(pid: int) -> bool:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's death signal is Linux's")
def test_the_kernel_ends_the_servers_of_a_killed_run(postgres: PostgresServer) -> None:
    _, pid = killed_run(postgres.folder, "owned")
    assert wait_until_gone(pid)


def test_a_leftover_is_recognised_and_ended(postgres: PostgresServer) -> None:
    port, pid = killed_run(postgres.folder, "orphan")
    assert psutil.Process(pid).is_running()
    postgres.start()
    assert wait_until_gone(pid)
    assert postgres.port == port
    assert postgres.psql("select count(*) from kept") == "0"


def test_a_stranger_with_a_remembered_pid_is_left_alone(tmp_path: Path) -> None:
    mine = PidFile(tmp_path / "server.pid")
    mine.write(os.getpid())
    mine.path.write_text(mine.path.read_text().replace('"started": ', '"started": 1'))
    assert mine.live_pid() is None
    assert mine.end_leftover() is None


def test_a_taken_port_is_refused_by_name(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        server = PostgresServer(tmp_path / "postgres", port=port)
        with pytest.raises(PlatformError, match=rf"port {port}, which PostgreSQL needs, is taken by .*{os.getpid()}"):
            server.start()
    server.wipe()


def test_a_taken_port_is_replaced_before_the_first_start(tmp_path: Path) -> None:
    (port,) = PortBook(tmp_path / "ports.json").settle("broker")
    assert PortBook(tmp_path / "ports.json").settle("broker") == [port]
    with socket.create_server((HOST, port)):
        assert not is_free(port)
        (other,) = PortBook(tmp_path / "ports.json").settle("broker")
    assert other != port
    assert PortBook(tmp_path / "ports.json").settle("broker") == [other]


def test_the_public_half_of_a_vanished_folder_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "PUBLIC", tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept, gone, stranger = (binaries.public_folder(tmp_path / name) for name in ("kept", "gone", "stranger"))
    (tmp_path / "kept").mkdir()
    stranger.mkdir()
    binaries.make_public(gone, made_for=tmp_path / "gone")
    assert gone.exists()
    shutil.rmtree(tmp_path / "gone")
    binaries.make_public(kept, made_for=tmp_path / "kept")
    assert (kept.exists(), gone.exists(), stranger.exists()) == (True, False, True)


def test_a_new_folder_at_an_old_path_starts_without_old_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "PUBLIC", tmp_path)
    clone = tmp_path / "clone"
    home = binaries.public_folder(clone)
    binaries.make_public(home, made_for=clone)
    (home / "data").mkdir()
    binaries.make_public(home, made_for=clone)
    assert (home / "data").exists()
    shutil.rmtree(clone)
    binaries.make_public(home, made_for=clone)
    assert not (home / "data").exists()


def test_a_failed_start_quotes_the_log(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path / "postgres", settings={"max_connections": "many"})
    with pytest.raises(PlatformError, match=r"last log lines:\n.*max_connections") as failure:
        server.start()
    assert str(server.log_path) in failure.value.remedy
    assert not server.running
    server.wipe()


def test_stop_leaves_no_process(postgres: PostgresServer) -> None:
    postgres.start()
    family = [postgres.pid, *(child.pid for child in psutil.Process(postgres.pid).children(recursive=True))]
    postgres.pause()
    postgres.stop()
    assert all(wait_until_gone(pid) for pid in family)
