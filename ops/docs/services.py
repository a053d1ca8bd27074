"""The four services as their own `app.py` puts them together; nothing connects before an application starts."""

import tempfile
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from ops.docs.routes import Declared, declared
from ops.paths import ROOT
from ops.system.keys import Issuer
from ops.system.services import SERVICES
from shared.contract.events import Event
from shared.messaging.consumer import Consumer
from shared.running import RunningService
from shared.service import Service
from shared.serving import create_app
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class ConsumerSource:
    """A consumer, and the file with its handlers, relative to the project."""

    consumer: Consumer
    file: str


@dataclass(frozen=True, slots=True)
class ServiceDescription:
    """What a service takes and how it is asked."""

    consumers: tuple[Consumer, ...]
    openapi: dict[str, Any]
    routes: tuple[Declared, ...]


@cache
def described_services() -> dict[str, ServiceDescription]:
    """Every service by name, with settings that are never used."""
    with tempfile.TemporaryDirectory(prefix="jemput-bola-") as folder:
        issuer = Issuer(Path(folder))
        issuer.ensure()
        services = {name: _build(name, issuer) for name in SERVICES}
        return {name: _asked(made) for name, made in services.items()}


def _asked(service: Service) -> ServiceDescription:
    app = create_app(RunningService(service))
    return ServiceDescription(tuple(service.consumers), app.openapi(), tuple(declared(app)))


@cache
def all_consumers() -> tuple[ConsumerSource, ...]:
    """Every consumer of every service, by group name."""
    found = [
        ConsumerSource(consumer, _handlers_file(name))
        for name, made in described_services().items()
        for consumer in made.consumers
    ]
    return tuple(sorted(found, key=lambda source: source.consumer.group))


def consumers_of(event: type[Event]) -> tuple[ConsumerSource, ...]:
    """Those that handle an event."""
    return tuple(source for source in all_consumers() if event in source.consumer.consumes)


def _build(name: str, issuer: Issuer) -> Service:
    declared = [
        value
        for value in vars(import_module(f"services.{name}.settings")).values()
        if isinstance(value, type) and issubclass(value, Settings) and value is not Settings
    ]
    given = {
        "database_url": "postgresql://localhost/documents",
        "kafka_bootstrap_servers": "localhost:9092",
        "environment": "development",
        "jwks_file": issuer.jwks_file,
        "person_key_file": issuer.person_key_file,
        "session_key_file": issuer.session_key_file,
    }
    told = {field: value for field, value in given.items() if field in declared[0].model_fields}
    service: Service = import_module(f"services.{name}.app").build(declared[0].model_validate(told))
    return service


def _handlers_file(name: str) -> str:
    return Path(str(import_module(f"services.{name}.consumers").__file__)).relative_to(ROOT).as_posix()
