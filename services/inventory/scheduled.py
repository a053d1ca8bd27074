"""What inventory tells Prometheus: how long each office's blank cards last. No person is in a stock."""

from collections.abc import Iterable

from prometheus_client import Metric

from services.inventory.store import stock
from shared.connection import Connection
from shared.metrics import gauge
from shared.offices import Offices


async def read(conn: Connection, offices: Offices) -> Iterable[Metric]:
    """Of each office that ever had a card; days are working days of the office."""
    found = await stock.visible(conn, "", "")
    known = [office for office in offices if any(each.office == office.code for each in found)]
    return (
        gauge("stock_cards", "Blank cards on hand", ["office"], {(s.office,): float(s.on_hand) for s in found}),
        gauge("stock_cover_days", "Days the cards last", ["office"], {(s.office,): s.cover for s in found}),
        gauge("stock_prints_a_day", "Prints a day", ["office"], {(s.office,): s.usage for s in found}),
        gauge("stock_level", "1 at the level", ["office", "level"], {(s.office, str(s.level)): 1.0 for s in found}),
        gauge(
            "stock_lead_time_days",
            "Days from an approval to the cards",
            ["office"],
            {(office.code,): float(office.lead_time) for office in known},
        ),
    )
