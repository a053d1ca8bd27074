"""One answer to Prometheus. It comes whatever is away: then what cannot be read is missing from it."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import asyncpg
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector

from shared.db import TRANSIENT
from shared.metrics import readings
from shared.metrics.families import gauge

if TYPE_CHECKING:
    from shared.service import Service

PATIENCE = 3.0
"""Seconds for the database; Prometheus itself waits ten."""


@dataclass(eq=False)
class _Read(Collector):
    found: list[Metric] = field(default_factory=list)

    def collect(self) -> Iterator[Metric]:
        yield from self.found


async def scrape(service: "Service") -> bytes:
    """All metrics of a service in Prometheus's text format."""
    began = time.perf_counter()
    read = _Read([*await _from_memory(service), *await _from_database(service)])
    took = "How long the readings of this answer took"
    read.found.append(gauge("scrape_readings_seconds", took, [], {(): time.perf_counter() - began}))
    answer = CollectorRegistry(auto_describe=False)
    answer.register(read)
    return generate_latest(service.metrics.registry) + generate_latest(answer)


async def _from_memory(service: "Service") -> list[Metric]:
    state = {(name,): float(found == "ok") for name, found in (await service.state()).items()}
    found = [gauge("service_ready", "1 where nothing is missing", ["dependency"], state)]
    found += readings.of_consumers(service.consumers if service.consuming else ())
    if service.relay is not None:
        found += readings.of_relay(service.relay)
    if service.db is not None:
        found += readings.of_pool(service.db.pool)
    return found


async def _from_database(service: "Service") -> list[Metric]:
    try:
        async with asyncio.timeout(PATIENCE), service.ready_db.reading() as conn:
            return [*await readings.of_database(conn), *await service.gauges(conn)]
    except (*TRANSIENT, asyncpg.PostgresError):
        return []
