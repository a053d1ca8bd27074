"""The composition root of dispatch: the only place that wires."""

from pathlib import Path

from services.dispatch import scheduled
from services.dispatch.api import ROUTERS
from services.dispatch.api.dependencies import Dependencies
from services.dispatch.consumers import consumers
from services.dispatch.settings import Settings
from shared.service import Service


def build(settings: Settings | None = None) -> Service:
    """The service; its settings come from the environment when none are given."""
    deps = Dependencies.of(settings or Settings())
    return Service(
        name="dispatch",
        settings=deps.settings,
        migrations=Path(__file__).parent / "migrations",
        routers=ROUTERS,
        consumers=consumers(),
        tick=scheduled.on_tick(deps.offices),
        gauges=scheduled.gauges,
        dependencies=deps,
    )
