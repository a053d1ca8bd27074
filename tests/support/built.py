"""A service by its name, with the settings that it needs beside those of every service."""

from importlib import import_module
from pathlib import Path

from ops.system import Issuer
from shared.service import Service
from tests.services.requests.desk import key_file


def build(name: str, told: dict[str, object], folder: Path) -> Service:
    """The service, not yet started."""
    private = {"person_key_file": key_file(folder), "attachments_url": (folder / "attachments").as_uri()}
    more = {"requests": private, "notify": {"allow_private_webhooks": True}}
    settings = import_module(f"services.{name}.settings").Settings(**told, **more.get(name, {}))
    service: Service = import_module(f"services.{name}.app").build(settings)
    return service


def build_nowhere(name: str, issuer: Issuer, folder: Path) -> Service:
    """The service without database and broker, to look at what it is made of."""
    nowhere = {"database_url": "postgresql://x", "kafka_bootstrap_servers": "x", "jwks_file": issuer.jwks_file}
    return build(name, nowhere, folder)
