"""The trial of the login: the realm file, the settings and the compose profile speak of the same things."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ops.platform.kafka.maven import locked_jars
from ops.platform.keycloak import LOCK, REALM, SECRETS
from ops.system.login import LINES, PAGES, PROVIDER
from services.requests.settings import Settings
from shared.security.claims import Claims
from shared.security.identity import OF_AN_OFFICE, Role

ROOT = Path(__file__).parents[2]
REALM_FILE = REALM.read_text()
TRIAL = json.loads(REALM_FILE)


def lines() -> dict[str, str]:
    pairs = (line.split("=", 1) for line in LINES.read_text().splitlines() if line and not line.startswith("#"))
    return dict(pairs)


def test_every_role_has_an_account_that_makes_an_identity() -> None:
    assert {role["name"] for role in TRIAL["roles"]["realm"]} == set(Role)
    who = [
        Claims().identity(
            {"sub": user["username"], "wilayah": user["attributes"]["wilayah"][0]}
            | {"realm_access": {"roles": user["realmRoles"]}}
        )
        for user in TRIAL["users"]
    ]
    assert {role for each in who for role in each.roles} == set(Role)
    assert any(each.roles == OF_AN_OFFICE for each in who)
    programs = {client["clientId"] for client in TRIAL["clients"] if client.get("serviceAccountsEnabled")}
    assert {user["serviceAccountClientId"] for user in TRIAL["users"] if "serviceAccountClientId" in user} == programs


def test_nobody_but_the_administrator_changes_a_wilayah() -> None:
    [profile] = TRIAL["components"]["org.keycloak.userprofile.UserProfileProvider"]
    attributes = json.loads(profile["config"]["kc.user.profile.config"][0])["attributes"]
    [wilayah] = [each for each in attributes if each["name"] == "wilayah"]
    assert wilayah["permissions"]["edit"] == ["admin"]
    rule = re.compile(wilayah["validations"]["pattern"]["pattern"])
    assert all(rule.fullmatch(good) for good in ("17", "17.02", "17.02.06", "17.02.06.1004", "nasional"))
    assert not any(rule.fullmatch(bad) for bad in ("", "17.", "17.0", "*", "17.02.06.100", "Nasional"))


def test_the_realm_file_has_placeholders_and_no_secrets() -> None:
    open_places = set(re.findall(r"\$\{([A-Z_]+)\}", REALM_FILE))
    assert open_places == {*SECRETS, "PUBLIC_ORIGIN"}
    given = [each.get("secret", "") for each in TRIAL["clients"]]
    given += [each["value"] for user in TRIAL["users"] for each in user.get("credentials", ())]
    assert all(re.fullmatch(r"(\$\{[A-Z_]+\})?", value) for value in given)


def test_the_pages_client_is_public_with_pkce_and_one_redirect() -> None:
    [pages] = [client for client in TRIAL["clients"] if client["clientId"] == lines()["OIDC_CLIENT_ID"]]
    assert pages["publicClient"]
    assert pages["attributes"]["pkce.code.challenge.method"] == "S256"
    assert pages["redirectUris"] == ["${PUBLIC_ORIGIN}/masuk/kembali"]
    assert pages["attributes"]["post.logout.redirect.uris"] == "${PUBLIC_ORIGIN}/masuk/selesai"
    assert not any(client.get("directAccessGrantsEnabled") for client in TRIAL["clients"])


def test_the_settings_are_settings_and_lead_to_the_realm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in lines().items():
        monkeypatch.setenv(name, value)
    told = Settings(
        database_url="", kafka_bootstrap_servers="", person_key_file=tmp_path, session_key_file=tmp_path / "key"
    )
    assert told.oidc_issuer == told.jwt_issuer == f"{PROVIDER}/realms/{TRIAL['realm']}"
    assert told.jwks_url.startswith(f"{told.oidc_issuer}/")
    assert told.public_origin == PAGES
    assert {name.lower() for name in lines()} - {"compose_profiles"} <= set(Settings.model_fields)


def compose_is_missing() -> bool:
    """No docker, or one without its Compose plugin."""
    docker = shutil.which("docker")
    return (
        docker is None
        or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode > 0
    )


@pytest.mark.skipif(compose_is_missing(), reason="no docker compose on the PATH")
def test_compose_starts_keycloak_only_for_a_trial_on_loopback() -> None:
    def services(env_file: Path) -> dict[str, Any]:
        command = ["docker", "compose", f"--env-file={env_file}", "config", "--format=json"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout)["services"])

    assert "keycloak" not in services(Path("/dev/null"))
    keycloak = services(LINES)["keycloak"]
    [locked] = locked_jars(LOCK)
    assert keycloak["image"] == f"quay.io/keycloak/keycloak:{locked.version}"
    assert keycloak["networks"] == {"front": {"aliases": ["keycloak.localhost"]}}
    assert [port["host_ip"] for port in keycloak["ports"]] == ["127.0.0.1"]
    environment = dict(keycloak["environment"])
    assert environment["KC_HOSTNAME"] == PROVIDER
    assert {*SECRETS, "PUBLIC_ORIGIN"} <= set(environment)
    assert environment["PUBLIC_ORIGIN"] == PAGES
