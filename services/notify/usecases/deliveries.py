"""The worker that delivers webhooks: at least once, with the same webhook-id each time.

A delivery is claimed in one transaction and settled in another; the HTTP call lies between them, in none. The claims
of a dead worker are due again when its lease ends. Each commit with an event and each settled delivery wakes the
worker; it polls every `webhook_poll` seconds too, for retries and for the deliveries of other processes.
"""

import asyncio
from datetime import timedelta

import structlog

from services.notify.adapters.webhook_client import WebhookClient
from services.notify.domain.secret_cipher import SecretCipher
from services.notify.domain.webhooks import Delivered, WebhookResponse, classify
from services.notify.settings import Settings
from services.notify.store import deliveries as store
from services.notify.store.deliveries import DeliveryClaim
from shared.database.errors import TRANSIENT_ERRORS
from shared.database.pool import Database

log = structlog.get_logger()


async def deliver(settings: Settings, cipher: SecretCipher, db: Database) -> None:
    """Deliver what is due until cancelled. Errors of the database or a receiver are logged and tried again."""
    wake = asyncio.Event()
    _wake_after_commits(db, wake)
    under_way: set[asyncio.Task[None]] = set()
    async with WebhookClient(settings) as client, asyncio.TaskGroup() as group:
        while True:
            wake.clear()
            for claim in await _claim(settings, db, settings.webhook_slots - len(under_way)):
                task = group.create_task(_attempt(settings, cipher, db, client, claim))
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


async def _claim(settings: Settings, db: Database, slots: int) -> list[DeliveryClaim]:
    if slots <= 0:
        return []
    try:
        async with db.transaction() as conn:
            return await store.claim(conn, slots, settings.webhook_share, timedelta(seconds=settings.webhook_lease))
    except TRANSIENT_ERRORS as error:
        log.warning("deliveries wait", error=type(error).__name__)
        return []


async def _attempt(
    settings: Settings, cipher: SecretCipher, db: Database, client: WebhookClient, claim: DeliveryClaim
) -> None:
    response, error = await _post(settings, cipher, client, claim)
    outcome = classify(response, claim.attempt, settings.webhook_retries, claim.challenge)
    status = response.status if response is not None else None
    if status is not None and 200 <= status < 300 and not isinstance(outcome, Delivered):
        error = "ChallengeNotEchoed"
    log.info(
        "webhook",
        subscription_id=str(claim.subscription_id),
        message_id=str(claim.message_id),
        attempt=claim.attempt,
        status=status,
        error=error,
        outcome=type(outcome).__name__,
    )
    try:
        async with db.transaction() as conn:
            await store.settle(conn, claim, outcome, status, error)
    except TRANSIENT_ERRORS as trouble:
        log.warning("delivery not settled; it is due again after its lease", error=type(trouble).__name__)


async def _post(
    settings: Settings, cipher: SecretCipher, client: WebhookClient, claim: DeliveryClaim
) -> tuple[WebhookResponse | None, str | None]:
    """What the receiver answered, or what kept it from answering."""
    try:
        secret = claim.secret or cipher.decrypt(claim.subscription_id, claim.sealed_secret or b"")
        async with asyncio.timeout(settings.webhook_timeout):
            read = claim.challenge is not None
            return await client.post(claim.url, secret, claim.message_id, claim.body, claim.attempt, read=read), None
    except Exception as error:  # whatever a receiver does, it is a failed attempt of this delivery alone
        return None, type(error).__name__
