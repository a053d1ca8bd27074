"""What requests tells Prometheus: limits that passed while the case is still not done."""

from collections.abc import Iterable

from prometheus_client import Metric

from services.requests.store import limits
from shared.connection import Connection
from shared.metrics import gauge


async def read(conn: Connection) -> Iterable[Metric]:
    """By the stage whose limit passed; that of an accepted letter runs until the card is printed."""
    words = "Cases past the limit of a stage and not done with it"
    return (gauge("cases_overdue", words, ["stage"], await limits.count_overdue(conn)),)
