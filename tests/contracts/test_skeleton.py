"""All services have the skeleton of docs/architecture.md: its parts, and nothing beside them."""

import ast
import re
from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest

from ops.system.services import ROOT, SERVICES

OBLIGATORY = {
    *("__init__.py", "__main__.py", "app.py", "settings.py", "consumers.py", "scheduled.py"),
    *("domain", "store", "usecases", "api", "migrations"),
}
OPTIONAL = {"maintenance.py", "pages", "adapters"}
"""What operators and retention do to its tables; HTML pages; clients of what the service calls over the network."""
EXCEPTIONS: dict[str, dict[str, str]] = {
    "requests": {
        "attachments": "files of papers: object store, examination in a sandbox",
        "data": "the default policy and retention as TOML",
        "encryption": "encryption of persons, and the rotation of its keys",
        "login": "OpenID Connect and sessions",
        "privacy": "access log, erasure and retention of persons",
        "sheets": "spreadsheets: import and export of lists",
    }
}
"""Where a service differs from the skeleton, and why. One that no longer differs must be taken out."""


def entries(service: str) -> set[str]:
    """The names directly inside a service's folder."""
    return {path.name for path in (ROOT / "services" / service).iterdir() if path.name != "__pycache__"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_parts_of_the_skeleton(service: str) -> None:
    found = entries(service)
    api = {f"api/{path.name}" for path in (ROOT / "services" / service / "api").glob("dependencies.py")}
    differing = (OBLIGATORY | {"api/dependencies.py"}) - found - api | found - OBLIGATORY - OPTIONAL
    assert differing == set(EXCEPTIONS.get(service, ()))


@pytest.mark.parametrize("service", SERVICES)
def test_the_parts_offer_what_app_wires(service: str) -> None:
    names = {"app": "build", "consumers": "consumers", "scheduled": "on_tick gauges"}
    for part, offered in names.items():
        module = import_module(f"services.{service}.{part}")
        assert all(isfunction(getattr(module, name, None)) for name in offered.split()), part


@pytest.mark.parametrize("service", SERVICES)
def test_a_consumer_is_made_only_inside_the_factory(service: str) -> None:
    tree = ast.parse((ROOT / "services" / service / "consumers.py").read_text())
    shared = [
        node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.Expr)
    ]
    assert not shared, "a consumer of the module would be the same in every service that a test builds"


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_are_numbered(service: str) -> None:
    names = sorted(path.name for path in (ROOT / "services" / service / "migrations").iterdir())
    assert names
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.sql", name) for name in names)


def test_the_document_shows_the_skeleton() -> None:
    text = Path(ROOT / "docs/architecture.md").read_text()
    skeleton = text.partition("services/<name>/")[2].partition("```")[0]
    assert set(re.findall(r"^  ([a-z_]+(?:\.py|/))", skeleton, re.MULTILINE)) == {
        name if name.endswith(".py") else f"{name}/" for name in OBLIGATORY | OPTIONAL
    }
