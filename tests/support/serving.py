"""A service under test, in this process, on its real database and broker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from shared.service import Service
from tests.support.polling import until


@asynccontextmanager
async def serve(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """Run a service with its relay and consumers; yields a client once it is ready."""
    app = service.app()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=30) as client:

            async def is_ready() -> bool:
                return (await client.get("/health/ready")).status_code == 200

            await until(is_ready, what=f"{service.name} ready")
            yield client
