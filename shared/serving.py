"""The HTTP side of a service: its FastAPI application and its server."""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shared.health.routes import ROUTERS
from shared.http.application import Api
from shared.http.protocol import make_server
from shared.http.request_middleware import RequestMiddleware
from shared.observability import logs
from shared.running import RunningService
from shared.security.trusted_keys import TrustedKeys
from shared.service import Service
from shared.settings import Settings


def create_app(running: RunningService) -> FastAPI:
    """The ASGI application. The service runs during the application's lifespan."""
    service = running.service

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running.running():
            yield

    app = Api(service.name, service.settings, lifespan, service.body_limits)
    app.state.service = running
    app.state.production = service.settings.production
    app.state.keys = trusted_keys(service.settings)
    app.state.dependencies = service.dependencies
    app.add_middleware(RequestMiddleware, metrics=running.metrics, tracing=running.tracing)
    # Routes are matched in their order, so the service's own routes come before the common ones. They are added to
    # the application itself: an included router would be one more match for each request.
    for router in (*service.routers, service.static.router(), *ROUTERS):
        app.router.routes += router.routes
    return app


def trusted_keys(settings: Settings) -> TrustedKeys:
    """The keys that the settings name. Raises OSError, ValueError or RuntimeError, as `TrustedKeys` does."""
    return TrustedKeys(settings.jwks_file, settings.jwks_url, settings.token_policy(), production=settings.production)


def run(service: Service) -> None:
    """Serve until SIGTERM or SIGINT. Exits with 1 when a task failed, so that the supervisor restarts the process."""
    logs.configure(service.name, service.settings.log_level)
    running = RunningService(service)
    serving = make_server(create_app(running), service.settings)

    def stop() -> None:
        serving.should_exit = True

    running.on_failure = stop
    configure_gc()
    serving.run()
    if running.failure:
        sys.exit(1)


def configure_gc() -> None:
    """Make the garbage collector run rarely.

    A batch has hundreds of thousands of objects and no reference cycle; collecting took half of a consumer's time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
