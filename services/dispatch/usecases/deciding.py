"""Decisions of a dispatcher after the last visit to a resident brought no record."""

from uuid import UUID

from services.dispatch.domain.cases import Case
from services.dispatch.store import cases, decisions
from services.dispatch.usecases.case_ends import publish_end
from services.dispatch.usecases.events import SERVICE, context_of, event_fields
from services.dispatch.usecases.locking import lock_visible
from shared.clock import business_time
from shared.contract.envelope import MessageContext
from shared.contract.events import VisitsResumed
from shared.contract.fields import EndReason, Instant, ResumeReason, Stage
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.security.auth import Identity


async def visit_again(
    conn: Connection, who: Identity, context: MessageContext, case_id: UUID, reason: ResumeReason, at: Instant
) -> Case:
    """Have the resident visited again, with new attempts.

    Raises Conflict (409) unless the case waits for a decision.
    """
    before = await lock_visible(conn, who, case_id)
    after = before.resume(at).ready_not_before(await business_time(conn))
    await cases.save(conn, [after])
    await decisions.add(conn, case_id, "again", reason, at, who.subject)
    await outbox.add(
        conn, SERVICE, context_of(after, context), [VisitsResumed(**event_fields(after, at), reason=reason)]
    )
    return after


async def close(
    conn: Connection, who: Identity, context: MessageContext, case_id: UUID, reason: EndReason, at: Instant
) -> Case:
    """Close the case: there is no further visit. A repeat changes nothing.

    Raises Conflict (409) unless the case waits for a decision.
    """
    before = await lock_visible(conn, who, case_id)
    if before.stage is Stage.CANCELLED and await decisions.latest(conn, case_id) == ("close", reason):
        return before
    after = before.give_up()
    await cases.save(conn, [after])
    await decisions.add(conn, case_id, "close", reason, at, who.subject)
    await publish_end(conn, [after], reason, at, context_of(after, context))
    return after
