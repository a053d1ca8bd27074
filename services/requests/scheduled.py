"""What requests does without being asked: at each tick of the business clock, periodically, and at each scrape."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

import structlog
from prometheus_client import Metric

from services.requests.attachments.cleanup import delete_discarded, discard_orphans
from services.requests.attachments.object_store import ObjectStore, StoreUnavailable
from services.requests.domain.rules.policy import Policies
from services.requests.encryption import Vault, backfill_word_index
from services.requests.privacy import RetentionPolicy, apply_retention, seal_audit
from services.requests.store import changes, limits
from services.requests.store.tracking import rate_limit
from services.requests.usecases import deadlines
from shared.clock import Tick
from shared.database.connection import Connection
from shared.database.errors import TRANSIENT_ERRORS
from shared.database.periodic import PeriodicTask
from shared.database.pool import Database
from shared.observability.metric_families import gauge
from shared.reference.offices import Offices
from shared.service import Worker

DAY = 24 * 3600.0
CHANGES = 100
"""Rows of the change feed deleted in one transaction."""

log = structlog.get_logger()


def on_tick(offices: Offices, policies: Policies, vault: Vault) -> Tick:
    """The service's answer to a tick: everything that is due by then."""

    async def tick(conn: Connection, at: datetime) -> None:
        await deadlines.apply_due(conn, offices, policies, vault, at)

    return tick


async def gauges(conn: Connection) -> Iterable[Metric]:
    """Cases and drives past their limit, by stage, for Prometheus."""
    words = "Cases past the limit of a stage and not done with it, and drives whose list did not come"
    return (gauge("cases_overdue", words, ["stage"], await limits.count_overdue(conn)),)


def periodic_tasks(
    vault: Vault, retention: RetentionPolicy, store: ObjectStore, audit_seal_seconds: float
) -> list[Worker]:
    """The periodic tasks of this service."""
    files = (*TRANSIENT_ERRORS, StoreUnavailable)
    return [
        PeriodicTask("sealing of the access log", audit_seal_seconds, seal_audit),
        PeriodicTask("retention", DAY, partial(_apply_retention, retention)),
        PeriodicTask("word index backfill", 30, lambda db: backfill_word_index(db, vault)),
        PeriodicTask("discard of orphaned files", DAY, lambda db: discard_orphans(db, store), files),
        PeriodicTask("deletion of discarded files", 10, lambda db: delete_discarded(db, store), files),
        PeriodicTask("pruning of rate limits", 600, _sweep_rate_limits),
    ]


async def _apply_retention(policy: RetentionPolicy, db: Database) -> None:
    persons, batches = await apply_retention(db, policy)
    await _prune_changes(db)
    log.info("retention applied", persons=persons, audit_batches=batches)


async def _prune_changes(db: Database) -> None:
    done = CHANGES
    while done == CHANGES:
        async with db.transaction() as conn:
            done = await changes.forget(conn, CHANGES)


async def _sweep_rate_limits(db: Database) -> None:
    async with db.transaction() as conn:
        await rate_limit.sweep(conn)
