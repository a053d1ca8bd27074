"""The counters and histograms of one process, in their own registry: services in one process stay separate."""

import asyncio
import time
from collections import Counter as Count
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from shared.contract.envelope import Message
from shared.contract.events import Event

# Otherwise each counter has a second series with the time of its creation.
disable_created_metrics()  # type: ignore[no-untyped-call]

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
DELAYS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
LOOP_CHECK_SECONDS = 0.5


@dataclass(slots=True)
class Tally:
    """The counts of one batch. `Metrics.batch_committed` adds them after the batch's commit."""

    events: Count[type[Event]] = field(default_factory=Count)
    """Events that were given to a handler, by type."""
    repeats: int = 0
    """Events that were dropped, because this group had processed them before."""
    dead: Count[tuple[str, str]] = field(default_factory=Count)
    """Dead letters by handler and reason."""
    seconds: list[tuple[str, float]] = field(default_factory=list)
    """The handler and the duration in seconds of each handler call."""

    def handled(
        self, handler: str, began: float, types: Collection[type[Event]], messages: Sequence[Message[Event]]
    ) -> None:
        """Count a handler call that began at `began` (`time.perf_counter`), with the events that it applied."""
        self.seconds.append((handler, time.perf_counter() - began))
        kinds = [type(message.event) for message in messages] if len(types) > 1 else []
        for event_type in types:
            self.events[event_type] += kinds.count(event_type) if kinds else len(messages)


class Metrics:
    """Counters and histograms. `shared.health.readings` reads all other metrics at each scrape."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "http_requests", "Requests by route template and status", ["method", "route", "status"], registry=registry
        )
        self._request_seconds = Histogram(
            "http_request_duration_seconds",
            "Duration until the response is sent",
            ["method", "route"],
            buckets=SECONDS,
            registry=registry,
        )
        self._request_series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._events = Counter("consumer_events", "Events consumed, by type", ["group", "event"], registry=registry)
        self._repeats = Counter("inbox_repeats", "Events dropped as repeats", ["group"], registry=registry)
        self._handler_seconds = Histogram(
            "consumer_handler_duration_seconds",
            "One handler call",
            ["group", "handler"],
            buckets=SECONDS,
            registry=registry,
        )
        self._batch_seconds = Histogram(
            "consumer_batch_duration_seconds",
            "One batch with its commit",
            ["group"],
            buckets=SECONDS,
            registry=registry,
        )
        self._batch_failures = Counter(
            "consumer_batch_failures", "Failed batches, by error", ["group", "error"], registry=registry
        )
        self._dead = Counter("dead_letters", "Messages dead-lettered", ["handler", "reason"], registry=registry)
        self._delay = Histogram(
            "event_loop_delay_seconds", "Delay of the event loop", buckets=DELAYS, registry=registry
        )
        self.build = Gauge("jemput_bola_build_info", "Always 1", ["service", "version"], registry=registry)

    def request_finished(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request and its duration."""
        # `labels` costs more than the counting itself.
        series = self._request_series.get((method, route, status))
        if series is None:
            series = self._requests.labels(method, route, str(status)), self._request_seconds.labels(method, route)
            self._request_series[method, route, status] = series
        count, duration = series
        count.inc()
        duration.observe(seconds)

    def batch_committed(self, group: str, tally: Tally, seconds: float) -> None:
        """Count a committed batch, which took `seconds`."""
        self._batch_seconds.labels(group).observe(seconds)
        for handler, took in tally.seconds:
            self._handler_seconds.labels(group, handler).observe(took)
        for event_type, count in tally.events.items():
            self._events.labels(group, event_type.__name__).inc(count)
        self._repeats.labels(group).inc(tally.repeats)
        for (handler, reason), count in tally.dead.items():
            self._dead.labels(handler, reason).inc(count)

    def batch_failed(self, group: str, error: Exception) -> None:
        """Count a batch that failed and will be retried."""
        self._batch_failures.labels(group, type(error).__name__).inc()

    async def measure_loop_delay(self) -> None:
        """Measure until cancelled how late a timer fires: everything else in this process has the same delay."""
        while True:
            due = time.perf_counter() + LOOP_CHECK_SECONDS
            await asyncio.sleep(LOOP_CHECK_SECONDS)
            self._delay.observe(max(0.0, time.perf_counter() - due))
