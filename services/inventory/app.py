"""The composition root of inventory."""

from datetime import datetime
from pathlib import Path

from services.inventory import scheduled as gauges
from services.inventory.api import commands as api
from services.inventory.api import corrections as api_corrections
from services.inventory.api import reading
from services.inventory.consumers import consumers
from services.inventory.settings import Settings
from services.inventory.usecases.closing import close_days
from shared.connection import Connection
from shared.offices import Offices
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
