"""What the operator's tools read in the tables of notify. Ids, codes and times only."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from shared.database.connection import Session

KNOWN = {
    "approved": "select shipment_id, office, approved from shipment where approved is not null",
    "dispatched": "select shipment_id, office, dispatched from shipment where dispatched is not null",
    "received": "select shipment_id, office, received from shipment where received is not null",
    "offices": "select office, level, crossing from standing",
    "reports": "select office || ' ' || reported_day from standing where reported_day is not null",
}
"""For reconciliation, by question: a query whose first column is an id, the rest what else is known of it."""
_ALERTS = """
select alert_id, level, raised_at, resolved_at from alert
where office = $1 and raised_at <= $3 and coalesce(resolved_at, 'infinity') >= $2 order by raised_at
"""


async def alerts_between(conn: Session, office: str, start: datetime, end: datetime) -> Sequence[asyncpg.Record]:
    """The alerts of an office that were open at any moment of this span, by when they were raised."""
    return await conn.fetch(_ALERTS, office, start, end)
