"""The routes that every service has: health, metrics, the business clock, and the operations page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from shared.clock import advance, check_tick, now
from shared.contract.fields import SentInstant
from shared.database.connection import Connection
from shared.health import page, readiness
from shared.health.scrape import scrape
from shared.http.commands import CommandsDep
from shared.http.dependencies import running_service
from shared.security.auth import NATION, Identity, Role, allow, anyone
from shared.system_clock import utc_now

health = APIRouter(tags=["health"], dependencies=[Depends(anyone)])


@health.get("/health/live")
async def live(request: Request) -> JSONResponse:
    """200 while the process works, whatever is away; 503 when a consumer is stalled and a restart would help."""
    stalled = await readiness.stalled_groups(running_service(request))
    return JSONResponse({"status": "stuck", **stalled} if stalled else {"status": "alive"}, 503 if stalled else 200)


@health.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """200 when the service can work; 503 with the dependencies that are missing."""
    found = await readiness.dependencies(running_service(request))
    return JSONResponse(found, 200 if set(found.values()) == {"ok"} else 503)


@health.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """The metrics for Prometheus, on this service's own port: the gateway has no route to it."""
    return Response(await scrape(running_service(request)), media_type="text/plain; version=0.0.4; charset=utf-8")


class TickBody(BaseModel):
    """The new business time. The clock never goes back, so a far leap needs `force`."""

    at: SentInstant
    force: bool = False


clock = APIRouter(tags=["clock"])


@clock.post("/clock")
async def tick(
    request: Request,
    body: TickBody,
    who: Annotated[Identity, Depends(allow(Role.OPS, scope=NATION))],
    commands: CommandsDep,
) -> Response:
    """Move the business clock to `at`: close days, expire limits and raise alarms that are due by then (role ops).

    422 for a time ahead of the system clock if the service ticks by it (TICK_EVERY); otherwise for a leap of more
    than 31 days without `force`.
    """
    service = running_service(request).service
    ticks_itself = bool(service.settings.tick_every)

    async def command(conn: Connection) -> BaseModel:
        check_tick(body.at, await now(conn), utc_now() if ticks_itself else None, force=body.force)
        if await advance(conn, body.at):
            await service.tick(conn, body.at)
        return body

    return await commands.run(who, body, command, about="clock", by_the_clock=False)


ROUTERS = (health, clock, page.router)
