"""What notify does by itself: escalations at a tick, two background workers, and the readings of its gauges."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from services.notify.domain.secret_cipher import SecretCipher
from services.notify.settings import Settings
from services.notify.store import alerts, deliveries
from services.notify.usecases.alerts import escalate
from services.notify.usecases.deliveries import deliver
from services.notify.usecases.subscriptions import encrypt_old_secrets
from shared.clock import Tick
from shared.database.connection import Connection
from shared.database.periodic import PeriodicTask
from shared.database.pool import Database
from shared.observability.metric_families import gauge
from shared.reference.offices import Offices
from shared.service import Worker

BACKFILL_EVERY = 3600
"""Seconds between looks for secrets that are not encrypted yet."""


def on_tick(offices: Offices, grace: int) -> Tick:
    """At each tick: publish the escalations that are due. `grace` is in working days."""

    async def tick(conn: Connection, at: datetime) -> None:
        await escalate(conn, offices, grace, at)

    return tick


def periodic_tasks(settings: Settings, secrets: SecretCipher) -> list[Worker]:
    """The delivery of webhooks, and the encryption of secrets that version 0.1.0 stored in plain text."""

    async def encrypt(db: Database) -> None:
        async with db.transaction() as conn:
            await encrypt_old_secrets(conn, secrets)

    return [partial(deliver, settings, secrets), PeriodicTask("encryption of old secrets", BACKFILL_EVERY, encrypt)]


async def gauges(conn: Connection) -> Iterable[Metric]:
    """Open alerts and pending webhooks. Ages are seconds of business time from the alert to the latest tick."""
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
