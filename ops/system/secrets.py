"""The secrets of a system in containers: how they are made, and which container is given which.

Each container has a volume of its own with its secrets alone, mounted read-only at /run/secrets. `deliver` fills the
volumes before anything else starts. A trial's secrets are made at its first start, and kept; in production they are
the files that the office provides.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

from ops.platform import PlatformError
from ops.system import logins
from ops.system.acl import PRINCIPALS
from ops.system.keys import Issuer
from ops.system.services import SERVICES
from shared.security.session_tokens import SessionKey

FOLDER = Path("secrets")
TRIAL, PRODUCTION = "development", "production"
PROVIDER_KEYS = "jwks.production.json"
SIGNING_KEY = "signing.pem"
KEPT_AS = ".environment"
"""In the volume of `provision`: the environment for which this system was first started."""
_MEND = "buat yang belum ada dengan `make secrets`, dan isi SECRETS=./secrets di .env (docs/compose.md)"


@dataclass(frozen=True)
class Start:
    """What a start was told. `provided` says that SECRETS names a folder of the office's own."""

    environment: str
    provided: bool
    address: str
    """The address on which Caddy is published."""


def contents(environment: str) -> dict[str, dict[str, str]]:
    """For each container: the name of a secret as it reads it -> its name in the folder."""
    keys = {"jwks.json": PROVIDER_KEYS if environment == PRODUCTION else "jwks.json"}
    found = {
        "kafka": _same("kafka.password"),
        "postgres": _same("postgres.password"),
        "grafana": _same("grafana.password"),
        "provision": {
            "database_url": "postgres.database_url",
            "kafka_password": "kafka.password",
            **_same(*(f"{name}.password" for name in SERVICES)),
            **_same(*(f"{name}.kafka_password" for name in PRINCIPALS)),
        },
        # A resident's own data, and the rotation of keys: that container runs while a command does.
        "ops": {
            **keys,
            "kafka_password": "ops.kafka_password",
            **_same("person.key", *(f"{name}.database_url" for name in SERVICES)),
            **(_same(SIGNING_KEY) if environment != PRODUCTION else {}),
        },
    }
    for name in SERVICES:
        own = {"database_url": f"{name}.database_url", "kafka_password": f"{name}.kafka_password"}
        found[name] = {**keys, **own, "service.key": f"{name}.key"}
    found["requests"] |= _same("person.key", "session.key", "oidc.client_secret")
    if environment != PRODUCTION:
        found["requests"] |= _same(logins.FILE)
    return found


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def write(folder: Path = FOLDER, environment: str = PRODUCTION) -> list[Path]:
    """Make what is missing: passwords, database addresses, JWK set, and keys. Returns all files.

    What an office changed stays: its own passwords before the first start, and its provider's keys beside that of
    the sessions in jwks.production.json. Only a trial gets a key that signs tokens.
    """
    issuer = Issuer(folder, production=environment == PRODUCTION)
    issuer.ensure()
    provider = folder / PROVIDER_KEYS
    if environment == PRODUCTION and not provider.exists():
        provider.write_text(json.dumps({"keys": [SessionKey.load(issuer.session_key_file).public_jwk]}))
    if environment != PRODUCTION:
        logins.write(issuer)
    (folder / "oidc.client_secret").touch(mode=0o600)
    for name in ("kafka.password", "grafana.password", *(f"{principal}.kafka_password" for principal in PRINCIPALS)):
        issuer.secret(name)
    for role, database in (("postgres", "postgres"), *((name, name) for name in SERVICES)):
        password = quote(issuer.secret(f"{role}.password"))
        address = folder / f"{role}.database_url"
        address.touch(mode=0o600)
        address.write_text(f"postgresql://{role}:{password}@postgres:5432/{database}")
    for name in SERVICES:
        issuer.service_key_file(name)
    return sorted(folder / name for name in _names(environment))


def _names(environment: str) -> set[str]:
    return {name for files in contents(environment).values() for name in files.values()}


def deliver(source: Path, volumes: Path, start: Start) -> None:
    """Give each container its secrets, from `source` into the volume of its name below `volumes`.

    Raises PlatformError, in words for whoever starts the system, when something that this environment needs was not
    provided, or when the volumes are of a system of the other environment. Then nothing is changed.
    """
    _must_be_the_same_system(volumes, start.environment)
    if start.environment == PRODUCTION:
        _must_be_provided(source, start)
    else:
        _must_be_a_trial(start)
        write(source, start.environment)
    for container, files in contents(start.environment).items():
        _fill(volumes / container, {inside: (source / name).read_bytes() for inside, name in files.items()})
    (volumes / "provision" / KEPT_AS).write_text(start.environment)


def _must_be_provided(source: Path, start: Start) -> None:
    if not start.provided:
        raise PlatformError(
            "ENVIRONMENT=production, tetapi SECRETS belum diisi: rahasia tidak dibuat otomatis", _MEND
        )
    missing = sorted(name for name in _names(PRODUCTION) if not (source / name).is_file())
    if missing:
        raise PlatformError(f"ENVIRONMENT=production, tetapi rahasia ini belum ada: {', '.join(missing)}", _MEND)
    # An empty client secret is a public client's; every other secret says something.
    empty = sorted(
        name for name in _names(PRODUCTION) - {"oidc.client_secret"} if not (source / name).read_bytes().strip()
    )
    if empty:
        raise PlatformError(f"ENVIRONMENT=production, tetapi rahasia ini kosong: {', '.join(empty)}", _MEND)


def _must_be_a_trial(start: Start) -> None:
    if start.environment != TRIAL:
        raise PlatformError(
            f"ENVIRONMENT={start.environment} tidak dikenal", f"isi {PRODUCTION}, atau {TRIAL} untuk uji coba"
        )
    if start.provided:
        raise PlatformError(
            "SECRETS diisi, tetapi sistem ini uji coba, yang membuat rahasianya sendiri",
            "isi ENVIRONMENT=production di .env, atau hapus SECRETS",
        )
    if not _is_loopback(start.address):
        raise PlatformError(
            f"BIND_ADDRESS={start.address}, tetapi uji coba hanya terbuka di mesin ini",
            "hapus BIND_ADDRESS, atau isi ENVIRONMENT=production dengan rahasianya di .env",
        )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def _must_be_the_same_system(volumes: Path, environment: str) -> None:
    kept = volumes / "provision" / KEPT_AS
    first = kept.read_text() if kept.exists() else environment
    if first != environment:
        raise PlatformError(
            f"volume sistem ini milik ENVIRONMENT={first}, sekarang ENVIRONMENT={environment}",
            f"isi ENVIRONMENT={first} di .env; untuk mulai dari kosong: `docker compose down --volumes`",
        )


def _fill(folder: Path, wanted: Mapping[str, bytes]) -> None:
    """Exactly these files. Each is replaced whole: a container may start anew at any time."""
    for file in folder.iterdir():
        if file.name not in wanted and file.name != KEPT_AS:
            file.unlink()
    for name, content in wanted.items():
        fresh = folder / f".{name}"
        fresh.write_bytes(content)
        # The container's user is not this one; nobody else has the volume.
        fresh.chmod(0o444)
        fresh.rename(folder / name)
