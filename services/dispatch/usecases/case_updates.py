"""Updates that come with events: the cases of letters, and what inventory allows to print.

Events of one request come in order. Only a CaseAdded that was a dead letter may come late, when it is replayed: facts
of the case that came meanwhile are stored as pending facts, and count.
"""

from dataclasses import replace
from typing import Literal

from services.dispatch.domain.cases import Case, Needs, VisitDays, is_closed
from services.dispatch.domain.visits import VisitState, still_fits
from services.dispatch.store import cases, prints, visits
from services.dispatch.usecases.case_ends import publish_end
from services.dispatch.usecases.events import SERVICE, event_fields
from shared.contract.envelope import Message, MessageContext
from shared.contract.events import (
    CaseAdded,
    CaseWithdrawn,
    PrintEligible,
    RationingChanged,
    RequestAccepted,
    RequestAmended,
    RequestCancelled,
    RequestRejected,
    VisitCancelled,
)
from shared.contract.fields import EndReason, Instant, Stage
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.messaging.consumer import NonRetryableError

Closed = Literal[Stage.REJECTED, Stage.CANCELLED]


async def add_case(conn: Connection, message: Message[CaseAdded]) -> None:
    """Add a case in the stage of its letter. A repeat changes nothing.

    The case is not accepted before its own papers were known, even if its letter was. Its turn goes by the time of
    receipt: a late queue or a wrong clock of a device overtakes nobody.
    """
    event = message.event
    known_at = max(event.at, event.received_at or event.at)
    case = Case(
        id=event.case_id,
        request_id=event.request_id,
        correlation_id=message.context.correlation_id,
        office=event.office,
        service=event.service,
        needs=_needs(event),
        on_hold=event.print_on_hold,
        filed_at=known_at,
        position=message.sequence,
        needs_sequence=message.sequence,
        days=VisitDays(frozenset(event.preferred_days), event.on_holidays),
        family_card=event.family_card,
    )
    accepted_at, closed = await cases.lock_letter(conn, case.request_id)
    withdrawn, eligible = await cases.pending_case_facts(conn, case.id)
    if accepted_at:
        case = case.accept(max(accepted_at, known_at))
    if withdrawn or closed:
        case = case.close(Stage.REJECTED if closed is Stage.REJECTED and not withdrawn else Stage.CANCELLED)
    if await cases.add(conn, replace(case, on_hold=case.on_hold and not eligible)) and is_closed(case.stage):
        await publish_end(conn, [case], EndReason.WITHDRAWN, event.at, message.context)


async def accept_request(conn: Connection, event: RequestAccepted) -> None:
    """Accept the cases of a request: they may be planned from now on."""
    known_at = max(event.at, event.received_at or event.at)
    await cases.set_letter_accepted(conn, event.request_id, known_at)
    await cases.save(conn, [case.accept(known_at) for case in await cases.lock_request(conn, event.request_id)])


async def amend_case(conn: Connection, message: Message[RequestAmended]) -> None:
    """Change the needs, the service or the family card; a promised visit that no longer fits is planned again.

    Raises NonRetryableError for an unknown case: replay this event after the one that adds it.
    """
    event = message.event
    await cases.lock_letter(conn, event.request_id)
    before = await cases.lock(conn, event.case_id)
    if before is None:
        raise NonRetryableError(f"case {event.case_id} is not known yet")
    after = before.amend(_needs(event), message.sequence, event.service, event.family_card)
    if after.stage is Stage.SCHEDULED and not still_fits(before.needs, after.needs):
        visit = (await visits.open_of(conn, [after.id]))[after.id]
        await visits.save(conn, [replace(visit, state=VisitState.RELEASED)])
        after = after.release()
    await cases.save(conn, [after])
    if (after.service, after.family_card) != (before.service, before.family_card):
        await cases.save_applied(conn, after)


async def withdraw_case(conn: Connection, message: Message[CaseWithdrawn]) -> None:
    """End one case, and cancel its visit."""
    event = message.event
    await cases.lock_letter(conn, event.request_id)
    case = await cases.lock(conn, event.case_id)
    if case is None:
        await cases.add_pending_case_facts(conn, event.case_id, withdrawn=True)
        return
    await _close(conn, [case], event.at, message.context, Stage.CANCELLED)


async def close_request(
    conn: Connection, event: RequestRejected | RequestCancelled, context: MessageContext, stage: Closed
) -> None:
    """End all cases of a request, and cancel their visits."""
    await cases.set_letter_closed(conn, event.request_id, stage)
    await _close(conn, await cases.lock_request(conn, event.request_id), event.at, context, stage)


async def lift_hold(conn: Connection, event: PrintEligible) -> None:
    """Allow the card of a case to be printed from now on."""
    await cases.lock_letter(conn, event.request_id)
    case = await cases.lock(conn, event.case_id)
    if case is None:
        await cases.add_pending_case_facts(conn, event.case_id, eligible=True)
        return
    await cases.save(conn, [replace(case, on_hold=False)])


async def store_rationing(conn: Connection, event: RationingChanged) -> None:
    """Store which services an office may print; an older version changes nothing."""
    await prints.store_rationing(conn, event)


async def _close(conn: Connection, found: list[Case], at: Instant, context: MessageContext, stage: Closed) -> None:
    """End the open ones of these cases and publish it; the end of the others is published already."""
    ending = [case for case in found if not is_closed(case.stage)]
    planned = await visits.open_of(conn, [case.id for case in ending])
    await visits.save(conn, [replace(visit, state=VisitState.CANCELLED) for visit in planned.values()])
    ended = [case.close(stage) for case in ending]
    await cases.save(conn, ended)
    cancelled = [case for case in ending if case.id in planned]
    events = [VisitCancelled(**event_fields(case, at), visit_id=planned[case.id].id) for case in cancelled]
    await outbox.add(conn, SERVICE, context, events)
    await publish_end(conn, ended, EndReason.WITHDRAWN, at, context)


def _needs(event: CaseAdded | RequestAmended) -> Needs:
    return Needs(
        kelurahan=event.kelurahan,
        minutes=event.minutes,
        team_size=event.team_size,
        skills=frozenset(event.skills),
        urgency=event.urgency,
    )
