"""The routes of alerts: which offices are short of cards, and which alerts are acknowledged."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from services.notify.domain.alerts import AlertState
from services.notify.store import alerts as store
from services.notify.usecases import alerts
from shared.contract.fields import OfficeCode, ProvinceCode, SentInstant, StockLevel
from shared.database.connection import Connection
from shared.http.commands import CommandsDep
from shared.http.dependencies import ContextDep, Db
from shared.security.auth import LISTED, Identity, Role, allow, found

router = APIRouter(tags=["alerts"])
READERS = (Role.PROVINCIAL, Role.SUBSCRIBER, Role.STOREKEEPER, Role.DISPATCHER, Role.OPS)
Reader = Annotated[Identity, Depends(allow(*READERS, scope=LISTED, cookie=True))]


class AlertItem(BaseModel):
    """An alert. `cover` is in working days and `usage` in prints a working day, both when it was raised. An answer
    that no cards followed lapsed at `lapsed_at`: then it is raised again, and `acknowledged_at` is of that answer."""

    alert_id: UUID
    office: OfficeCode
    province: ProvinceCode
    level: StockLevel
    crossing: int
    on_hand: int
    cover: float
    usage: float
    state: AlertState
    step: int
    raised_at: datetime
    acknowledged_at: datetime | None
    lapsed_at: datetime | None
    resolved_at: datetime | None


class AlertPage(BaseModel):
    """Alerts, the newest first; `next` asks for those that follow."""

    items: list[AlertItem]
    next: UUID | None


class Standing(BaseModel):
    """How an office stands, and the last daily report it gave."""

    office: OfficeCode
    province: ProvinceCode
    level: StockLevel
    reported_day: date | None
    reported_closing: int | None


class StandingPage(BaseModel):
    """Offices, by code."""

    items: list[Standing]


class AcknowledgeBody(BaseModel):
    """When the officer answered."""

    at: SentInstant


class Acknowledged(BaseModel):
    """The alert after the command."""

    alert_id: UUID
    state: AlertState


@router.get("/alerts")
async def list_alerts(
    who: Reader,
    db: Db,
    province: ProvinceCode | None = None,
    state: AlertState | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AlertPage:
    """Alerts of the caller's wilayah."""
    async with db.connection() as conn:
        rows = await store.page(conn, who.wilayah, province, state, after, limit)
    items = [AlertItem.model_validate(dict(row)) for row in rows]
    return AlertPage(items=items, next=items[-1].alert_id if len(items) == limit else None)


@router.get("/standings")
async def list_standings(who: Reader, db: Db, province: ProvinceCode | None = None) -> StandingPage:
    """The offices of the caller's wilayah with their level and last report; an office without an event is missing."""
    async with db.connection() as conn:
        rows = await store.standings(conn, who.wilayah, province)
    return StandingPage(items=[Standing.model_validate(dict(row)) for row in rows])


@router.post("/alerts/{alert_id}/acknowledge")
async def acknowledge(
    alert_id: UUID,
    body: AcknowledgeBody,
    who: Annotated[Identity, Depends(allow(Role.PROVINCIAL, scope=found("alert_id"), cookie=True))],
    context: ContextDep,
    commands: CommandsDep,
) -> Response:
    """Take an alert on, and with it the earlier ones of the office: they escalate no more, unless no cards follow."""

    async def command(conn: Connection) -> Acknowledged:
        state = await alerts.acknowledge(conn, context, who, alert_id, body.at)
        return Acknowledged(alert_id=alert_id, state=state)

    return await commands.run(who, body, command, about=f"acknowledge {alert_id}")
