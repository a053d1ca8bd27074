"""What every route of an application declares of who may call it, read from the routes that really answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from inspect import iscoroutinefunction

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from fastapi.staticfiles import StaticFiles

from shared.security.auth import Allow, anyone

FRAMEWORK = {"/openapi.json", "/docs", "/docs/oauth2-redirect"}
"""What FastAPI adds to describe the others; in production only the first is there."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a route says of itself; without `allow` and not `open` it says nothing."""

    method: str
    path: str
    allow: Allow | None
    open: bool
    threads: tuple[str, ...] = ()
    """What it asks for in a thread; that costs a request more than all the rest it asks for."""

    @property
    def complete(self) -> bool:
        """Whether it says who may call it and how far: roles with a scope, or all."""
        return self.open or (self.allow is not None and bool(self.allow.roles) and self.allow.scope is not None)


def declared(app: FastAPI) -> Iterator[Declared]:
    """Every route of an application, by path and method; a folder of files is open."""
    for route in sorted(iter_route_contexts(app.routes), key=lambda route: route.path or ""):
        path = str(route.path)
        if path in FRAMEWORK:
            continue
        if isinstance(getattr(route.original_route, "app", None), StaticFiles):
            yield Declared("GET", f"{path}/*", None, open=True)
            continue
        dependant = getattr(route, "dependant", None)
        calls = list(_calls(dependant)) if dependant is not None else []
        threads = tuple(str(call) for call in calls if not _awaited(call))
        allowed = next((call for call in calls if isinstance(call, Allow)), None)
        for method in sorted(route.methods or {"*"}):
            yield Declared(method, path, allowed, allowed is None and anyone in calls, threads)


def _awaited(call: object) -> bool:
    return iscoroutinefunction(call) or iscoroutinefunction(type(call).__call__)


def _calls(dependant: Dependant) -> Iterator[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)
