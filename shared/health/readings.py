"""Metrics that are read at each scrape: clients, pool and relay from memory, counts and ages from the database.

The cost does not grow with the tables: counts stop at 10,000.
"""

import time
from collections.abc import Iterable, Iterator

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from shared import clock
from shared.database.connection import Connection, Pool
from shared.messaging.consumer import Consumer
from shared.messaging.relay import Relay
from shared.messaging.relay_status import depth
from shared.observability.metric_families import gauge

_OPEN_LETTERS = """
select handler, reason, count(*) as open from (
    select handler, reason from dead_letter where resolved_at is null limit 10000
) d
group by handler, reason
"""


def of_consumers(consumers: Iterable[Consumer]) -> Iterator[Metric]:
    """Each consumer group in this process: only the partitions that are assigned to it."""
    groups = list(consumers)
    members = [(c.group, member) for c in groups for member in c.members]
    lag = {(group, str(n)): float(behind) for group, m in members for n, behind in m.lag.items()}
    silent = {(c.group,): silence for c in groups if (silence := c.silence()) is not None}
    waiting = {(c.group,): float(sum(m.waiting for m in c.members)) for c in groups}
    owned = {(c.group,): float(sum(m.partitions for m in c.members)) for c in groups}
    skipped = CounterMetricFamily("consumer_skipped", "Events of types without a handler", labels=["group"])
    for consumer in groups:
        skipped.add_metric([consumer.group], consumer.skipped)
    yield gauge("consumer_lag_events", "Events not committed yet", ["group", "partition"], lag)
    yield gauge("consumer_last_poll_age_seconds", "Seconds since the last poll", ["group"], silent)
    yield gauge("consumer_waiting_partitions", "Partitions whose batch will be retried", ["group"], waiting)
    yield gauge("consumer_partitions", "Partitions assigned", ["group"], owned)
    failures = {(c.group,): float(c.failures) for c in groups}
    yield gauge("consumer_failures_in_a_row", "Failed batches in a row", ["group"], failures)
    stalled = {(c.group,): c.stalled_for() for c in groups}
    yield gauge(
        "consumer_stuck_seconds", "Without progress while the brokers answer and hold more events", ["group"], stalled
    )
    yield skipped


def of_relay(relay: Relay) -> Iterator[Metric]:
    """The relay of this process. One process of each service is the leader."""
    yield CounterMetricFamily("relay_published", "Events published by this process", value=relay.published)
    yield GaugeMetricFamily("relay_leading", "1 if this process is the leader", value=relay.leading)
    if relay.last_success_at is not None:
        help_text = "When all events were last known to be published"
        yield GaugeMetricFamily("relay_last_success_timestamp_seconds", help_text, value=relay.last_success_at)


def of_pool(pool: Pool) -> Iterator[Metric]:
    """The database connections of this process."""
    idle = pool.get_idle_size()
    states = {("idle",): float(idle), ("in_use",): float(pool.get_size() - idle)}
    yield gauge("database_pool_connections", "Connections by state", ["state"], states)
    yield GaugeMetricFamily("database_pool_max", "Largest number of connections", value=pool.get_max_size())


async def of_database(conn: Connection) -> list[Metric]:
    """Outbox, dead letters and business clock: every process of a service reads the same values."""
    unsent, age = await depth(conn)
    dead = {(row["handler"], row["reason"]): float(row["open"]) for row in await conn.fetch(_OPEN_LETTERS)}
    found = [
        GaugeMetricFamily("outbox_unsent_events", "Events not published yet; counted to 10000", value=unsent),
        GaugeMetricFamily("outbox_oldest_unsent_age_seconds", "Age of the oldest of them; 0 without any", value=age),
        gauge("dead_letters_open", "Open dead letters; counted to 10000", ["handler", "reason"], dead),
    ]
    at = await clock.now(conn)
    if at is not None:
        help_text, lag = "Business time, by the latest tick", "System clock less business time"
        found.append(GaugeMetricFamily("business_clock_timestamp_seconds", help_text, value=at.timestamp()))
        found.append(GaugeMetricFamily("business_clock_lag_seconds", lag, value=time.time() - at.timestamp()))
    return found
