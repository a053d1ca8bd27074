"""What inventory does by itself: the close of each day at a tick, and the readings of its gauges."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import Metric

from services.inventory.store import stock
from services.inventory.usecases.closing import close_days
from shared.clock import Tick
from shared.database.connection import Connection
from shared.observability.metric_families import Gauges, gauge
from shared.reference.offices import Offices


def on_tick(offices: Offices) -> Tick:
    """At each tick: publish the daily reports that are due."""

    async def tick(conn: Connection, at: datetime) -> None:
        await close_days(conn, offices, at)

    return tick


def gauges(offices: Offices) -> Gauges:
    """How long the cards of each office last, in its working days; an office without a movement is left out."""

    async def read(conn: Connection) -> Iterable[Metric]:
        found = await stock.visible(conn, "", "")
        stocked = {each.office for each in found}
        lead_times = {(office.code,): float(office.lead_time) for office in offices if office.code in stocked}
        levels = {(each.office, str(each.level)): 1.0 for each in found}
        return (
            gauge("stock_cards", "Blank cards on hand", ["office"], {(s.office,): float(s.on_hand) for s in found}),
            gauge("stock_cover_days", "Days the cards last", ["office"], {(s.office,): s.cover for s in found}),
            gauge("stock_prints_a_day", "Prints a day", ["office"], {(s.office,): s.usage for s in found}),
            gauge("stock_level", "1 at the level", ["office", "level"], levels),
            gauge("stock_lead_time_days", "Days from an approval to the cards", ["office"], lead_times),
        )

    return read
