"""One server process: started to readiness, stopped to a deadline, never left behind."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections import deque
from contextlib import suppress
from pathlib import Path

from ops.platform.errors import PlatformError
from ops.platform.process import spawn
from ops.platform.process.tree import PidFile, kill_tree, pause_tree, resume_tree

MAX_LOG_BYTES = 5_000_000
QUOTED_LINES = 12
LINGER_S = 0.5


class Server(ABC):
    """A process that is ready when `start` returns and gone when `stop` or `kill` returns."""

    stop_signal: signal.Signals = signal.SIGTERM
    start_deadline = 60.0
    stop_deadline = 15.0

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.log_path = folder / f"{name}.log"
        self.pid_file = PidFile(folder / f"{name}.pid")
        self._process: subprocess.Popen[bytes] | None = None
        self._paused = False
        self._log_start = 0

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments."""

    @abstractmethod
    def probe(self) -> bool:
        """Whether it answers as its clients need it to."""

    def environment(self) -> dict[str, str]:
        """The variables it runs with."""
        return dict(os.environ)

    def prepare(self) -> None:  # noqa: B027  (most servers need nothing)
        """Whatever must be in place before each launch: files, a free port."""

    def run_as(self) -> tuple[int, int] | None:
        """The user and group id to run as, if not one's own."""
        return None

    def only_lingers(self) -> bool:
        """Whether nothing that matters is left to do while it stops."""
        return False

    def explain(self, log: str) -> str:
        """What the reader can do about a start that failed with these log lines."""
        return f"the whole log is in {self.log_path}"

    @property
    def pid(self) -> int:
        """The process id; an error if it does not run."""
        if self._process is None or not self.running:
            raise PlatformError(f"{self.name} does not run", "start it first")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process exists (a paused one does)."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Launch and wait until `probe` says yes; on failure nothing is left running."""
        if self.running:
            return
        self.launch()
        self.await_ready()

    def launch(self) -> None:
        """Launch without waiting; ends the leftover of a killed run first."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pid_file.end_leftover()
        self.prepare()
        if self.log_path.exists() and self.log_path.stat().st_size > MAX_LOG_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        self._log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        spawn.on_spawner_thread(self._spawn)

    def _spawn(self) -> None:
        # Recorded on the spawner's thread, so that a Ctrl-C in the caller's cannot come in between.
        account = self.run_as()
        user, group = account or (None, None)
        with self.log_path.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    self.command(),
                    cwd=self.folder if account is None else "/",
                    env=self.environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    # The terminal's Ctrl-C is for the program in front, which stops its servers in order.
                    start_new_session=True,
                    preexec_fn=spawn.die_with_parent(),
                    user=user,
                    group=group,
                    extra_groups=None if account is None else [],
                )
            except OSError as error:
                raise PlatformError(f"{self.name} cannot be run: {error}", self.explain("")) from error
        self._paused = False
        spawn.own(self)
        self.pid_file.write(self._process.pid)

    def await_ready(self) -> None:
        """Wait for `probe` to a deadline; the error quotes the last log lines."""
        process = self._process
        if process is None:
            raise PlatformError(f"{self.name} does not run", "start it first")
        until = time.monotonic() + self.start_deadline
        while not self.probe():
            if process.poll() is not None:
                self._forget()
                raise self._failure(f"{self.name} ended with code {process.returncode} while starting")
            if time.monotonic() > until:
                self.kill()
                raise self._failure(f"{self.name} was not ready after {self.start_deadline:.0f} s")
            time.sleep(0.02)

    def stop(self, how: signal.Signals | None = None) -> None:
        """Ask it to end, by its own signal or another, and wait for that; past the deadline it is killed."""
        process = self._process
        if process is None:
            return
        if self._paused:
            self.resume()
        if process.poll() is None:
            process.send_signal(how or self.stop_signal)
            self._await_end(process)
        self._forget()

    def _await_end(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + self.stop_deadline
        while process.poll() is None:
            lingers = self.only_lingers()
            with suppress(subprocess.TimeoutExpired):
                process.wait(LINGER_S if lingers else 0.02)
                return
            if lingers or time.monotonic() > until:
                kill_tree(process.pid)
                process.wait()

    def wait(self, timeout: float) -> int | None:
        """Wait for it to end by itself; the exit code, None if it does not run."""
        return None if self._process is None else self._process.wait(timeout)

    def kill(self) -> None:
        """SIGKILL, descendants included: what a crash of the machine would leave behind."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            kill_tree(process.pid)
            process.wait()
        self._forget()

    def pause(self) -> None:
        """SIGSTOP, descendants included: connections stay open and nothing answers."""
        pause_tree(self.pid)
        self._paused = True

    def resume(self) -> None:
        """SIGCONT after a pause."""
        resume_tree(self.pid)
        self._paused = False

    def last_log_lines(self, count: int = QUOTED_LINES) -> str:
        """The end of the log, as far as it is of the last launch."""
        try:
            with self.log_path.open(errors="replace") as log:
                log.seek(self._log_start)
                return "".join(deque(log, maxlen=count)).rstrip()
        except OSError:
            return ""

    def _forget(self) -> None:
        self._process = None
        self._paused = False
        self.pid_file.clear()

    def _failure(self, problem: str) -> PlatformError:
        log = self.last_log_lines()
        quoted = "".join(f"\n    {line}" for line in log.splitlines())
        return PlatformError(f"{problem}; its last log lines:{quoted}", self.explain(log))
