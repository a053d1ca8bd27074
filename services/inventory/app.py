"""The composition root of inventory."""

from datetime import datetime
from pathlib import Path

from services.inventory import api, api_corrections, gauges, reading
from services.inventory.closing import close_days
from services.inventory.consumers import consumers
from services.inventory.settings import Settings
from shared.database.connection import Connection
from shared.reference.offices import Offices
from shared.service import Service


def build(settings: Settings | None = None) -> Service:
    """The service, wired; settings come from the environment unless given."""
    settings = settings or Settings()
    offices = Offices.load(settings.offices_file)

    async def tick(conn: Connection, at: datetime) -> None:
        await close_days(conn, offices, at)

    return Service(
        name="inventory",
        settings=settings,
        offices=offices,
        migrations=Path(__file__).parent / "migrations",
        routers=[api.router, api_corrections.router, reading.router],
        consumers=consumers(offices),
        tick=tick,
        gauges=lambda conn: gauges.read(conn, offices),
    )
