"""The outcome of a visit."""

from uuid import UUID

from services.dispatch.domain.cases import Case
from services.dispatch.domain.visits import VisitState
from services.dispatch.store import cases, visits
from services.dispatch.usecases.events import SERVICE, context_of, event_fields
from services.dispatch.usecases.locking import lock_visible
from shared.clock import business_time
from shared.contract.envelope import MessageContext
from shared.contract.events import CaseEvent, RecordCaptured, VisitCompleted, VisitDeferred
from shared.contract.fields import DeferralReason, Instant, Outcome, Stage
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.problems import NotFound
from shared.security.auth import Identity


async def record_outcome(
    conn: Connection, who: Identity, context: MessageContext, visit_id: UUID, outcome: Outcome, at: Instant
) -> Case:
    """Record the outcome of a visit, and return the case after it. A repeat changes nothing.

    Raises NotFound (404) for a visit that the caller may not see, Conflict (409) for another outcome, WrongClock
    (422) for a time long before the visit.
    """
    case_id = await visits.case_id_of(conn, visit_id)
    if case_id is None:
        raise NotFound("kunjungan tidak ditemukan", field="visit_id")
    before = await lock_visible(conn, who, case_id)
    visit = await visits.get(conn, visit_id)
    done = visit.complete(outcome, at)
    if visit.state is VisitState.DONE:
        return before
    now = await business_time(conn)
    visit.must_have_begun(at, now)
    await visits.save(conn, [done])
    after = before.visited(outcome, at, await visits.count_faults(conn, case_id)).ready_not_before(now)
    await cases.save(conn, [after])
    await outbox.add(conn, SERVICE, context_of(before, context), _events(after, visit_id, outcome, at))
    return after


def _events(case: Case, visit_id: UUID, outcome: Outcome, at: Instant) -> list[CaseEvent]:
    events: list[CaseEvent] = [VisitCompleted(**event_fields(case, at), visit_id=visit_id, outcome=outcome)]
    if case.stage is Stage.RECORDED:
        events.append(RecordCaptured(**event_fields(case, at), visit_id=visit_id))
    if case.stage is Stage.VISITED:
        events.append(VisitDeferred(**event_fields(case, at), reason=DeferralReason.OUTCOME))
    return events
