"""Dependencies of routes: the running service, its own dependencies, its database, and the start of a story."""

from typing import TYPE_CHECKING, Annotated, TypeVar

from fastapi import Depends, Request

from shared.db import Database
from shared.envelope import Cause

if TYPE_CHECKING:
    from shared.service import Service

D = TypeVar("D")


def service_of(request: Request) -> "Service":
    """The running service, in a route."""
    service: Service = request.app.state.service
    return service


def dependencies_of(request: Request, kind: type[D]) -> D:
    """The dependencies that `app.py` gave to the service. Raises TypeError when they are not of this class."""
    found: object = request.app.state.dependencies
    if not isinstance(found, kind):
        raise TypeError(f"the service has no {kind.__name__}, but {type(found).__name__}")
    return found


async def database(request: Request) -> Database:
    """The database, in a route; a 503 while it is away."""
    return service_of(request).ready_db


async def cause(request: Request) -> Cause:
    """The start of a story, with the trace the caller sent."""
    started: Cause = request.scope["state"]["cause"]
    return started


Db = Annotated[Database, Depends(database)]
StoryCause = Annotated[Cause, Depends(cause)]
