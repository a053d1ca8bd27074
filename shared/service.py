"""The definition of a service. The service's `app.py` makes it, and `shared.running.RunningService` runs it."""

import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from shared.clock import Tick
from shared.database.connection import Session
from shared.database.pool import Database
from shared.messaging.consumer import Consumer
from shared.observability.metric_families import Gauges, no_gauges
from shared.settings import Settings
from shared.web.pages import STATIC
from shared.web.static_files import HashedFiles

Worker = Callable[[Database], Coroutine[Any, Any, None]]
"""Runs beside the consumers until cancelled, for instance a `PeriodicTask`."""
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """The largest request body in bytes, and advice in Indonesian for a user whose body is larger."""

    max_bytes: int
    advice: str

    @property
    def message(self) -> str:
        """The limit and the advice as a message for the user."""
        size = f"{self.max_bytes // MIB} MiB" if self.max_bytes % MIB == 0 else f"{self.max_bytes} byte"
        return f"Isi permintaan paling besar {size}. {self.advice}"


@dataclass(frozen=True, slots=True)
class RouteBodyLimit:
    """Requests with their own body limit, selected by method and complete path."""

    method: str
    path: re.Pattern[str]
    limit: BodyLimit


@dataclass(frozen=True)
class Service:
    """A service: its settings, routes, consumers, tick and workers."""

    name: str
    settings: Settings
    migrations: Path
    routers: Sequence[APIRouter]
    consumers: Sequence[Consumer]
    tick: Tick
    prepare: Callable[[Session], Awaitable[None]] | None = None
    """Called at each start, after the migrations and before anything is consumed. Several processes may call it."""
    workers: Sequence[Worker] = ()
    """Tasks that run beside the consumers, for instance webhook deliveries."""
    dependencies: object = None
    """One frozen object with everything that the service's routes need. `dependencies_of` reads it."""
    static: HashedFiles = STATIC
    """The static files of its pages, those of the frame among them."""
    body_limits: Sequence[RouteBodyLimit] = ()
    """Routes that accept a larger body than `max_body`."""
    gauges: Gauges = no_gauges
    """Reads the service's own metrics from its tables."""
    check_every: float = 5.0
    """Seconds between two checks of a consumer."""
    stalled_after: float = 60.0
    """Seconds after which a stalled consumer makes the process not alive. Its client was restarted before, after
    three checks, without success."""
