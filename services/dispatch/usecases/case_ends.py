"""How cases end without a hand-over: dispatch answers who asked for it whether a card is outstanding."""

from collections.abc import Sequence
from datetime import datetime

from services.dispatch.domain.cases import Case
from services.dispatch.store import cases
from services.dispatch.usecases.events import SERVICE, about, story_of
from shared import outbox
from shared.connection import Connection
from shared.envelope import Cause
from shared.events import CaseClosed
from shared.fields import EndReason

BATCH = 500
"""Cases told of at a tick."""


async def tell_end(conn: Connection, ended: Sequence[Case], reason: EndReason, at: datetime, cause: Cause) -> None:
    """Tell of cases that ended, once each."""
    fresh = await cases.note_end(conn, [case.id for case in ended])
    told = [
        CaseClosed(**about(case, at), reason=reason, card_outstanding=case.card_outstanding)
        for case in ended
        if case.id in fresh
    ]
    await outbox.add(conn, SERVICE, cause, told)


async def tell_untold(conn: Connection, at: datetime) -> None:
    """Tell of cases that an older version closed: it says nothing, and their residents' NIK would stay taken."""
    for case in await cases.lock_untold(conn, BATCH):
        await tell_end(conn, [case], EndReason.WITHDRAWN, at, story_of(case))
