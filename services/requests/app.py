"""The composition root of requests: the only place that wires."""

from pathlib import Path

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
from services.requests.api.dependencies import Dependencies
from services.requests.attachments.services import upload_limit
from services.requests.consumers import consumers
from services.requests.pages import (
    bantuan,
    detail,
    device_slip,
    form,
    lacak,
    landing,
    login,
    offline,
    roster,
    service_worker,
    slip,
    visits,
    worklist,
)
from services.requests.pages.dependencies import STATIC
from services.requests.privacy import RetentionPolicy
from services.requests.scheduled import gauges, on_tick, periodic_tasks
from services.requests.settings import Settings
from shared.service import Service

ROUTERS = (
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
    device_slip.router,
    detail.router,
    roster.router,
    slip.router,
    lacak.router,
    bantuan.router,
    service_worker.router,
)


def build(settings: Settings | None = None) -> Service:
    """The service; its settings come from the environment when none are given.

    Raises OSError or ValueError when a key or a policy cannot be read: nothing starts without them.
    """
    deps = Dependencies.of(settings or Settings())
    settings = deps.settings
    retention = RetentionPolicy.load(settings.retention_file)
    return Service(
        name="requests",
        settings=settings,
        migrations=Path(__file__).parent / "migrations",
        routers=ROUTERS,
        consumers=consumers(deps.policies),
        tick=on_tick(deps.offices, deps.policies, deps.vault),
        gauges=gauges,
        prepare=deps.vault.prepare,
        workers=[
            deps.picker.prepare,
            *periodic_tasks(deps.vault, retention, deps.files.store, settings.audit_seal_seconds),
        ],
        static=STATIC,
        dependencies=deps,
        body_limits=[upload_limit(settings), importing.body_limit(settings)],
    )
