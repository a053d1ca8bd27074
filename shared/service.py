"""The definition of a service, made by its `app.py`, the only place that wires. `RunningService` runs it."""

import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from shared.clock import Tick
from shared.database.connection import Session
from shared.database.pool import Database
from shared.messaging.consumer import Consumer
from shared.observability.metric_families import Gauges, no_gauges
from shared.reference.offices import Offices
from shared.settings import Settings
from shared.web.pages import STATIC
from shared.web.static_files import HashedFiles

Worker = Callable[[Database], Coroutine[Any, Any, None]]
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """The most bytes of a body, and advice to the person at the screen about a larger one."""

    most: int
    advice: str

    @property
    def words(self) -> str:
        """The limit, and the advice."""
        size = f"{self.most // MIB} MiB" if self.most % MIB == 0 else f"{self.most} byte"
        return f"Isi permintaan paling besar {size}. {self.advice}"


@dataclass(frozen=True, slots=True)
class RouteBodyLimit:
    """Requests with a bound of their own, by method and whole path."""

    method: str
    path: re.Pattern[str]
    bound: BodyLimit


@dataclass(frozen=True)
class Service:
    """The parts of a service."""

    name: str
    settings: Settings
    offices: Offices
    migrations: Path
    routers: Sequence[APIRouter]
    consumers: Sequence[Consumer]
    tick: Tick
    prepare: Callable[[Session], Awaitable[None]] | None = None
    """Run at each start, once the schema is there and before anything is taken; several processes may."""
    workers: Sequence[Worker] = ()
    """Loops beside the consumers, such as deliveries; run until cancelled."""
    dependencies: object = None
    """What this service's routes need: one frozen object of a class of its own, read with `dependencies_of`."""
    extras: dict[str, Any] = field(default_factory=dict)
    """Single values on `app.state`, for a service that has no `dependencies` yet."""
    static: HashedFiles = STATIC
    """The static files of its pages, those of the frame among them."""
    larger: Sequence[RouteBodyLimit] = ()
    """Routes whose requests may have a larger body than `max_body`."""
    gauges: Gauges = no_gauges
    """What this service's own tables tell Prometheus."""
    look_every: float = 5.0
    """Seconds between looks at whether a consumer goes on."""
    stuck_after: float = 60.0
    """Seconds a consumer may stand still before the process is no longer alive: starting its client anew, after
    three looks, did not help."""
