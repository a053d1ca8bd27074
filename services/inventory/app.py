"""The composition root of inventory: the only place that wires."""

from pathlib import Path

from services.inventory import scheduled
from services.inventory.api import ROUTERS
from services.inventory.api.dependencies import Dependencies
from services.inventory.consumers import consumers
from services.inventory.settings import Settings
from shared.service import Service


def build(settings: Settings | None = None) -> Service:
    """The service; its settings come from the environment when none are given."""
    deps = Dependencies.of(settings or Settings())
    return Service(
        name="inventory",
        settings=deps.settings,
        migrations=Path(__file__).parent / "migrations",
        routers=ROUTERS,
        consumers=consumers(deps.offices),
        tick=scheduled.on_tick(deps.offices),
        gauges=scheduled.gauges(deps.offices),
        dependencies=deps,
    )
