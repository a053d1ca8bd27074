"""The composition root of requests: the only place that wires."""

from functools import partial
from pathlib import Path

from services.requests import auditing, gauges, guesses, indexing, retaining
from services.requests.api import (
    attachments,
    commands,
    copying,
    exporting,
    filing,
    importing,
    list_version,
    names,
    reading,
    regions,
)
from services.requests.attachments import sweeping
from services.requests.attachments.cabinet import Cabinet, larger
from services.requests.consumers import consumers
from services.requests.devices import Devices
from services.requests.domain.policy import Policies
from services.requests.login import routes as login
from services.requests.login.room import Room
from services.requests.pages import (
    bantuan,
    codes,
    detail,
    form,
    installing,
    lacak,
    landing,
    offline,
    roster,
    slip,
    visits,
    worklist,
)
from services.requests.retaining import Policy
from services.requests.settings import Settings
from services.requests.ticking import fall_due
from services.requests.vault import Vault
from shared.contract.fields import Instant
from shared.database.connection import Connection
from shared.reference.offices import Offices
from shared.reference.village_search import Picker
from shared.service import Service


def build(settings: Settings | None = None) -> Service:
    """The service; its settings come from the environment when none are given.

    Raises OSError or ValueError when a key or a policy cannot be read: nothing starts without them.
    """
    told = settings or Settings()
    offices = Offices.load(told.offices_file)
    policies = Policies.load(told.policy_file)
    retention = Policy.load(told.retention_file)
    vault = Vault(told.person_key_file)
    picker = Picker()
    cabinet = Cabinet.of(told)
    room = Room.of(told)

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
            importing.router,
            exporting.router,
            list_version.router,
            reading.router,
            names.router,
            copying.router,
            regions.router,
            *attachments.routers,
            login.router,
            landing.router,
            worklist.router,
            visits.router,
            form.router,
            offline.router,
            codes.router,
            detail.router,
            roster.router,
            slip.router,
            lacak.router,
            bantuan.router,
            installing.router,
        ],
        consumers=consumers(policies),
        tick=tick,
        gauges=gauges.read,
        prepare=vault.prepare,
        workers=[
            partial(auditing.seal_steadily, told.audit_seal_seconds),
            partial(retaining.apply_daily, retention),
            picker.prepare,
            partial(indexing.fill_steadily, vault),
            partial(sweeping.sweep_steadily, cabinet.shelf),
            guesses.sweep_steadily,
        ],
        extras={
            "vault": vault,
            "policies": policies,
            "picker": picker,
            "cabinet": cabinet,
            "login": room,
            "guesses": guesses.Guesses(told),
            "origin": told.public_origin,
            "devices": Devices(room.key) if room else None,
        },
        larger=[larger(told), importing.larger(told)],
    )
