"""What requests tells Prometheus: what is late."""

from collections.abc import Iterable

from prometheus_client import Metric

from services.requests.store import limits
from shared.database.connection import Connection
from shared.observability.metric_families import gauge


async def read(conn: Connection) -> Iterable[Metric]:
    """By the stage whose limit passed, as `limits.late` says it."""
    words = "Cases past the limit of a stage and not done with it, and drives whose list did not come"
    return (gauge("cases_overdue", words, ["stage"], await limits.count_overdue(conn)),)
