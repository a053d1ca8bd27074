"""The routes that every service has: is it well, what time is it, is anything stuck."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from shared.clock import advance, must_be_plausible, now
from shared.contract.fields import SentInstant
from shared.database.connection import Connection
from shared.health import page
from shared.health.scrape import scrape
from shared.http.commands import IdempotencyKey, run_idempotent
from shared.http.dependencies import Db, running_service
from shared.security.auth import NATION, Identity, Role, allow, anyone
from shared.system_clock import utc_now

health = APIRouter(tags=["health"], dependencies=[Depends(anyone)])


@health.get("/health/live")
async def live(request: Request) -> JSONResponse:
    """200 while the process goes on, whatever is away; 503 when a consumer is stuck and a restart would help."""
    stuck = await running_service(request).stuck()
    return JSONResponse({"status": "stuck", **stuck} if stuck else {"status": "alive"}, 503 if stuck else 200)


@health.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """200 when the service can work; 503 with what is missing."""
    found = await running_service(request).state()
    return JSONResponse(found, 200 if set(found.values()) == {"ok"} else 503)


@health.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """What Prometheus asks for, on this service's own port: the gateway does not lead here."""
    return Response(await scrape(running_service(request)), media_type="text/plain; version=0.0.4; charset=utf-8")


class TickBody(BaseModel):
    """The business time that it is now. It never goes back: a far leap must be meant (`force`)."""

    at: SentInstant
    force: bool = False


clock = APIRouter(tags=["clock"])


@clock.post("/clock")
async def tick(
    request: Request,
    body: TickBody,
    who: Annotated[Identity, Depends(allow(Role.OPS, scope=NATION))],
    db: Db,
    key: IdempotencyKey = None,
) -> Response:
    """Close days, expire limits and raise alarms that are due by `at` (role ops).

    422 for what lies ahead of the wall clock where the service ticks itself by it (TICK_EVERY), and elsewhere for a
    leap of more than 31 days that is not meant.
    """
    service = running_service(request).service
    by_the_wall = bool(service.settings.tick_every)

    async def command(conn: Connection) -> BaseModel:
        must_be_plausible(body.at, await now(conn), utc_now() if by_the_wall else None, force=body.force)
        if await advance(conn, body.at):
            await service.tick(conn, body.at)
        return body

    return await run_idempotent(db, key, who, body, command, about="clock", by_the_clock=False)


ROUTERS = (health, clock, page.router)
