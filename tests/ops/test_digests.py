"""The digests of the images in use come into .env, and nothing else of it changes."""

import re
from pathlib import Path

import pytest
import yaml

from ops.digests import Image, images, pinned, settings_of, with_settings
from ops.paths import ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
A, B = "@sha256:" + "a" * 64, "@sha256:" + "b" * 64


def test_each_compose_image_may_have_a_digest_and_has_none_yet() -> None:
    found = images(COMPOSE, {})
    named = {service["image"] for service in yaml.safe_load(COMPOSE)["services"].values()}
    assert len(found) == len(named)
    assert {each.reference for each in found} == {re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", image) for image in named}
    assert "postgres:18" in {each.reference for each in found}


def test_images_are_those_of_the_settings() -> None:
    settings = settings_of("IMAGES=registri.kota.go.id/jb\nTAG=v2\n#TAG=v3\nPOSTGRES_TAG='18.1'\n")
    found = {each.variable: each for each in images(COMPOSE, settings)}
    assert found["REQUESTS_DIGEST"] == Image("REQUESTS_DIGEST", "registri.kota.go.id/jb-requests:v2")
    assert found["REQUESTS_DIGEST"].repository == "registri.kota.go.id/jb-requests"
    assert found["POSTGRES_DIGEST"].reference == "postgres:18.1"


def test_an_image_without_a_digest_stays_by_tag_and_it_is_said() -> None:
    held = {"a:1": [f"else/a{B}", f"a{A}"], "b:1": []}
    said: list[str] = []
    found = [Image(f"{name.upper()}_DIGEST", f"{name}:1") for name in "abc"]
    assert pinned(found, held.get, said.append) == {"A_DIGEST": A}
    assert ["tanpa digest" in said[1], "tidak ada di mesin ini" in said[2]] == [True, True]


@pytest.mark.parametrize(
    "env", ["", "TAG=v2", EXAMPLE, f"{EXAMPLE}\nTAG=v2\n"], ids=["none", "one", "example", "both"]
)
def test_a_digest_is_inserted_and_a_second_replaces_only_it(env: str, tmp_path: Path) -> None:
    first = with_settings(env, {"POSTGRES_DIGEST": A, "KAFKA_DIGEST": A})
    assert settings_of(first) == {**settings_of(env), "POSTGRES_DIGEST": A, "KAFKA_DIGEST": A}
    assert with_settings(first, {"POSTGRES_DIGEST": A}) == first
    second = with_settings(first, {"POSTGRES_DIGEST": B})
    assert second == first.replace(f"POSTGRES_DIGEST={A}", f"POSTGRES_DIGEST={B}")
    assert [line for line in first.splitlines() if "_DIGEST=@" not in line] == env.splitlines()
