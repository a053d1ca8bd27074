"""What this office decides of a filed letter: accept, papers shown, reject, cancel, withdraw."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from services.requests.domain.letters import LockedCase, Request
from services.requests.domain.people import Document
from services.requests.store import amending, letters
from services.requests.usecases import SERVICE
from services.requests.usecases.filing import FilingContext
from services.requests.usecases.holding import held, since_filing
from shared.contract.envelope import MessageContext
from shared.contract.fields import ClosingReason, Stage
from shared.database.connection import Connection
from shared.messaging import outbox
from shared.security.auth import Identity


async def accept(context: FilingContext, request_id: UUID, at: datetime) -> list[LockedCase]:
    """Every paper of every waiting case was shown; returns those cases.

    Raises NotFound (404), or Conflict (409) when none waits.
    """
    conn, policy = context.conn, context.policy
    request = await held(conn, context.who, request_id)
    when = await since_filing(conn, request, at)
    ready, facts = request.accept(policy, when)
    await letters.show(conn, ready)
    await letters.begin(conn, request_id, [case.id for case in ready], when.at, when.at + policy.legal_limit)
    await outbox.add(conn, SERVICE, context.message_context, facts)
    return ready


async def show_documents(
    context: FilingContext, request_id: UUID, case_id: UUID, documents: Collection[Document], at: datetime
) -> LockedCase:
    """Papers of a case were shown: with the last one it is accepted. Returns the case as it is then.

    Raises NotFound (404), or Conflict (409) for a case that is closed.
    """
    conn, policy = context.conn, context.policy
    request = await held(conn, context.who, request_id, [case_id])
    before = request.case(case_id)
    when = await since_filing(conn, request, at)
    case, facts = request.show(policy, case_id, documents, when)
    await letters.show(conn, [case])
    if case.documents != before.documents:
        await amending.note(conn, request_id, case_id, ["documents"], when.at, context.who.subject)
    if before.waits and not case.missing:
        await letters.begin(conn, request_id, [case_id], when.at, when.at + policy.legal_limit)
        await outbox.add(conn, SERVICE, context.message_context, facts)
        return case.begun()
    return case


async def reject(
    conn: Connection, who: Identity, context: MessageContext, request_id: UUID, at: datetime, reason: ClosingReason
) -> Request:
    """It ends before any visit. Raises NotFound (404), or Conflict (409) once it was accepted or closed."""
    request = await held(conn, who, request_id)
    at = (await since_filing(conn, request, at)).at
    fact = request.reject(at, reason)
    await letters.close(conn, request_id, request.cases, Stage.REJECTED, at, reason)
    await outbox.add(conn, SERVICE, context, [fact])
    return request


async def cancel(
    conn: Connection, who: Identity, context: MessageContext, request_id: UUID, at: datetime, reason: ClosingReason
) -> Request:
    """It is taken back. Raises NotFound (404), or Conflict (409) when it is closed or a card is printed."""
    request = await held(conn, who, request_id)
    at = (await since_filing(conn, request, at)).at
    fact = request.cancel(at, reason)
    await letters.close(conn, request_id, request.cases, Stage.CANCELLED, at, reason)
    await outbox.add(conn, SERVICE, context, [fact])
    return request


async def withdraw(
    conn: Connection,
    who: Identity,
    context: MessageContext,
    request_id: UUID,
    case_id: UUID,
    at: datetime,
    reason: ClosingReason,
) -> Request:
    """One resident's case ends, the others go on. Raises NotFound (404), or Conflict (409) when it is over."""
    request = await held(conn, who, request_id, [case_id])
    at = (await since_filing(conn, request, at)).at
    facts = request.withdraw(case_id, at, reason)
    await letters.withdraw(conn, case_id, at, reason)
    await outbox.add(conn, SERVICE, context, facts)
    return request
