"""The composition root of requests: the only place that wires."""

from functools import partial
from pathlib import Path

from services.requests import auditing, gauges, retaining
from services.requests.api import commands, filing, reading
from services.requests.consumers import cases
from services.requests.domain.policy import Policies
from services.requests.login import routes as login
from services.requests.login.room import Room
from services.requests.pages import detail, landing, worklist
from services.requests.retaining import Policy
from services.requests.settings import Settings
from services.requests.ticking import fall_due
from services.requests.vault import Vault
from shared.connection import Connection
from shared.fields import Instant
from shared.offices import Offices
from shared.service import Service


def build(settings: Settings | None = None) -> Service:
    """The service; its settings come from the environment when none are given.

    Raises OSError or ValueError when a key or the retention policy cannot be read: nothing starts without them.
    """
    told = settings or Settings()
    offices = Offices.load(told.offices_file)
    policies = Policies.load(told.policy_file)
    retention = Policy.load(told.retention_file)
    vault = Vault(told.person_key_file)

    async def tick(conn: Connection, at: Instant) -> None:
        await fall_due(conn, offices, policies, vault, at)

    return Service(
        name="requests",
        settings=told,
        offices=offices,
        migrations=Path(__file__).parent / "migrations",
        routers=[
            filing.router,
            commands.router,
            reading.router,
            login.router,
            landing.router,
            worklist.router,
            detail.router,
        ],
        consumers=[cases],
        tick=tick,
        gauges=gauges.read,
        prepare=vault.prepare,
        workers=[
            partial(auditing.seal_steadily, told.audit_seal_seconds),
            partial(retaining.apply_daily, retention),
        ],
        extras={"vault": vault, "policies": policies, "login": Room.of(told)},
    )
