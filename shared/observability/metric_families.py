"""Helpers that make Prometheus metric families from readings."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from shared.database.connection import Connection

K = TypeVar("K", bound=tuple[str, ...])
Gauges = Callable[[Connection], Awaitable[Iterable[Metric]]]
"""Reads the metrics of a service from its own tables, on a read connection."""


async def no_gauges(_: Connection) -> Iterable[Metric]:
    """No metrics: for a service without its own."""
    return ()


def gauge(name: str, help_text: str, labels: Iterable[str], values: Mapping[K, float]) -> Metric:
    """A gauge with a value for each combination of labels."""
    family = GaugeMetricFamily(name, help_text, labels=list(labels))
    for combination, value in values.items():
        family.add_metric(combination, value)
    return family
