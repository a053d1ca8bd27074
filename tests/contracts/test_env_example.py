"""`.env.example` names every setting there is, with its true default, and nothing else."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_core import PydanticUndefined

from ops.system import SERVICES
from ops.system.secrets import PRODUCTION, contents
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
CHANGED = dict(re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
FIXED = set(re.findall(r"^# \(([A-Z_]+)\)", EXAMPLE, re.MULTILINE))
VARIABLES: dict[str, set[str]] = {}
for _name, _default in re.findall(r"(?<!\$)\$\{([A-Z_]+):-([^}]*)\}", COMPOSE):
    VARIABLES.setdefault(_name, set()).add(_default)
PASSED = {
    name
    for made in yaml.safe_load(COMPOSE)["services"].values()
    for name, value in (made.get("environment") or {}).items()
    if value is None
}
OF_COMPOSE_ITSELF = {"COMPOSE_PROFILES"}
CLUSTER = {
    "COMPOSE_PROFILES",
    "KAFKA_BOOTSTRAP_SERVERS",
    "KAFKA_CONTROLLER_QUORUM_VOTERS",
    "KAFKA_COPIES",
    "KAFKA_IN_SYNC",
}
"""The five lines that are uncommented together; their default is one broker."""


def settings_of(service: str) -> type[Settings]:
    found: type[Settings] = import_module(f"services.{service}.settings").Settings
    return found


FIELDS = {name.upper(): (s, name) for s in SERVICES for name in settings_of(s).model_fields}


def given_by_compose(service: str) -> set[str]:
    """The variables, and the secrets' files that pydantic takes for variables."""
    made = yaml.safe_load(COMPOSE)["services"][service]
    given = {name for name, value in made["environment"].items() if value is not None}
    targets = {name.upper() for name in contents(PRODUCTION)[service]}
    of_the_image = set(re.findall(r"\b([A-Z]+)=", (ROOT / "Dockerfile").read_text()))
    return given | targets | of_the_image


def test_it_names_every_setting_and_no_other() -> None:
    assert CHANGED.keys() & FIXED == set()
    assert CHANGED.keys() | FIXED == VARIABLES.keys() | FIELDS.keys() | PASSED | OF_COMPOSE_ITSELF


def test_every_variable_of_compose_has_a_default() -> None:
    assert set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE)) == VARIABLES.keys()


def test_what_compose_gives_is_what_it_calls_fixed() -> None:
    for name in FIXED:
        service, _ = FIELDS[name]
        assert name in given_by_compose(service)
    for service in SERVICES:
        required = {n.upper() for n, f in settings_of(service).model_fields.items() if f.is_required()}
        assert required <= given_by_compose(service)


@pytest.mark.parametrize("name", sorted(CHANGED.keys() - CLUSTER))
def test_its_defaults_are_the_true_ones(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name in VARIABLES:
        assert CHANGED[name] in VARIABLES[name]
    elif name in FIELDS:
        service, field = FIELDS[name]
        default: Any = settings_of(service).model_fields[field].get_default(call_default_factory=True)
        assert default is not PydanticUndefined
        if CHANGED[name] == "":
            assert default in (None, "")
            return
        required: Any = {n: "x" for n, f in settings_of(service).model_fields.items() if f.is_required()}
        required["jwks_file"] = "x"
        monkeypatch.setenv(name, CHANGED[name])
        assert getattr(settings_of(service)(**required), field) == default
    else:
        assert CHANGED[name] == "", "a name that is only passed through has no default"
