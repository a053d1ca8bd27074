"""The commands that set a system up: `provision`, `secrets`, `deliver`, `token`, `clean`."""

import asyncio
import os
import shutil
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from ops.paths import BUILD, DEFAULT_DATA
from ops.platform import clean_all
from ops.system import provision as provisioning
from ops.system import secrets as system_secrets
from ops.system.acl import PRINCIPALS, provision_access
from ops.system.keys import Issuer
from ops.system.read_secret import SECRETS, read_secret
from ops.system.services import SERVICES
from shared.security.auth import Role
from shared.settings.kafka import KafkaSettings

console = Console()


def provision() -> None:
    """Create roles, databases and topics on the given servers, and on brokers with SASL also users and their rules.

    Safe to repeat. DATABASE_URL is a superuser's, a role's password is <SERVICE>_PASSWORD, the password of a
    principal of the brokers <PRINCIPAL>_KAFKA_PASSWORD; each may be a secret's file instead (`read_secret`).
    """
    passwords = {name: read_secret(f"{name}.password") for name in SERVICES}
    database = read_secret("database_url")
    brokers = KafkaSettings(kafka_bootstrap_servers=read_secret("kafka_bootstrap_servers")).brokers
    asyncio.run(provisioning.everything(database, passwords, brokers))
    if brokers.protocol != "PLAINTEXT":
        provision_access(brokers, {name: read_secret(f"{name}.kafka_password") for name in PRINCIPALS})


def token(role: Role, *more: Role, wilayah: str = "", hours: float = 12) -> None:
    """Print a token for roles in a wilayah, for a system that `up` or a trial in containers runs."""
    if SECRETS.is_dir():
        issuer = Issuer(SECRETS)
        issuer.load()
    else:
        issuer = Issuer(DEFAULT_DATA / "keys")
        issuer.ensure()
    signed = issuer.token(frozenset({role, *more}), wilayah, ttl=timedelta(hours=hours))
    console.print(signed, soft_wrap=True, highlight=False)


def secrets() -> None:
    """Make the secrets of a system in production in ./secrets/; what is there stays."""
    for file in system_secrets.write():
        console.print(file)


def deliver(source: Path, volumes: Path) -> None:
    """Give each container its secrets; what `docker compose up` runs first."""
    environment, provided, address = (os.environ.get(name, "") for name in ("ENVIRONMENT", "SECRETS", "BIND_ADDRESS"))
    start = system_secrets.Start(environment, bool(provided), address)
    system_secrets.deliver(source, volumes, start)


def clean() -> None:
    """Remove this clone's data and what was built."""
    clean_all(DEFAULT_DATA)
    shutil.rmtree(BUILD, ignore_errors=True)
