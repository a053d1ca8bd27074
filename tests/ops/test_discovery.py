"""Where a system is: by the environment of a container, by the note of `up`, or nowhere, said plainly."""

from pathlib import Path

import pytest

from ops.platform import PlatformError
from ops.system import SERVICES
from ops.system.discovery import RunningSystem, find_system


@pytest.fixture
def nothing(tmp_path: Path) -> list[Path]:
    """Folders for secrets that are not there."""
    return [tmp_path / "run-secrets", tmp_path / "secrets"]


def environment() -> dict[str, str]:
    return {f"{name.upper()}_DATABASE_URL": f"postgresql://{name}" for name in SERVICES} | {
        "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"
    }


def test_the_environment_names_a_system(tmp_path: Path, nothing: list[Path]) -> None:
    found = find_system(tmp_path, environment() | {"NOTIFY_URL": "http://elsewhere"}, nothing)
    assert found.bootstrap_servers == "kafka:9092"
    assert found.dsn("dispatch") == "postgresql://dispatch"
    assert (found.urls["notify"], found.urls["dispatch"]) == ("http://elsewhere", "http://dispatch:8000")


def test_a_secret_as_a_file_is_as_good(tmp_path: Path, nothing: list[Path]) -> None:
    nothing[0].mkdir()
    for name in SERVICES:
        (nothing[0] / f"{name}.database_url").write_text(f"postgresql://{name}@file\n")
    found = find_system(tmp_path, {"KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"}, nothing)
    assert found.dsn("requests") == "postgresql://requests@file"


def test_a_clones_own_note_precedes_the_secrets_of_containers(tmp_path: Path, nothing: list[Path]) -> None:
    nothing[1].mkdir()
    for name in SERVICES:
        (nothing[1] / f"{name}.database_url").write_text("postgresql://postgres:5432/x")
    here = RunningSystem("127.0.0.1:1", {"notify": "postgresql://here"}, {"notify": "http://x"})
    here.write(tmp_path)
    assert find_system(tmp_path, {}, nothing) == here
    (tmp_path / "running.json").unlink()
    with pytest.raises(PlatformError, match="tidak berjalan"):
        find_system(tmp_path, {}, nothing)
    assert find_system(tmp_path, {"KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"}, nothing).bootstrap_servers == "kafka:9092"


def test_half_a_system_is_refused_by_name(tmp_path: Path, nothing: list[Path]) -> None:
    given = environment()
    del given["DISPATCH_DATABASE_URL"], given["KAFKA_BOOTSTRAP_SERVERS"]
    with pytest.raises(PlatformError, match="DISPATCH_DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS"):
        find_system(tmp_path, given, nothing)


def test_a_broken_note_says_so(tmp_path: Path, nothing: list[Path]) -> None:
    (tmp_path / "running.json").write_text("{")
    with pytest.raises(PlatformError, match="tidak terbaca"):
        find_system(tmp_path, {}, nothing)
