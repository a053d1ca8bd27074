"""A service behind HTTP: its FastAPI application, and the server that runs it."""

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
    """The ASGI application; the service works while the application's lifespan does."""
    service = running.service

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running.running():
            yield

    app = Api(service.name, service.settings, lifespan, service.larger)
    app.state.service = running
    app.state.offices = service.offices
    app.state.production = service.settings.production
    app.state.keys = _trusted_keys(service.settings)
    app.state.dependencies = service.dependencies
    for name, value in service.extras.items():
        setattr(app.state, name, value)
    app.add_middleware(RequestMiddleware, metrics=running.metrics, tracing=running.tracing)
    # What callers ask for all day stands before what every service has: routes are tried in their order. They are
    # the application's own: an included router is one more to be asked, at each request.
    for router in (*service.routers, service.static.router(), *ROUTERS):
        app.router.routes += router.routes
    return app


def _trusted_keys(settings: Settings) -> TrustedKeys:
    return TrustedKeys(settings.jwks_file, settings.jwks_url, settings.token_policy(), production=settings.production)


def run(service: Service) -> None:
    """Serve until SIGTERM or SIGINT. Exits with 1 when something it stands on broke, to be started anew."""
    logs.configure(service.name, service.settings.log_level)
    running = RunningService(service)
    serving = make_server(create_app(running), service.settings)

    def stop() -> None:
        serving.should_exit = True

    running.on_broken = stop
    rarely_collect()
    serving.run()
    if running.broken:
        sys.exit(1)


def rarely_collect() -> None:
    """Let the garbage collector run seldom: a batch is hundreds of thousands of objects without a cycle, and
    walking them again and again took half of a consumer's time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
