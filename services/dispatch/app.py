"""The composition root of dispatch: the only place that wires."""

from pathlib import Path

from services.dispatch import scheduled as gauges
from services.dispatch.api import ROUTERS
from services.dispatch.consumers import requests, stock
from services.dispatch.settings import Settings
from services.dispatch.usecases.case_ends import tell_untold
from services.dispatch.usecases.planning import plan_visits
from shared.connection import Connection
from shared.fields import Instant
from shared.offices import Offices
from shared.service import Service


def build(settings: Settings | None = None) -> Service:
    """The service; its settings come from the environment when none are given."""
    told = settings or Settings()
    offices = Offices.load(told.offices_file)

    async def tick(conn: Connection, at: Instant) -> None:
        await plan_visits(conn, offices, at)
        await tell_untold(conn, at)

    return Service(
        name="dispatch",
        settings=told,
        offices=offices,
        migrations=Path(__file__).parent / "migrations",
        routers=ROUTERS,
        consumers=[requests, stock],
        tick=tick,
        gauges=gauges.read,
    )
