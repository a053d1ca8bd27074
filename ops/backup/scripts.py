"""The scripts of deploy/backup with PostgreSQL's programs on their path."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ops.paths import ROOT
from ops.platform import PlatformError

FOLDER = ROOT / "deploy" / "backup"


def environment(programs: Path, url: str = "") -> dict[str, str]:
    """The variables of a script; `url` is the superuser's address of the server that it works on."""
    server = urlsplit(url)
    libpq = {
        "PGHOST": server.hostname,
        "PGPORT": str(server.port or 5432),
        "PGUSER": server.username,
        "PGPASSWORD": unquote(server.password or ""),
    }
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    found = {name: value for name, value in libpq.items() if value} if url else {}
    return {**ours, **found, "PATH": f"{programs}:{os.environ.get('PATH', os.defpath)}", "LC_ALL": "C", "TZ": "UTC"}


def run(script: str, *arguments: object, env: Mapping[str, str]) -> str:
    """Run a script to its end; returns the last line it printed. Raises PlatformError with its own words."""
    command = ["bash", str(FOLDER / script), *map(str, arguments)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PlatformError(
            f"{script} failed: {done.stderr.strip()}", "see the archive's folder and the server's log"
        )
    return done.stdout.strip().rpartition("\n")[2]
