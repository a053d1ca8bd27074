"""Planning: at each tick, every case that waits gets a visit or a reason."""

from collections.abc import Sequence
from datetime import datetime, time
from itertools import groupby

from services.dispatch.domain.cases import Case
from services.dispatch.domain.planning import Placed, Unplaced, plan
from services.dispatch.domain.visits import Visit, VisitState
from services.dispatch.store import cases, visits
from services.dispatch.usecases.events import SERVICE, context_of, event_fields
from shared.contract.events import CaseEvent, VisitDeferred, VisitRescheduled, VisitScheduled
from shared.contract.fields import DeferralReason
from shared.contract.ids import new_id
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.reference.offices import Offices


async def plan_visits(conn: Connection, offices: Offices, at: datetime) -> None:
    """Plan every accepted case without a visit. One that is planned is left alone, so a repeat plans nothing."""
    waiting = sorted(await cases.lock_to_plan(conn), key=lambda case: case.office)
    for office, group in groupby(waiting, key=lambda case: case.office):
        await _save(conn, await _decide(conn, offices, office, list(group), at), at)


async def _decide(
    conn: Connection, offices: Offices, code: str, waiting: Sequence[Case], at: datetime
) -> Sequence[Placed | Unplaced]:
    if code not in offices:
        return [Unplaced(case, DeferralReason.NO_TEAM_WITH_SKILL) for case in waiting]
    office = offices[code]
    midnight = office.moment(office.day_of(at), time())
    return plan(office, waiting, await visits.bookings(conn, code, midnight), at)


async def _save(conn: Connection, decisions: Sequence[Placed | Unplaced], at: datetime) -> None:
    released = await visits.open_of(conn, [decision.case.id for decision in decisions])
    for decision in decisions:
        case = decision.case
        match decision:
            case Placed():
                await _promise(conn, decision, released.get(case.id), at)
            case Unplaced(reason=reason) if reason is not case.deferred:
                await cases.save(conn, [case.defer(reason)])
                await _publish(conn, case, VisitDeferred(**event_fields(case, at), reason=reason))


async def _promise(conn: Connection, slot: Placed, released: Visit | None, at: datetime) -> None:
    """Save the visit and publish it: as the same visit at another time if it was promised before."""
    case, visit_id = slot.case, released.id if released else new_id()
    visit = Visit(visit_id, case.id, VisitState.PLANNED, slot.team, slot.starts_at, slot.ends_at)
    await visits.save(conn, [visit])
    await cases.save(conn, [case.schedule()])
    fields = {"visit_id": visit_id, "team": slot.team, "starts_at": slot.starts_at, "ends_at": slot.ends_at}
    if released:
        await _publish(conn, case, VisitRescheduled(**event_fields(case, at), **fields))
    else:
        await _publish(conn, case, VisitScheduled(**event_fields(case, at), **fields, kelurahan=case.needs.kelurahan))


async def _publish(conn: Connection, case: Case, event: CaseEvent) -> None:
    await outbox.add(conn, SERVICE, context_of(case), [event])
