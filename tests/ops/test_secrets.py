"""Which container gets which secret, when a trial makes them, and what is refused in words."""

from pathlib import Path

import pytest

from ops.platform import PlatformError
from ops.system import Issuer
from ops.system.secrets import PRODUCTION, SIGNING_KEY, TRIAL, Start, contents, deliver, write
from shared.security.auth import Role
from shared.security.tokens import DEV_KEY, TokenPolicy, usable_keys
from shared.security.trusted_keys import TrustedKeys

A_TRIAL = Start(TRIAL, provided=False, address="127.0.0.1")
IN_PRODUCTION = Start(PRODUCTION, provided=True, address="0.0.0.0")  # noqa: S104  what an office opens


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    made = tmp_path / "volumes"
    for container in contents(TRIAL):
        (made / container).mkdir(parents=True)
    return made


def found_in(volumes: Path) -> dict[str, bytes]:
    return {str(file.relative_to(volumes)): file.read_bytes() for file in volumes.rglob("*") if file.is_file()}


def test_a_trial_makes_its_secrets_once_and_keeps_them(tmp_path: Path, volumes: Path) -> None:
    deliver(tmp_path / "kept", volumes, A_TRIAL)
    first = found_in(volumes)
    deliver(tmp_path / "kept", volumes, A_TRIAL)
    again, renewed = found_in(volumes), "requests/development.logins"  # tokens that count for 30 days from each start
    assert first.pop(renewed).count(b"\n") == again.pop(renewed).count(b"\n") > 20
    assert again == first
    for container, files in contents(TRIAL).items():
        there = {file.name for file in (volumes / container).iterdir() if not file.name.startswith(".")}
        assert there == files.keys()
        assert all((volumes / container / name).stat().st_mode & 0o777 == 0o444 for name in files)
    issuer = Issuer(volumes / "ops", production=False)
    issuer.load()
    keys = TrustedKeys(volumes / "dispatch" / "jwks.json", "", TokenPolicy(), production=False)
    assert issuer.token(Role.OPERATOR, "17.02")
    assert keys is not None


def test_a_changed_secret_is_delivered_and_an_old_one_removed(tmp_path: Path, volumes: Path) -> None:
    deliver(tmp_path / "kept", volumes, A_TRIAL)
    (volumes / "notify" / "old.password").write_text("x")
    (tmp_path / "kept" / "notify.password").write_text("another")
    deliver(tmp_path / "kept", volumes, A_TRIAL)
    assert (volumes / "provision" / "notify.password").read_text() == "another"
    assert ":another@" in (volumes / "notify" / "database_url").read_text()
    assert not (volumes / "notify" / "old.password").exists()


def test_production_gets_the_offices_files_and_no_dev_key(tmp_path: Path, volumes: Path) -> None:
    folder = tmp_path / "secrets"
    write(folder)
    assert not (folder / SIGNING_KEY).exists()
    before = found_in(folder)
    deliver(folder, volumes, IN_PRODUCTION)
    assert found_in(folder) == before
    assert (volumes / "requests" / "person.key").read_bytes() == before["person.key"]
    for container, files in contents(PRODUCTION).items():
        assert SIGNING_KEY not in files
        if "jwks.json" in files:
            keys = usable_keys((volumes / container / "jwks.json").read_text())
            assert DEV_KEY not in {key.key_id for key in keys}
    issuer = Issuer(volumes / "ops", production=True)
    issuer.load()
    with pytest.raises(PlatformError, match="does not sign in production"):
        issuer.token(Role.OPS)


def test_making_what_is_missing_leaves_what_is_there(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "notify.key").unlink()
    (tmp_path / "oidc.client_secret").write_text("ours")
    before = found_in(tmp_path)
    assert {file.name for file in write(tmp_path)} > before.keys() - {"jwks.json"}
    assert {name: content for name, content in found_in(tmp_path).items() if name in before} == before
    assert (tmp_path / "notify.key").is_file()


def refused(start: Start, source: Path, volumes: Path) -> str:
    before = found_in(volumes)
    with pytest.raises(PlatformError) as refusal:
        deliver(source, volumes, start)
    assert found_in(volumes) == before
    return f"{refusal.value.problem}; {refusal.value.remedy}"


def test_production_names_a_missing_secret_and_how_to_make_it(tmp_path: Path, volumes: Path) -> None:
    folder = tmp_path / "secrets"
    said = refused(Start(PRODUCTION, provided=False, address=""), folder, volumes)
    assert "SECRETS belum diisi" in said
    assert "`make secrets`" in said
    folder.mkdir()
    assert "postgres.password, requests.database_url" in refused(IN_PRODUCTION, folder, volumes)
    write(folder)
    (folder / "person.key").unlink()
    (folder / "session.key").unlink()
    assert "rahasia ini belum ada: person.key, session.key;" in refused(IN_PRODUCTION, folder, volumes)
    write(folder)
    (folder / "requests.key").write_text("\n")
    assert "rahasia ini kosong: requests.key;" in refused(IN_PRODUCTION, folder, volumes)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (Start("staging", provided=False, address="127.0.0.1"), "ENVIRONMENT=staging tidak dikenal"),
        (Start(TRIAL, provided=True, address="127.0.0.1"), "ENVIRONMENT=production"),
        (Start(TRIAL, provided=False, address="0.0.0.0"), "uji coba hanya terbuka di mesin ini"),  # noqa: S104
        (Start(TRIAL, provided=False, address="::"), "uji coba hanya terbuka di mesin ini"),
        (Start(TRIAL, provided=False, address="kantor"), "uji coba hanya terbuka di mesin ini"),
    ],
)
def test_a_trial_refuses_what_is_for_production(start: Start, said: str, tmp_path: Path, volumes: Path) -> None:
    assert said in refused(start, tmp_path / "kept", volumes)
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize(("first", "then"), [(A_TRIAL, IN_PRODUCTION), (IN_PRODUCTION, A_TRIAL)])
def test_a_system_never_becomes_the_other_kind(first: Start, then: Start, tmp_path: Path, volumes: Path) -> None:
    """Real data must not meet a trial's keys when a line of .env is lost, nor a trial's data become real."""
    for environment in (TRIAL, PRODUCTION):
        write(tmp_path / environment, environment)
    deliver(tmp_path / first.environment, volumes, first)
    said = refused(then, tmp_path / then.environment, volumes)
    assert f"milik ENVIRONMENT={first.environment}" in said
    assert "docker compose down --volumes" in said
