"""A service under test, in this process, on its real database and broker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from shared.database.pool import Database
from shared.running import RunningService
from shared.service import Service
from shared.serving import create_app
from tests.support.polling import until


def app_of(service: Service, db: Database | None = None) -> FastAPI:
    """The application of a service that does not run: its routes answer from `db`."""
    running = RunningService(service)
    running.db = db
    return create_app(running)


@asynccontextmanager
async def serve(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """Run a service with its relay and consumers; yields a client once it is ready."""
    app = app_of(service)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=30) as client:

            async def is_ready() -> bool:
                return (await client.get("/health/ready")).status_code == 200

            await until(is_ready, what=f"{service.name} ready")
            yield client
