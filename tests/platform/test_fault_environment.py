"""The environment: a disk that is full, a network that is cut, and nothing left of either, even after a kill -9."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ops.platform import FaultEnvironment
from ops.platform.fault_environment.network import Network

ROOT = Path(__file__).parents[2]
PORT = 4711
LISTENER = (
    f"import socket; s = socket.create_server(('', {PORT})); print('ready', flush=True)\nwhile True: s.accept()"
)
PING = "import socket; s = socket.socket(); s.settimeout(2); print(s.connect_ex(('{}', 9)))"
HOLDER = (
    "import time; from ops.platform import FaultEnvironment\n"
    "with FaultEnvironment(1) as env: print(env.missing, flush=True); time.sleep(600)"
)


@pytest.fixture(scope="module")
def environment() -> Iterator[FaultEnvironment]:
    with FaultEnvironment(2) as made:
        if made.missing:
            pytest.skip(f"this machine has no environment: {made.missing}")
        yield made


@pytest.fixture
def network(environment: FaultEnvironment) -> Network:
    assert environment.network is not None
    return environment.network


@pytest.fixture
def listener(network: Network) -> Iterator[None]:
    """Somebody who listens at node 1."""
    command = [*network.enter(1), sys.executable, "-c", LISTENER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield
        process.kill()


def reached(network: Network, node: int) -> bool:
    try:
        socket.create_connection((network.host(node), PORT), timeout=0.5).close()
    except (TimeoutError, OSError):
        return False
    return True


def test_a_node_that_is_cut_off_is_silent_until_it_is_mended(network: Network, listener: None) -> None:
    assert reached(network, 1)
    network.cut(1)
    assert not reached(network, 1)
    network.restore(1)
    until = time.monotonic() + 10
    while not reached(network, 1):
        assert time.monotonic() < until


def test_a_node_that_is_cut_off_hears_no_other_node(network: Network) -> None:
    ping = [*network.enter(2), sys.executable, "-c", PING.format(network.host(1))]
    assert subprocess.check_output(ping, text=True).strip() == str(errno.ECONNREFUSED)
    network.cut(1)
    try:
        assert subprocess.check_output(ping, text=True).strip() != str(errno.ECONNREFUSED)
    finally:
        network.restore(1)


def test_a_full_disk_takes_nothing_more_until_it_is_freed(environment: FaultEnvironment) -> None:
    disk = environment.disks["kafka-2"]
    file = disk.path / "file"
    file.write_bytes(b"before")
    disk.fill()
    with pytest.raises(OSError, match="No space left") as refused:
        (disk.path / "another").write_bytes(bytes(1_000_000))
    assert refused.value.errno == errno.ENOSPC
    disk.free()
    file.write_bytes(bytes(1_000_000))
    assert file.stat().st_size == 1_000_000


def test_the_next_run_removes_what_a_killed_one_left(environment: FaultEnvironment) -> None:
    child = subprocess.Popen([sys.executable, "-c", HOLDER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "{}\n"
    with closing(child.stdout):
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert left_by(child.pid)
    following = [
        sys.executable,
        "-c",
        "from ops.platform import FaultEnvironment\nwith FaultEnvironment(1) as env: print(env.missing)",
    ]
    assert subprocess.check_output(following, cwd=ROOT, text=True) == "{}\n"
    assert left_by(child.pid) == []
    assert left_by(os.getpid()), "the environment of a living process was taken for abandoned"


def left_by(pid: int) -> list[str]:
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    namespaces = subprocess.check_output(["ip", "netns", "list"], text=True).splitlines()
    return [line for line in (*mounts, *namespaces) if f"jemput-{pid}-" in line]


def test_who_is_not_root_is_told_why_there_is_no_rig() -> None:
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        with FaultEnvironment(3) as without:
            assert without.network is None
            assert without.disks == {}
            assert set(without.missing) == {"network", "disks"}
            assert "root" in without.missing["network"]
    finally:
        os.seteuid(before)
