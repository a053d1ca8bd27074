"""What dispatch makes of events: cases of letters, and what inventory allows to print.

Events of one request come in order. A case may still be told of late, when its event was a dead letter and is
replayed: what was said of it meanwhile is kept and counts.
"""

from dataclasses import replace
from typing import Literal

from services.dispatch.domain.cases import Case, Days, Needs, is_closed
from services.dispatch.domain.visits import VisitState, still_fits
from services.dispatch.store import cases, prints, visits
from services.dispatch.usecases.ending import tell_end
from services.dispatch.usecases.telling import SERVICE, about
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
    """A case is known from now on, in the stage that its letter is in. A repeat changes nothing.

    Its clock is that of its own papers: it is not accepted before they were told of, even if its letter was. Its turn
    is by the time of receipt: a queue that comes late, or a device's wrong clock, passes nobody.
    """
    event = message.event
    known_at = max(event.at, event.received_at or event.at)
    case = Case(
        id=event.case_id,
        request_id=event.request_id,
        story=message.context.correlation_id,
        office=event.office,
        service=event.service,
        needs=_needs(event),
        on_hold=event.print_on_hold,
        filed_at=known_at,
        position=message.sequence,
        told=message.sequence,
        days=Days(frozenset(event.preferred_days), event.on_holidays),
        family_card=event.family_card,
    )
    accepted_at, closed = await cases.lock_letter(conn, case.request_id)
    withdrawn, eligible = await cases.early(conn, case.id)
    if accepted_at:
        case = case.accept(max(accepted_at, known_at))
    if withdrawn or closed:
        case = case.close(Stage.REJECTED if closed is Stage.REJECTED and not withdrawn else Stage.CANCELLED)
    if await cases.add(conn, replace(case, on_hold=case.on_hold and not eligible)) and is_closed(case.stage):
        await tell_end(conn, [case], EndReason.WITHDRAWN, event.at, message.context)


async def accept_request(conn: Connection, event: RequestAccepted) -> None:
    """Its cases may be planned from now on."""
    known_at = max(event.at, event.received_at or event.at)
    await cases.note_accepted(conn, event.request_id, known_at)
    await cases.save(conn, [case.accept(known_at) for case in await cases.lock_request(conn, event.request_id)])


async def amend_case(conn: Connection, message: Message[RequestAmended]) -> None:
    """Keep other needs, another service, a family card; a promised visit that no longer fits is planned again.

    Raises Refused for a case that was never added: replay this event after the one that adds it.
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
    """One case ends, and its visit is called off."""
    event = message.event
    await cases.lock_letter(conn, event.request_id)
    case = await cases.lock(conn, event.case_id)
    if case is None:
        await cases.note_early(conn, event.case_id, withdrawn=True)
        return
    await _close(conn, [case], event.at, message.context, Stage.CANCELLED)


async def close_request(
    conn: Connection, event: RequestRejected | RequestCancelled, cause: MessageContext, stage: Closed
) -> None:
    """All its cases end, and their visits are called off."""
    await cases.note_closed(conn, event.request_id, stage)
    await _close(conn, await cases.lock_request(conn, event.request_id), event.at, cause, stage)


async def lift_hold(conn: Connection, event: PrintEligible) -> None:
    """The card may be printed from now on."""
    await cases.lock_letter(conn, event.request_id)
    case = await cases.lock(conn, event.case_id)
    if case is None:
        await cases.note_early(conn, event.case_id, eligible=True)
        return
    await cases.save(conn, [replace(case, on_hold=False)])


async def remember_rationing(conn: Connection, event: RationingChanged) -> None:
    """Which services an office may print; an older version changes nothing."""
    await prints.remember_rationing(conn, event)


async def _close(conn: Connection, asked: list[Case], at: Instant, cause: MessageContext, stage: Closed) -> None:
    """End those that are open, and answer; the end of the others was told before."""
    ending = [case for case in asked if not is_closed(case.stage)]
    planned = await visits.open_of(conn, [case.id for case in ending])
    await visits.save(conn, [replace(visit, state=VisitState.CANCELLED) for visit in planned.values()])
    ended = [case.close(stage) for case in ending]
    await cases.save(conn, ended)
    called_off = [case for case in ending if case.id in planned]
    events = [VisitCancelled(**about(case, at), visit_id=planned[case.id].id) for case in called_off]
    await outbox.add(conn, SERVICE, cause, events)
    await tell_end(conn, ended, EndReason.WITHDRAWN, at, cause)


def _needs(event: CaseAdded | RequestAmended) -> Needs:
    return Needs(
        kelurahan=event.kelurahan,
        minutes=event.minutes,
        team_size=event.team_size,
        skills=frozenset(event.skills),
        urgency=event.urgency,
    )
