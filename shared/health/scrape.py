"""The response to Prometheus. It never fails: while a dependency is away, its metrics are missing."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import asyncpg
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector

from shared.database.errors import TRANSIENT_ERRORS
from shared.health import readiness, readings
from shared.observability.metric_families import gauge
from shared.running import RunningService

DATABASE_SECONDS = 3.0
"""Time limit for the database. Prometheus itself waits ten seconds."""


@dataclass(eq=False)
class _Readings(Collector):
    found: list[Metric] = field(default_factory=list)

    def collect(self) -> Iterator[Metric]:
        yield from self.found


async def scrape(running: RunningService) -> bytes:
    """All metrics of a service in Prometheus's text format."""
    began = time.perf_counter()
    collected = _Readings([*await _from_memory(running), *await _from_database(running)])
    took = "Duration of the readings of this scrape"
    collected.found.append(gauge("scrape_readings_seconds", took, [], {(): time.perf_counter() - began}))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collected)
    return generate_latest(running.metrics.registry) + generate_latest(registry)


async def _from_memory(running: RunningService) -> list[Metric]:
    state = {(name,): float(found == "ok") for name, found in (await readiness.dependencies(running)).items()}
    found = [gauge("service_ready", "1 if the dependency is ready", ["dependency"], state)]
    found += readings.of_consumers(running.service.consumers if running.consuming else ())
    if running.relay is not None:
        found += readings.of_relay(running.relay)
    if running.db is not None:
        found += readings.of_pool(running.db.pool)
    return found


async def _from_database(running: RunningService) -> list[Metric]:
    try:
        async with asyncio.timeout(DATABASE_SECONDS), running.ready_db.connection() as conn:
            return [*await readings.of_database(conn), *await running.service.gauges(conn)]
    except (*TRANSIENT_ERRORS, asyncpg.PostgresError):
        return []
