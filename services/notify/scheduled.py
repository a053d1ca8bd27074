"""What notify tells Prometheus: alerts that nobody answered, and webhooks on their way."""

from collections.abc import Iterable

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from services.notify.store import alerts, deliveries
from shared.connection import Connection
from shared.metrics import gauge


async def read(conn: Connection) -> Iterable[Metric]:
    """Ages are of business time: since the alert, by the latest tick."""
    pending = "Webhooks not delivered yet; counted to 10000"
    return (
        gauge("alerts_open", "Alerts not resolved", ["level", "state"], await alerts.count_open(conn)),
        gauge(
            "alert_unacknowledged_age_seconds",
            "Age of the office's oldest alert that nobody answered",
            ["office"],
            await alerts.unanswered_ages(conn),
        ),
        GaugeMetricFamily("webhook_deliveries_pending", pending, value=await deliveries.count_pending(conn)),
    )
