"""How a reading is put into Prometheus's terms."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from shared.database.connection import Connection

K = TypeVar("K", bound=tuple[str, ...])
Gauges = Callable[[Connection], Awaitable[Iterable[Metric]]]
"""What a service reads from its own tables, on a connection for reading."""


async def no_gauges(_: Connection) -> Iterable[Metric]:
    """A service that tells nothing of its own."""
    return ()


def gauge(name: str, words: str, labels: Iterable[str], values: Mapping[K, float]) -> Metric:
    """A gauge with a value for each combination of labels."""
    family = GaugeMetricFamily(name, words, labels=list(labels))
    for combination, value in values.items():
        family.add_metric(combination, value)
    return family
