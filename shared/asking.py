"""What the routes of a service ask for: the service itself, its database, and the start of a story."""

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from shared.db import Database
from shared.envelope import Cause

if TYPE_CHECKING:
    from shared.service import Service


def service_of(request: Request) -> "Service":
    """The running service, in a route."""
    service: Service = request.app.state.service
    return service


async def database(request: Request) -> Database:
    """The database, in a route; a 503 while it is away."""
    return service_of(request).ready_db


async def cause(request: Request) -> Cause:
    """The start of a story, with the trace the caller sent."""
    started: Cause = request.scope["state"]["cause"]
    return started


Db = Annotated[Database, Depends(database)]
StoryCause = Annotated[Cause, Depends(cause)]
