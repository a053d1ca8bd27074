"""The composition root of notify: the only place that wires."""

from functools import partial
from pathlib import Path

from services.notify import scheduled as gauges
from services.notify.api import ROUTERS
from services.notify.consumers import consumer
from services.notify.domain.signing import Signing
from services.notify.settings import Settings
from services.notify.usecases.alerts import escalate
from services.notify.usecases.deliveries import deliver
from shared.connection import Connection
from shared.fields import Instant
from shared.offices import Offices
from shared.service import Service


def build(settings: Settings | None = None) -> Service:
    """The service; its settings come from the environment when none are given."""
    told = settings or Settings()
    offices = Offices.load(told.offices_file)
    signing = Signing(told)

    async def tick(conn: Connection, at: Instant) -> None:
        await escalate(conn, offices, told.answer_grace, at)

    return Service(
        name="notify",
        settings=told,
        offices=offices,
        migrations=Path(__file__).parent / "migrations",
        routers=ROUTERS,
        consumers=[consumer(offices)],
        tick=tick,
        gauges=gauges.read,
        workers=[partial(deliver, told), signing.seal_steadily],
        extras={"notify": told, "signing": signing},
    )
