"""Cases that end without a hand-over: CaseClosed says whether a card is outstanding."""

from collections.abc import Sequence
from datetime import datetime

from services.dispatch.domain.cases import Case
from services.dispatch.store import cases
from services.dispatch.usecases.events import SERVICE, context_of, event_fields
from shared.contract.envelope import MessageContext
from shared.contract.events import CaseClosed
from shared.contract.fields import EndReason
from shared.database.connection import Connection
from shared.messaging import outbox

BATCH = 500
"""Cases that a tick publishes."""


async def publish_end(
    conn: Connection, ended: Sequence[Case], reason: EndReason, at: datetime, context: MessageContext
) -> None:
    """Publish the end of these cases, once each."""
    fresh = await cases.mark_end_published(conn, [case.id for case in ended])
    events = [
        CaseClosed(**event_fields(case, at), reason=reason, card_outstanding=case.card_outstanding)
        for case in ended
        if case.id in fresh
    ]
    await outbox.add(conn, SERVICE, context, events)


async def publish_missing_ends(conn: Connection, at: datetime) -> None:
    """Publish the end of cases that version 0.1.0 closed without an event; else their NIK would stay taken."""
    for case in await cases.lock_unpublished_ends(conn, BATCH):
        await publish_end(conn, [case], EndReason.WITHDRAWN, at, context_of(case))
