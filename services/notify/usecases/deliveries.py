"""The worker that delivers webhooks: at least once, with the same webhook-id each time.

A delivery is claimed in one transaction and settled in another; the HTTP call is between them, in none. What a
dead worker had claimed is due again when its lease ends. Woken by each commit that told something, and by each
settled delivery; else it looks once a second (`webhook_poll`), for retries and for what other processes wrote.
"""

import asyncio
from datetime import timedelta

import structlog

from services.notify.adapters.webhook_client import Poster
from services.notify.domain.signing import Signing
from services.notify.domain.webhooks import Answer, Delivered, judge
from services.notify.settings import Settings
from services.notify.store import deliveries as store
from services.notify.store.deliveries import Claim
from shared.db import TRANSIENT, Database

log = structlog.get_logger()


async def deliver(settings: Settings, db: Database) -> None:
    """Deliver what is due until cancelled. Trouble with the database or a receiver is logged and tried again."""
    wake, signing = asyncio.Event(), Signing(settings)
    _wake_after_commits(db, wake)
    under_way: set[asyncio.Task[None]] = set()
    async with Poster(settings) as poster, asyncio.TaskGroup() as group:
        while True:
            wake.clear()
            for claim in await _claim(settings, db, settings.webhook_slots - len(under_way)):
                task = group.create_task(_attempt(settings, signing, db, poster, claim))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
                task.add_done_callback(lambda _: wake.set())
            await _woken(wake, settings.webhook_poll)


def _wake_after_commits(db: Database, wake: asyncio.Event) -> None:
    """A delivery is always written along with an event: the commit that wakes the relay wakes the worker too."""
    wake_relay = db.after_outbox

    def wake_both() -> None:
        wake_relay()
        wake.set()

    db.after_outbox = wake_both


async def _woken(wake: asyncio.Event, at_the_latest: float) -> None:
    try:
        async with asyncio.timeout(at_the_latest):
            await wake.wait()
    except TimeoutError:
        pass


async def _claim(settings: Settings, db: Database, slots: int) -> list[Claim]:
    if slots <= 0:
        return []
    try:
        async with db.transaction() as conn:
            return await store.claim(conn, slots, settings.webhook_share, timedelta(seconds=settings.webhook_lease))
    except TRANSIENT as error:
        log.warning("deliveries wait", error=type(error).__name__)
        return []


async def _attempt(settings: Settings, signing: Signing, db: Database, poster: Poster, claim: Claim) -> None:
    answer, error = await _post(settings, signing, poster, claim)
    verdict = judge(answer, claim.attempt, settings.webhook_retries, claim.challenge)
    status = answer.status if answer is not None else None
    if status is not None and 200 <= status < 300 and not isinstance(verdict, Delivered):
        error = "ChallengeNotEchoed"
    log.info(
        "webhook",
        subscription_id=str(claim.subscription_id),
        message_id=str(claim.message_id),
        attempt=claim.attempt,
        status=status,
        error=error,
        verdict=type(verdict).__name__,
    )
    try:
        async with db.transaction() as conn:
            await store.settle(conn, claim, verdict, status, error)
    except TRANSIENT as trouble:
        log.warning("delivery not settled; it is due again after its lease", error=type(trouble).__name__)


async def _post(
    settings: Settings, signing: Signing, poster: Poster, claim: Claim
) -> tuple[Answer | None, str | None]:
    """What the receiver answered, or what kept it from answering."""
    try:
        secret = claim.secret or signing.opened(claim.subscription_id, claim.sealed_secret or b"")
        async with asyncio.timeout(settings.webhook_timeout):
            read = claim.challenge is not None
            return await poster.post(claim.url, secret, claim.message_id, claim.body, claim.attempt, read=read), None
    except Exception as error:  # whatever a stranger's server does, it is a failed attempt of this delivery alone
        return None, type(error).__name__
