"""What dispatch tells Prometheus: who waits for a visit, and what waits for the printer."""

from collections.abc import Iterable

from prometheus_client import Metric

from services.dispatch.store import reading
from shared.connection import Connection
from shared.metrics import gauge


async def read(conn: Connection) -> Iterable[Metric]:
    """By office. `hold` is yes for a record that waits for a 17th birthday."""
    return (
        gauge("print_queue_cards", "Records to print", ["office", "hold"], await reading.count_to_print(conn)),
        gauge("visits_waiting_cases", "Cases without a visit", ["office"], await reading.count_to_visit(conn)),
    )
