"""The routes of the print station: PRR, the queue, prints and spoiled cards, the hand-over, and destroyed cards."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from services.dispatch.api.access import Limit, Reader
from services.dispatch.api.views import QueueItem, QueueView, StageView, TakenView
from services.dispatch.store import prints, reading
from services.dispatch.store.prints import Attempt, PrintKind
from services.dispatch.usecases import printing
from shared.contract import fields as f
from shared.contract.envelope import MessageContext
from shared.database.connection import Connection
from shared.http.commands import Commands, CommandsDep
from shared.http.dependencies import ContextDep, Db
from shared.security.auth import Identity, Role, allow, found

router = APIRouter(tags=["printing"])
CASE = found("case_id")
Keeper = Annotated[Identity, Depends(allow(Role.OFFICER, Role.PRINT_OPERATOR, scope=CASE, cookie=True))]
"""Who keeps printed cards until they are in a hand."""
Printer = Annotated[Identity, Depends(allow(Role.PRINT_OPERATOR, scope=CASE, cookie=True))]


class AtBody(BaseModel):
    """When it happened."""

    at: f.SentInstant


class PrintBody(AtBody):
    """A blank card went through the printer; `print_id` is drawn once an attempt."""

    print_id: f.PrintId
    station: f.StationCode
    serial: f.BlankoSerial


class SpoilBody(PrintBody):
    """It is waste."""

    cause: f.SpoilCause


class HandoverBody(AtBody):
    """Into whose hand the card went."""

    receiver: f.Receiver


class DestroyBody(AtBody):
    """Which printed card is destroyed, by its `print_id`, and why.

    Of a case that is open, misprint, damaged and lost print again; deceased and unclaimed end the case.
    """

    print_id: f.PrintId
    cause: f.DestroyCause


@router.get("/print-queue")
async def print_queue(office: f.OfficeCode, who: Reader, db: Db, limit: Limit = 200) -> QueueView:
    """The head of the queue: PRR, not on hold, and allowed while blank cards are rationed."""
    async with db.connection() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        rationing = await prints.rationing(conn, office)
        rows = await reading.print_queue(conn, office, who.wilayah, rationing.allowed, limit)
        ready, held = await reading.printable(conn, office, who.wilayah)
    return QueueView(
        rationing=rationing.active,
        allowed=sorted(rationing.allowed),
        ready=ready,
        held=held,
        items=[QueueItem(**row) for row in rows],
    )


@router.post("/cases/{case_id}/print-ready", response_model=StageView)
async def print_ready(
    case_id: UUID,
    body: AtBody,
    who: Annotated[Identity, Depends(allow(Role.SERVICE, Role.PRINT_OPERATOR, scope=CASE, cookie=True))],
    context: ContextDep,
    commands: CommandsDep,
) -> Response:
    """The centre answered PRR; a repeated or late answer changes nothing; 409 before the record."""

    async def command(conn: Connection) -> BaseModel:
        return StageView.of(await printing.make_print_ready(conn, who, context, case_id, body.at))

    return await commands.run(who, body, command, about=f"print-ready {case_id}")


@router.post("/cases/{case_id}/prints", status_code=201, response_model=TakenView)
async def card_printed(
    case_id: UUID, body: PrintBody, who: Printer, context: ContextDep, commands: CommandsDep
) -> Response:
    """A card was printed; 409 unless it is PRR, not on hold, allowed, and the blank card new."""
    attempt = Attempt(body.print_id, case_id, PrintKind.PRINTED, body.station, body.serial, None, body.at)
    return await _take(commands, who, context, body, attempt)


@router.post("/cases/{case_id}/spoils", status_code=201, response_model=TakenView)
async def card_spoiled(
    case_id: UUID, body: SpoilBody, who: Printer, context: ContextDep, commands: CommandsDep
) -> Response:
    """A blank card was spoiled; the case stays in the queue."""
    attempt = Attempt(body.print_id, case_id, PrintKind.SPOILED, body.station, body.serial, body.cause, body.at)
    return await _take(commands, who, context, body, attempt)


async def _take(
    commands: Commands, who: Identity, context: MessageContext, body: BaseModel, attempt: Attempt
) -> Response:
    async def command(conn: Connection) -> BaseModel:
        kept = await printing.record_attempt(conn, who, context, attempt)
        return TakenView.model_validate(kept)

    return await commands.run(who, body, command, about=f"{attempt.kind} {attempt.case_id}", status=201)


@router.post("/cases/{case_id}/handover", response_model=StageView)
async def handover(
    case_id: UUID, body: HandoverBody, who: Keeper, context: ContextDep, commands: CommandsDep
) -> Response:
    """The card was handed over, also of a case that was closed meanwhile; 409 without a card."""

    async def command(conn: Connection) -> BaseModel:
        return StageView.of(await printing.hand_over(conn, who, context, case_id, body.receiver, body.at))

    return await commands.run(who, body, command, about=f"handover {case_id}")


@router.post("/cases/{case_id}/destroy", response_model=StageView)
async def destroy(
    case_id: UUID, body: DestroyBody, who: Keeper, context: ContextDep, commands: CommandsDep
) -> Response:
    """A printed card was destroyed before it reached a hand; 409 without such a card."""

    async def command(conn: Connection) -> BaseModel:
        return StageView.of(await printing.destroy(conn, who, context, case_id, body.print_id, body.cause, body.at))

    return await commands.run(who, body, command, about=f"destroy {case_id}")
