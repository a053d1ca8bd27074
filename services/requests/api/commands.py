"""The commands on a request that was filed: papers, corrections, accept, reject, cancel, withdraw."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response

from services.requests.api.bodies import AcceptBody, ClosingBody, DocumentsBody
from services.requests.api.changes import ChangesBody, LetterChangesBody
from services.requests.api.dependencies import FilingDep, Operator
from services.requests.api.views.commands import (
    AcceptedView,
    AmendedView,
    DocumentsView,
    StageView,
    WithdrawnView,
)
from services.requests.domain.stages import State
from services.requests.usecases import amending, deciding
from services.requests.usecases.holding import seen
from shared.contract.envelope import MessageContext
from shared.contract.fields import ClosingReason, Stage
from shared.database.connection import Connection
from shared.http.commands import Commands, CommandsDep, IdempotencyKey
from shared.http.dependencies import ContextDep
from shared.security.auth import Identity

router = APIRouter(prefix="/requests", tags=["requests"])

Close = Callable[[Connection, Identity, MessageContext, UUID, datetime, ClosingReason], Awaitable[object]]


@router.post("/{request_id}/accept", response_model=AcceptedView)
async def accept(
    request_id: UUID, body: AcceptBody, who: Operator, deps: FilingDep, key: IdempotencyKey = None
) -> Response:
    """Every paper was shown: the legal clock of 24 hours starts (Permendagri 19/2018 Ps 3(2))."""

    async def command(conn: Connection) -> AcceptedView:
        context = deps.context(conn, who, await seen(conn, who, request_id))
        ready = await deciding.accept(context, request_id, body.at)
        return AcceptedView(request_id=request_id, stage=Stage.ACCEPTED, case_ids=[case.id for case in ready])

    return await deps.run_once(key, who, body, command, about=f"accept {request_id}")


@router.post("/{request_id}/cases/{case_id}/documents", response_model=DocumentsView)
async def show_documents(
    request_id: UUID, case_id: UUID, body: DocumentsBody, who: Operator, deps: FilingDep, key: IdempotencyKey = None
) -> Response:
    """Papers of a resident were shown: with the last one the case is accepted."""

    async def command(conn: Connection) -> DocumentsView:
        context = deps.context(conn, who, await seen(conn, who, request_id))
        case = await deciding.show_documents(context, request_id, case_id, body.documents, body.at)
        return DocumentsView(request_id=request_id, case_id=case_id, stage=case.state, missing=list(case.missing))

    return await deps.run_once(key, who, body, command, about=f"documents of {case_id} of {request_id}")


@router.patch("/{request_id}/cases/{case_id}", response_model=AmendedView)
async def amend_case(
    request_id: UUID, case_id: UUID, body: ChangesBody, who: Operator, deps: FilingDep, key: IdempotencyKey = None
) -> Response:
    """Correct a resident's data, and until a visit is planned what they apply for and which papers were shown.

    With the last paper the case is accepted. Once a visit may be planned, dispatch is told of what it must know.
    A change of an older `version` than the newest is refused (409); its errors name the fields that changed since.
    """

    async def command(conn: Connection) -> AmendedView:
        context = deps.context(conn, who, await seen(conn, who, request_id))
        changes = body.changes(context.office.day_of(body.at))
        case, told, version = await amending.amend_case(context, request_id, case_id, changes, body.at, body.version)
        return AmendedView(
            request_id=request_id,
            case_id=case_id,
            fields=sorted(changes),
            version=version,
            told=told,
            stage=case.state,
            missing=list(case.missing),
        )

    return await deps.run_once(key, who, body, command, about=f"amend {case_id} of {request_id}")


@router.patch("/{request_id}", response_model=AmendedView)
async def amend_letter(
    request_id: UUID, body: LetterChangesBody, who: Operator, deps: FilingDep, key: IdempotencyKey = None
) -> Response:
    """Correct what the letter says; the days and the size of a drive only until dispatch knows of it.

    A change of an older `version` than the newest is refused (409); its errors name the fields that changed since.
    """

    async def command(conn: Connection) -> AmendedView:
        context = deps.context(conn, who, await seen(conn, who, request_id))
        changes = body.changes(context.office.day_of(body.at))
        version = await amending.amend_letter(context, request_id, changes, body.at, body.version)
        return AmendedView(request_id=request_id, fields=sorted(changes.fields), version=version, told=False)

    return await deps.run_once(key, who, body, command, about=f"amend {request_id}")


@router.post("/{request_id}/reject", response_model=StageView)
async def reject(
    request_id: UUID, body: ClosingBody, who: Operator, context: ContextDep, commands: CommandsDep
) -> Response:
    """End a request that was not accepted yet."""
    closed = StageView(request_id=request_id, stage=State.REJECTED)
    return await _close(deciding.reject, closed, body, who, context, commands, about=f"reject {request_id}")


@router.post("/{request_id}/cancel", response_model=StageView)
async def cancel(
    request_id: UUID, body: ClosingBody, who: Operator, context: ContextDep, commands: CommandsDep
) -> Response:
    """Whoever filed the request takes it back."""
    closed = StageView(request_id=request_id, stage=State.CANCELLED)
    return await _close(deciding.cancel, closed, body, who, context, commands, about=f"cancel {request_id}")


async def _close(
    close: Close,
    closed: StageView,
    body: ClosingBody,
    who: Identity,
    context: MessageContext,
    commands: Commands,
    about: str,
) -> Response:
    """Run a command that closes a request, and answer with `closed`."""

    async def command(conn: Connection) -> StageView:
        await close(conn, who, context, closed.request_id, body.at, body.reason)
        return closed

    return await commands.run(who, body, command, about=about)


@router.post("/{request_id}/cases/{case_id}/withdraw", response_model=WithdrawnView)
async def withdraw(
    request_id: UUID, case_id: UUID, body: ClosingBody, who: Operator, context: ContextDep, commands: CommandsDep
) -> Response:
    """End one resident's case; the others go on."""

    async def command(conn: Connection) -> WithdrawnView:
        await deciding.withdraw(conn, who, context, request_id, case_id, body.at, body.reason)
        return WithdrawnView(request_id=request_id, case_id=case_id, stage=State.CANCELLED)

    return await commands.run(who, body, command, about=f"withdraw {case_id} of {request_id}")
