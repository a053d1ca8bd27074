"""The routes of one case: its state, and the decisions of a dispatcher."""

from dataclasses import asdict
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Response
from pydantic import BaseModel

from services.dispatch.api.access import CaseReader
from services.dispatch.api.views import CardView, CaseView, CaseVisitView, StageView
from services.dispatch.domain.cases import Case
from services.dispatch.store import cases, reading
from services.dispatch.usecases import deciding
from shared.contract import fields as f
from shared.database.connection import Connection
from shared.http.commands import CommandsDep
from shared.http.dependencies import ContextDep, Db
from shared.problems import NotFound
from shared.security.auth import Identity, Role, allow, found

router = APIRouter(tags=["cases"])
Decider = Annotated[Identity, Depends(allow(Role.DISPATCHER, scope=found("case_id"), cookie=True))]


class AgainBody(BaseModel):
    """The resident is visited again, with new attempts."""

    at: f.SentInstant
    decision: Literal["again"]
    reason: f.ResumeReason


class CloseBody(BaseModel):
    """There is no further visit."""

    at: f.SentInstant
    decision: Literal["close"]
    reason: Literal[
        f.EndReason.NO_RECORD,
        f.EndReason.NOT_FOUND,
        f.EndReason.REFUSED,
        f.EndReason.MOVED_AWAY,
        f.EndReason.DECEASED,
    ]


DecisionBody = Annotated[AgainBody | CloseBody, Body(discriminator="decision")]


@router.get("/cases/{case_id}")
async def one(case_id: UUID, who: CaseReader, db: Db) -> CaseView:
    """A case with its visits and its attempts to print; 404 outside the caller's wilayah."""
    async with db.connection() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        known = await cases.find(conn, case_id)
        if known is None or not who.sees(known.needs.kelurahan):
            raise NotFound("kasus tidak ditemukan", field="case_id")
        visits = [CaseVisitView(**row) for row in await reading.visits_of(conn, case_id)]
        prints = [CardView(**row) for row in await reading.prints_of(conn, case_id)]
    return _view(known, visits, prints)


@router.post("/cases/{case_id}/decide", response_model=StageView)
async def decide(
    case_id: UUID, body: DecisionBody, who: Decider, context: ContextDep, commands: CommandsDep
) -> Response:
    """What becomes of a case whose last visit brought no record; 409 unless it waits for this."""

    async def command(conn: Connection) -> BaseModel:
        match body:
            case AgainBody():
                decided = await deciding.visit_again(conn, who, context, case_id, body.reason, body.at)
            case CloseBody():
                decided = await deciding.close(conn, who, context, case_id, body.reason, body.at)
        return StageView.of(decided)

    return await commands.run(who, body, command, about=f"decide {case_id}")


def _view(case: Case, visits: list[CaseVisitView], prints: list[CardView]) -> CaseView:
    needs = asdict(case.needs)
    return CaseView(
        **{name: value for name, value in asdict(case).items() if name in CaseView.model_fields},
        **{**needs, "skills": sorted(case.needs.skills)},
        preferred_days=sorted(case.days.preferred),
        on_holidays=case.days.on_holidays,
        case_id=case.id,
        card_outstanding=case.card_outstanding,
        visits=visits,
        prints=prints,
    )
