"""The routes of visits: the day of the teams, the outcomes, and the cases that wait."""

from datetime import time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from services.dispatch.api.access import Limit, Reader
from services.dispatch.api.dependencies import Deps
from services.dispatch.api.views import OutcomeView, VisitItem, VisitsView, WaitingItem, WaitingView
from services.dispatch.store import reading
from services.dispatch.usecases.visiting import record_outcome
from shared.contract import fields as f
from shared.database.connection import Connection
from shared.http.commands import CommandsDep
from shared.http.dependencies import ContextDep, Db
from shared.security.auth import Identity, Role, allow, found

router = APIRouter(tags=["visits"])


class OutcomeBody(BaseModel):
    """The outcome of a visit."""

    at: f.SentInstant
    outcome: f.Outcome


@router.get("/visits")
async def visits(
    office: f.OfficeCode, day: f.Day, who: Reader, db: Db, deps: Deps, team: f.TeamCode | None = None
) -> VisitsView:
    """The visits of an office's day, or of one of its teams, by start; cancelled ones are left out."""
    known = deps.offices[office]
    start, end = known.moment(day, time()), known.moment(day + timedelta(days=1), time())
    async with db.connection() as conn:
        rows = await reading.visits(conn, office, who.wilayah, start, end, team)
    return VisitsView(items=[VisitItem(**row) for row in rows])


@router.post("/visits/{visit_id}/outcome", response_model=OutcomeView)
async def outcome(
    visit_id: UUID,
    body: OutcomeBody,
    who: Annotated[Identity, Depends(allow(Role.OFFICER, scope=found("visit_id"), cookie=True))],
    context: ContextDep,
    commands: CommandsDep,
) -> Response:
    """Record the outcome of a visit; 409 when another one is recorded."""

    async def command(conn: Connection) -> BaseModel:
        case = await record_outcome(conn, who, context, visit_id, body.outcome, body.at)
        return OutcomeView(
            case_id=case.id,
            stage=case.stage,
            visit_id=visit_id,
            outcome=body.outcome,
            attempts=case.attempts,
            deferred=case.deferred,
        )

    return await commands.run(who, body, command, about=f"outcome {visit_id}")


@router.get("/waiting")
async def waiting(office: f.OfficeCode, who: Reader, db: Db, limit: Limit = 200) -> WaitingView:
    """Accepted cases without a visit, with the reason, and those whose last attempt brought no record."""
    async with db.connection() as conn:
        rows = await reading.waiting(conn, office, who.wilayah, limit)
    return WaitingView(items=[WaitingItem(**row) for row in rows])
