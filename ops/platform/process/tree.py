"""Process trees, and pid files that tell our process from a stranger that got its number later."""

import json
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

# Start times come back rounded to clock ticks.
SAME_START_S = 0.05


def _family(pid: int) -> list[Any]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _alive(process: Any) -> bool:
    # A zombie holds no memory, port or file: only its parent can take it off the list.
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _send(processes: Iterable[Any], signum: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signum)


def pause_tree(pid: int) -> None:
    """Stop a process and all its descendants, the root first so that it starts no new ones."""
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).suspend()
    _send(_family(pid)[1:], signal.SIGSTOP)


def resume_tree(pid: int) -> None:
    """Let a process and all its descendants run on."""
    _send(reversed(_family(pid)), signal.SIGCONT)


def kill_tree(pid: int, *, deadline: float = 10.0) -> None:
    """SIGKILL a process and all its descendants; they are gone when this returns."""
    # PostgreSQL's backends lead sessions of their own, so a signal to the process group misses them.
    pause_tree(pid)
    processes = _family(pid)
    _send(processes, signal.SIGKILL)
    until = time.monotonic() + deadline
    while any(_alive(process) for process in processes) and time.monotonic() < until:
        time.sleep(0.005)


def holder_of(port: int) -> str:
    """Name the process that listens on a loopback port, as far as this user may know."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            listening = connection.status == psutil.CONN_LISTEN and connection.laddr
            if listening and listening.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()}, pid {connection.pid}"
    except (psutil.Error, OSError):
        pass
    return "another program"


def runs_with(pid: int, word: str) -> bool:
    """Whether the pid is that of a live process with `word` in its command line."""
    try:
        process = psutil.Process(pid)
        return _alive(process) and any(word in part for part in process.cmdline())
    except psutil.Error:
        return False


class PidFile:
    """Remembers a process by pid and start time, across a crash of whoever started it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, pid: int) -> None:
        """Remember a process that was just started."""
        try:
            started = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return
        new = self.path.with_suffix(".pid.new")
        new.write_text(json.dumps({"pid": pid, "started": started}))
        new.replace(self.path)

    def clear(self) -> None:
        """Forget it."""
        self.path.unlink(missing_ok=True)

    def live_pid(self) -> int | None:
        """The pid of the remembered process if that very process still runs."""
        try:
            record = json.loads(self.path.read_text())
            process = psutil.Process(int(record["pid"]))
            same = abs(process.create_time() - float(record["started"])) < SAME_START_S
        except (OSError, ValueError, KeyError, TypeError, psutil.NoSuchProcess):
            return None
        return int(process.pid) if same and _alive(process) else None

    def end_leftover(self) -> int | None:
        """End the remembered process, the leftover of a killed run; its pid if there was one."""
        pid = self.live_pid()
        if pid is not None:
            kill_tree(pid)
        self.clear()
        return pid
