"""What dispatch does by itself: planning at a tick, and the readings of its gauges."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import Metric

from services.dispatch.store import reading
from services.dispatch.usecases.case_ends import publish_missing_ends
from services.dispatch.usecases.planning import plan_visits
from shared.clock import Tick
from shared.database.connection import Connection
from shared.observability.metric_families import gauge
from shared.reference.offices import Offices


def on_tick(offices: Offices) -> Tick:
    """At each tick: plan the cases that wait for a visit, and publish ends that are not published yet."""

    async def tick(conn: Connection, at: datetime) -> None:
        await plan_visits(conn, offices, at)
        await publish_missing_ends(conn, at)

    return tick


async def gauges(conn: Connection) -> Iterable[Metric]:
    """What waits, by office. `hold` is yes for a card that waits for a 17th birthday."""
    return (
        gauge("print_queue_cards", "Records to print", ["office", "hold"], await reading.count_to_print(conn)),
        gauge("visits_waiting_cases", "Cases without a visit", ["office"], await reading.count_to_visit(conn)),
    )
