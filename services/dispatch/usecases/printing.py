"""From the print-ready record (PRR) to the hand-over: prints, spoiled blank cards, and destroyed cards."""

from dataclasses import replace
from uuid import UUID

from services.dispatch.domain.cases import Case, is_closed
from services.dispatch.store import cases, prints
from services.dispatch.store.prints import Attempt, PrintKind
from services.dispatch.usecases.events import SERVICE, context_of, event_fields
from services.dispatch.usecases.locking import lock_visible
from shared.clock import business_time
from shared.contract.envelope import MessageContext
from shared.contract.events import CardDestroyed, CardHandedOver, PrintCompleted, PrintReady, PrintSpoiled
from shared.contract.fields import DestroyCause, Instant, Receiver
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.problems import Conflict
from shared.reference.device_time import not_before
from shared.security.auth import Identity


async def make_print_ready(
    conn: Connection, who: Identity, context: MessageContext, case_id: UUID, at: Instant
) -> Case:
    """The centre answered PRR; a late or repeated answer changes nothing. Raises Conflict (409) before the record."""
    before = await lock_visible(conn, who, case_id)
    now = await business_time(conn)
    after = before.print_ready(at)
    if after != before:
        at = not_before(at, before.recorded_at, now, "perekaman")
        after = before.print_ready(at)
        await cases.save(conn, [after])
        await prints.add_to_queue(conn, case_id, max(at, now))
        await outbox.add(conn, SERVICE, context_of(after, context), [PrintReady(**event_fields(after, at))])
    return after


async def record_attempt(conn: Connection, who: Identity, context: MessageContext, attempt: Attempt) -> Attempt:
    """Record a blank card that was printed or spoiled; the same print_id again returns the first attempt.

    Raises Conflict (409) when the case does not allow it, or its print_id or serial belongs to another attempt.
    """
    case = await lock_visible(conn, who, attempt.case_id)
    known = await prints.find(conn, attempt.print_id)
    if known:
        return _same(known, attempt)
    at = not_before(attempt.at, case.print_ready_at, await business_time(conn), "PRR")
    attempt = replace(attempt, at=at)
    event: PrintCompleted | PrintSpoiled
    named = {"print_id": attempt.print_id, "station": attempt.station, "serial": attempt.serial}
    if attempt.cause is None:
        after = case.printed(await prints.rationing(conn, case.office), attempt.at)
        event = PrintCompleted(**event_fields(case, attempt.at), **named)
    else:
        case.must_be_spoilable()
        after = case
        event = PrintSpoiled(**event_fields(case, attempt.at), **named, cause=attempt.cause)
    if not await prints.add(conn, attempt):
        raise _taken(await prints.find(conn, attempt.print_id))
    await cases.save(conn, [after])
    await outbox.add(conn, SERVICE, context_of(case, context), [event])
    return attempt


def _same(known: Attempt, again: Attempt) -> Attempt:
    """The stored attempt. Raises Conflict unless the repeat equals it; only its time may differ."""
    if (known.case_id, known.kind, known.station, known.serial, known.cause) != (
        *(again.case_id, again.kind, again.station, again.serial, again.cause),
    ):
        raise _taken(known)
    return known


def _taken(by_id: Attempt | None) -> Conflict:
    if by_id:
        return Conflict("print_id sudah dipakai cetakan lain.", field="print_id", rule="satu print_id satu cetakan")
    return Conflict("Nomor seri blangko sudah dipakai.", field="serial", rule="satu blangko satu cetakan")


async def hand_over(
    conn: Connection, who: Identity, context: MessageContext, case_id: UUID, receiver: Receiver, at: Instant
) -> Case:
    """Record the hand-over; a repeat to the same receiver changes nothing. Raises Conflict (409) without a card."""
    before = await lock_visible(conn, who, case_id)
    after = before.handed_over(receiver, at)
    if after != before:
        at = not_before(at, before.printed_at, await business_time(conn), "pencetakan")
        after = before.handed_over(receiver, at)
        await cases.save(conn, [after])
        await outbox.add(
            conn, SERVICE, context_of(after, context), [CardHandedOver(**event_fields(after, at), receiver=receiver)]
        )
    return after


async def destroy(
    conn: Connection,
    who: Identity,
    context: MessageContext,
    case_id: UUID,
    print_id: UUID,
    why: DestroyCause,
    at: Instant,
) -> Case:
    """Record that a printed card was destroyed; a repeat changes nothing.

    Raises Conflict (409) when the case has no such card, it was handed over, or was destroyed for another cause.
    """
    before = await lock_visible(conn, who, case_id)
    card = await prints.find(conn, print_id)
    if card is None or card.case_id != case_id or card.kind is not PrintKind.PRINTED:
        raise Conflict("Kasus ini tidak punya kartu dengan print_id ini.", field="print_id", rule="kartu kasus ini")
    known = await prints.destroyed(conn, print_id)
    if known is not None:
        if known is not why:
            raise Conflict(f"Kartu ini sudah dimusnahkan: {known}.", field="cause", rule="satu kartu satu sebab")
        return before
    after = before.card_destroyed(why)
    at = not_before(at, before.printed_at, await business_time(conn), "pencetakan")
    await prints.destroy(conn, card, why, at)
    await cases.save(conn, [after])
    over = is_closed(after.stage)
    if over:
        await cases.mark_end_published(conn, [case_id])
    named = {"print_id": card.print_id, "station": card.station, "serial": card.serial}
    event = CardDestroyed(**event_fields(after, at), **named, cause=why, case_over=over)
    await outbox.add(conn, SERVICE, context_of(after, context), [event])
    return after
