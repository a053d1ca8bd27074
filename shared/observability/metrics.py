"""The instruments of one process, in a registry of its own: several services in one process do not mix."""

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

# A second series for each, with the time it began, tells nothing here.
disable_created_metrics()  # type: ignore[no-untyped-call]

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
DELAYS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
BEAT = 0.5


@dataclass(slots=True)
class Tally:
    """What became of one batch. It counts once the batch's transaction is committed, not before."""

    events: Count[type[Event]] = field(default_factory=Count)
    """Handed to a handler, by type."""
    repeats: int = 0
    """Dropped: this consumer had taken them before."""
    dead: Count[tuple[str, str]] = field(default_factory=Count)
    """Dead letters by handler and reason."""
    seconds: list[tuple[str, float]] = field(default_factory=list)
    """How long each run of a handler took."""

    def handled(
        self, handler: str, began: float, types: Collection[type[Event]], messages: Sequence[Message[Event]]
    ) -> None:
        """A handler of these types is through with a run of events that began at `began` (`time.perf_counter`)."""
        self.seconds.append((handler, time.perf_counter() - began))
        kinds = [type(message.event) for message in messages] if len(types) > 1 else []
        for event_type in types:
            self.events[event_type] += kinds.count(event_type) if kinds else len(messages)


class Metrics:
    """Counters and histograms; what is not counted here is read by `shared.health.readings`."""

    def __init__(self) -> None:
        mine = self.registry = CollectorRegistry()
        ProcessCollector(registry=mine)
        self._requests = Counter(
            "http_requests", "Requests by route template and status", ["method", "route", "status"], registry=mine
        )
        self._request_seconds = Histogram(
            "http_request_duration_seconds",
            "Until the answer is sent",
            ["method", "route"],
            buckets=SECONDS,
            registry=mine,
        )
        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._events = Counter("consumer_events", "Events taken, by type", ["group", "event"], registry=mine)
        self._repeats = Counter("inbox_repeats", "Events dropped as taken before", ["group"], registry=mine)
        self._handler_seconds = Histogram(
            "consumer_handler_duration_seconds",
            "One run of events in one handler",
            ["group", "handler"],
            buckets=SECONDS,
            registry=mine,
        )
        self._batch_seconds = Histogram(
            "consumer_batch_duration_seconds", "One batch with its commit", ["group"], buckets=SECONDS, registry=mine
        )
        self._batch_failures = Counter(
            "consumer_batch_failures", "Batches to be tried again, by error", ["group", "error"], registry=mine
        )
        self._dead = Counter("dead_letters", "Messages set aside", ["handler", "reason"], registry=mine)
        self._delay = Histogram(
            "event_loop_delay_seconds", "How late the event loop is", buckets=DELAYS, registry=mine
        )
        self.build = Gauge("jemput_bola_build_info", "Always 1", ["service", "version"], registry=mine)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request is answered."""
        # To ask the client for the series of some labels costs more than to count.
        series = self._answered.get((method, route, status))
        if series is None:
            series = self._requests.labels(method, route, str(status)), self._request_seconds.labels(method, route)
            self._answered[method, route, status] = series
        count, duration = series
        count.inc()
        duration.observe(seconds)

    def batch(self, group: str, tally: Tally, seconds: float) -> None:
        """A batch is committed."""
        self._batch_seconds.labels(group).observe(seconds)
        for handler, took in tally.seconds:
            self._handler_seconds.labels(group, handler).observe(took)
        for event_type, count in tally.events.items():
            self._events.labels(group, event_type.__name__).inc(count)
        self._repeats.labels(group).inc(tally.repeats)
        for (handler, reason), count in tally.dead.items():
            self._dead.labels(handler, reason).inc(count)

    def failed(self, group: str, error: Exception) -> None:
        """A batch is given back, to be tried again."""
        self._batch_failures.labels(group, type(error).__name__).inc()

    async def watch_the_loop(self) -> None:
        """Measure how late a timer is, until cancelled: that late is everything else in this process too."""
        while True:
            due = time.perf_counter() + BEAT
            await asyncio.sleep(BEAT)
            self._delay.observe(max(0.0, time.perf_counter() - due))
