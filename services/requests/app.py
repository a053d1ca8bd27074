"""The composition root of requests: the only place that wires."""

from pathlib import Path

from services.requests.api import commands, reading
from services.requests.consumers import cases
from services.requests.login import routes as login
from services.requests.login.room import Room
from services.requests.sealing import Vault
from services.requests.settings import Settings
from services.requests.ticking import fall_due
from shared.connection import Connection
from shared.fields import Instant
from shared.offices import Offices
from shared.service import Service


def build(settings: Settings | None = None) -> Service:
    """The service; its settings come from the environment when none are given.

    Raises OSError or ValueError when the key of the persons or of the sessions cannot be read.
    """
    told = settings or Settings()
    offices = Offices.load(told.offices_file)
    vault = Vault.load(told.person_key_file)

    async def tick(conn: Connection, at: Instant) -> None:
        await fall_due(conn, offices, vault, at)

    return Service(
        name="requests",
        settings=told,
        offices=offices,
        migrations=Path(__file__).parent / "migrations",
        routers=[commands.router, reading.router, login.router],
        consumers=[cases],
        tick=tick,
        extras={"vault": vault, "login": Room.of(told)},
    )
