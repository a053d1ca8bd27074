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
from services.requests.attachments.services import AttachmentServices, upload_limit
from services.requests.consumers import consumers
from services.requests.domain.rules.policy import Policies
from services.requests.encryption import Vault
from services.requests.login import routes as login
from services.requests.login.device_keys import DeviceKeys
from services.requests.login.room import LoginConfig
from services.requests.pages import (
    bantuan,
    detail,
    device_slip,
    form,
    lacak,
    landing,
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
from services.requests.usecases.tracking_rate_limit import TrackingRateLimit
from shared.reference.offices import Offices
from shared.reference.village_search import Picker
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
    settings = settings or Settings()
    offices = Offices.load(settings.offices_file)
    policies = Policies.load(settings.policy_file)
    retention = RetentionPolicy.load(settings.retention_file)
    vault = Vault(settings.person_key_file)
    picker = Picker()
    files = AttachmentServices.of(settings)
    login_config = LoginConfig.of(settings)
    return Service(
        name="requests",
        settings=settings,
        offices=offices,
        migrations=Path(__file__).parent / "migrations",
        routers=ROUTERS,
        consumers=consumers(policies),
        tick=on_tick(offices, policies, vault),
        gauges=gauges,
        prepare=vault.prepare,
        workers=[picker.prepare, *periodic_tasks(vault, retention, files.store, settings.audit_seal_seconds)],
        static=STATIC,
        extras={
            "vault": vault,
            "policies": policies,
            "picker": picker,
            "cabinet": files,
            "login": login_config,
            "tracking_rate_limit": TrackingRateLimit(settings),
            "origin": settings.public_origin,
            "devices": DeviceKeys(login_config.key) if login_config else None,
        },
        larger=[upload_limit(settings), importing.larger(settings)],
    )
