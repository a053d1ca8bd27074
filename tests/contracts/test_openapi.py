"""The documents of the HTTP interfaces: what is open to anyone says so, and a public linter finds no error."""

import os
import subprocess
from pathlib import Path

import pytest

from ops.docs.generate import ROOT
from ops.docs.services import described_services
from ops.system import SERVICES
from tests.support.servers.npm import NODE, installed


@pytest.mark.parametrize("service", SERVICES)
def test_each_operation_states_its_access_and_opens_as_routed(service: str) -> None:
    made = described_services()[service]
    routes = {(route.method, route.path): route for route in made.routes}
    open_to_all = set()
    for path, operations in made.openapi["paths"].items():
        for method, operation in operations.items():
            assert "security" in operation, (method, path)
            route = routes[method.upper(), path]
            assert route.open == (operation["security"] == []), (method, path)
            open_to_all |= {path} if route.open else set()
    assert {"/health/live", "/health/ready"} <= open_to_all


@pytest.mark.long
@pytest.mark.parametrize("service", SERVICES)
def test_a_public_linter_finds_no_error(service: str, tmp_path: Path) -> None:
    cli = installed(Path(__file__).parent / "linter") / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
    document = ROOT / "docs" / "openapi" / f"{service}.json"
    quiet = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    command = [NODE, cli, "lint", "--extends=recommended", "--skip-rule=info-license", document]
    done = subprocess.run(command, cwd=tmp_path, env=quiet, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is valid" in done.stdout + done.stderr
