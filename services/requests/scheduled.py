"""What requests does without being asked: at each tick of the business clock, periodically, and at each scrape."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
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
from shared.database.pool import Database
from shared.observability.metric_families import gauge
from shared.reference.offices import Offices
from shared.service import Worker

DAY, RETRY = 24 * 3600.0, 60.0
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
    """The tasks of this service, each as a loop that runs until it is cancelled."""
    return [
        partial(_repeat, audit_seal_seconds, "seal the access log", seal_audit),
        partial(_repeat, DAY, "apply the retention policy", partial(_retain, retention)),
        partial(_repeat, 30.0, "fill in the word index", lambda db: backfill_word_index(db, vault)),
        partial(_repeat, DAY, "discard orphaned files", lambda db: discard_orphans(db, store)),
        partial(_repeat, 10.0, "delete discarded files", lambda db: delete_discarded(db, store)),
        partial(_repeat, 600.0, "delete ended rate limits", _sweep_rate_limits),
    ]


async def _repeat(seconds: float, task: str, run: Callable[[Database], Awaitable[object]], db: Database) -> None:
    """Run a task at start and then every `seconds`; after a transient error, again within a minute."""
    while True:
        pause = seconds
        try:
            await run(db)
        except (*TRANSIENT_ERRORS, StoreUnavailable) as error:
            log.warning("periodic task failed", task=task, error=type(error).__name__)
            pause = min(seconds, RETRY)
        await asyncio.sleep(pause)


async def _retain(policy: RetentionPolicy, db: Database) -> None:
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
