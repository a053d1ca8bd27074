"""One service as a process: started to readiness, stopped gracefully, killed when a test wants that."""

import os
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from ops.paths import ROOT
from ops.platform import Server

SERVICES = ("requests", "dispatch", "inventory", "notify")
HOST = "127.0.0.1"


class ServiceProcess(Server):
    """`python -m services.<name>` on its own port, with its own database."""

    start_deadline = 60.0
    # A batch in hand (15 s), the requests in hand (3 s) and the broker's answer (5 s).
    stop_deadline = 25.0

    def __init__(self, name: str, folder: Path, port: int, settings: Mapping[str, str]) -> None:
        super().__init__(name, folder)
        self.port = port
        self.settings = dict(settings)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    def command(self) -> list[str]:
        """This interpreter on the service's package."""
        return [sys.executable, "-m", f"services.{self.name}"]

    def environment(self) -> dict[str, str]:
        """The caller's variables, with this service's settings over them."""
        return {
            **os.environ,
            **self.settings,
            "HOST": HOST,
            "PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }

    def probe(self) -> bool:
        """Whether /health/ready says 200."""
        connection = HTTPConnection(HOST, self.port, timeout=2)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
