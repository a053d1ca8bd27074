"""The composition root of notify: the only place that wires."""

from pathlib import Path

from services.notify import scheduled
from services.notify.api import ROUTERS
from services.notify.api.dependencies import Dependencies
from services.notify.consumers import consumers
from services.notify.settings import Settings
from shared.service import Service


def build(settings: Settings | None = None) -> Service:
    """The service; its settings come from the environment when none are given."""
    deps = Dependencies.of(settings or Settings())
    return Service(
        name="notify",
        settings=deps.settings,
        migrations=Path(__file__).parent / "migrations",
        routers=ROUTERS,
        consumers=consumers(deps.offices),
        tick=scheduled.on_tick(deps.offices, deps.settings.answer_grace),
        gauges=scheduled.gauges,
        workers=scheduled.periodic_tasks(deps.settings, deps.secrets),
        dependencies=deps,
    )
