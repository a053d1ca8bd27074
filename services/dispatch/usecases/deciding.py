"""What a person decides of a resident whom the last visit did not find, or who could not be recorded."""

from uuid import UUID

from services.dispatch.domain.cases import Case
from services.dispatch.store import cases, decisions
from services.dispatch.usecases.case_ends import tell_end
from services.dispatch.usecases.events import SERVICE, about, lock_seen, story_of
from shared import outbox
from shared.auth import Identity
from shared.clock import business_time
from shared.connection import Connection
from shared.envelope import Cause
from shared.events import VisitsResumed
from shared.fields import EndReason, Instant, ResumeReason, Stage


async def visit_again(
    conn: Connection, who: Identity, cause: Cause, case_id: UUID, reason: ResumeReason, at: Instant
) -> Case:
    """The resident is visited again, with new attempts. Raises Conflict (409) unless a decision is waited for."""
    before = await lock_seen(conn, who, case_id)
    after = before.resume(at).heard_of(await business_time(conn))
    await cases.save(conn, [after])
    await decisions.add(conn, case_id, "again", reason, at, who.subject)
    await outbox.add(conn, SERVICE, story_of(after, cause), [VisitsResumed(**about(after, at), reason=reason)])
    return after


async def close(conn: Connection, who: Identity, cause: Cause, case_id: UUID, reason: EndReason, at: Instant) -> Case:
    """There is no further visit; the same again tells nothing.

    Raises Conflict (409) unless a decision is waited for.
    """
    before = await lock_seen(conn, who, case_id)
    if before.stage is Stage.CANCELLED and await decisions.latest(conn, case_id) == ("close", reason):
        return before
    after = before.give_up()
    await cases.save(conn, [after])
    await decisions.add(conn, case_id, "close", reason, at, who.subject)
    await tell_end(conn, [after], reason, at, story_of(after, cause))
    return after
