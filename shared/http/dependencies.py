"""Dependencies of routes: the running service, its own dependencies, its database, and the start of a story."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from shared.contract.envelope import MessageContext
from shared.database.pool import Database
from shared.running import RunningService

D = TypeVar("D")


def running_service(request: Request) -> RunningService:
    """The running service, in a route."""
    service: RunningService = request.app.state.service
    return service


def dependencies_of(request: Request, kind: type[D]) -> D:
    """The dependencies that `app.py` gave to the service. Raises TypeError when they are not of this class."""
    found: object = request.app.state.dependencies
    if not isinstance(found, kind):
        raise TypeError(f"the service has no {kind.__name__}, but {type(found).__name__}")
    return found


def provided(kind: type[D]) -> Callable[[Request], Awaitable[D]]:
    """A dependency of routes: the object of this class that `app.py` gave to the service."""

    async def dependency(request: Request) -> D:
        return dependencies_of(request, kind)

    return dependency


async def database(request: Request) -> Database:
    """The database, in a route; a 503 while it is away."""
    return running_service(request).ready_db


async def message_context(request: Request) -> MessageContext:
    """The start of a story, with the trace the caller sent."""
    started: MessageContext = request.scope["state"]["context"]
    return started


Db = Annotated[Database, Depends(database)]
ContextDep = Annotated[MessageContext, Depends(message_context)]
