"""Each container is given what its process reads, and nothing else: its own settings, its own secrets."""

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.system.secrets import PRODUCTION, TRIAL, contents
from ops.system.services import SERVICES
from shared.settings.kafka import KafkaSettings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
MADE: dict[str, dict[str, Any]] = COMPOSE["services"]
OF_THE_STORE = {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
"""What obstore reads of itself, where ATTACHMENTS_URL is a bucket."""
OPENS_FILES = {"requests", "ops"}
SECRETS = "/run/secrets"
BROKERS = {"kafka", "kafka-2", "kafka-3"}
KEEPERS = {"postgres", "archive", "backup"}


def given(container: str) -> dict[str, str | None]:
    return MADE[container].get("environment") or {}


def mounts(container: str) -> dict[str, str]:
    """Where a container sees what: target -> source, as the file has it."""
    split = (re.fullmatch(r"(\$\{.*?\}|[^:]+):([^:$]+)(.*)", volume) for volume in MADE[container].get("volumes", []))
    return {found[2] + found[3]: found[1] for found in split if found}


def secrets_of(container: str, environment: str = PRODUCTION) -> set[str]:
    source = mounts(container).get(f"{SECRETS}:ro")
    return set(contents(environment)[source.removeprefix("secrets-")]) if source else set()


def fields_of(service: str) -> set[str]:
    return {name.upper() for name in import_module(f"services.{service}.settings").Settings.model_fields}


@cache
def read_by_ops() -> set[str]:
    """Variables that the operator's commands ask for by name."""
    asked = re.compile(r"environ(?:ment)?(?:\.get\(|\[)\"([A-Z_]+)\"")
    rooms = ("admin", "privacy", "reconcile", "system")
    return {
        name
        for room in rooms
        for file in (ROOT / "ops" / room).rglob("*.py")
        for name in asked.findall(file.read_text())
    }


OF_THE_IMAGE = set(re.findall(r"\b([A-Z]+)=", (ROOT / "Dockerfile").read_text()))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_each_of_its_settings_and_no_other(service: str) -> None:
    store = OF_THE_STORE if service in OPENS_FILES else set()
    by_file = {name.upper() for name in secrets_of(service)}
    assert given(service).keys() <= fields_of(service) | store
    assert fields_of(service) | store <= given(service).keys() | by_file | OF_THE_IMAGE
    assert "env_file" not in MADE[service]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_each_secret_that_it_is_given(service: str) -> None:
    named = {path.rpartition("/")[2] for path in given(service).values() if str(path).startswith(f"{SECRETS}/")}
    asked = {name for name in secrets_of(service) if name.upper() in fields_of(service)}
    # A public client has no secret, so .env says whether this one is read.
    by_choice = {"oidc.client_secret"} if "OIDC_CLIENT_SECRET_FILE" in given(service) else set()
    assert secrets_of(service) == named | asked | by_choice
    # A trial's logins are offered where .env says so.
    of_a_trial = {"development.logins"} if "DEVELOPMENT_LOGINS_FILE" in given(service) else set()
    assert secrets_of(service, TRIAL) == secrets_of(service) | of_a_trial


def test_the_operator_container_has_only_what_commands_read() -> None:
    brokers = {name.upper() for name in KafkaSettings.model_fields}
    urls = {f"{service.upper()}_URL" for service in SERVICES}
    reads = brokers | urls | read_by_ops() | OF_THE_STORE
    assert given("ops").keys() <= reads
    assert reads - given("ops").keys() == {"KAFKA_PASSWORD"}, "a secret's file"
    named = {path.rpartition("/")[2] for path in given("ops").values() if str(path).startswith(f"{SECRETS}/")}
    databases = {f"{service}.database_url" for service in SERVICES}
    assert secrets_of("ops") == named | databases | {"kafka_password"}
    assert secrets_of("ops", TRIAL) - secrets_of("ops") == {"signing.pem"}


def test_what_provision_is_given_is_what_it_asks_for() -> None:
    asked = {name.lower() for name in ("DATABASE_URL", "KAFKA_PASSWORD")}
    asked |= {f"{service}.{what}" for service in SERVICES for what in ("password", "kafka_password")}
    assert secrets_of("provision") == asked | {"ops.kafka_password"}
    assert given("provision").keys() <= {name.upper() for name in KafkaSettings.model_fields}


@pytest.mark.parametrize("container", sorted(BROKERS | KEEPERS | {"grafana"}))
def test_a_server_is_given_its_own_password_and_names_it(container: str) -> None:
    [secret] = secrets_of(container)
    assert secret == {"grafana": "grafana.password"}.get(
        container, f"{'kafka' if container in BROKERS else 'postgres'}.password"
    )
    assert secret in str([*given(container).values(), MADE[container].get("command")])


def test_variables_of_others_are_read_by_their_own_files() -> None:
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text()
    assert all(f"{{${name}:" in caddyfile for name in given("caddy"))
    scripts = "".join(file.read_text() for file in (ROOT / "deploy" / "backup").iterdir()) + str(
        MADE["backup"]["command"]
    )
    assert all(name in scripts or name.startswith("PG") for name in given("backup"))
    assert all(name.startswith("KAFKA_") for broker in BROKERS for name in given(broker))
    assert all(name.startswith("GF_") for name in given("grafana"))
    realm = (ROOT / "deploy" / "keycloak" / "realm.json").read_text()
    assert all(f"${{{name}" in realm or name.startswith("KC_") for name in given("keycloak"))


def test_no_container_has_anothers_secrets_or_writable_ones() -> None:
    volumes = {name for name in COMPOSE["volumes"] if name.startswith("secrets")}
    assert volumes == {"secrets", *(f"secrets-{name}" for name in contents(TRIAL))}
    assert contents(TRIAL).keys() == contents(PRODUCTION).keys()
    users: dict[str, set[str]] = {}
    for container in MADE.keys() - {"secrets"}:
        for target, source in mounts(container).items():
            if source.startswith("secrets"):
                assert target == f"{SECRETS}:ro", container
                users.setdefault(source, set()).add(container)
    alone = {f"secrets-{name}": {name} for name in contents(TRIAL)}
    assert users == alone | {"secrets-kafka": BROKERS, "secrets-postgres": KEEPERS}
    assert "secrets" not in COMPOSE
    filled = {target: source for target, source in mounts("secrets").items() if source.startswith("secrets-")}
    assert filled == {f"/run/volumes/{name}": f"secrets-{name}" for name in contents(TRIAL)}


def test_keys_of_a_bucket_reach_those_that_open_files_alone() -> None:
    assert {container for container in MADE if OF_THE_STORE & given(container).keys()} == OPENS_FILES


def test_only_loopback_is_published_unless_configured_otherwise() -> None:
    published = [port for made in MADE.values() for port in made.get("ports", [])]
    assert published
    assert all(port.startswith(("127.0.0.1:", "${BIND_ADDRESS:-127.0.0.1}:")) for port in published)
