"""The secrets that sign webhooks, at rest: sealed under the service's own key, each for its subscription alone."""

import asyncio
import base64
import secrets
from datetime import timedelta
from uuid import UUID

import structlog

from services.notify.settings import Settings
from services.notify.store import subscriptions as store
from shared.connection import Connection
from shared.db import TRANSIENT, Database
from shared.seal import Box, derive

log = structlog.get_logger()

UPGRADE = timedelta(days=1)
"""How long version 0.1.0 may run beside this one: it reads the secrets in the clear."""


class Signing:
    """Makes, seals and opens signing secrets."""

    def __init__(self, settings: Settings) -> None:
        self._box = Box(derive(settings.service_key(), "webhooks"))

    def new(self, subscription_id: UUID) -> bytes:
        """A new secret, sealed: 192 random bits, whsec_ and base64 (Standard Webhooks)."""
        return self.sealed(subscription_id, "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode())

    def sealed(self, subscription_id: UUID, secret: str) -> bytes:
        """A secret as the table holds it."""
        return self._box.seal(secret.encode(), subscription_id.bytes)

    def opened(self, subscription_id: UUID, sealed: bytes) -> str:
        """The secret. Raises InvalidTag under another key or beside another subscription."""
        return self._box.open(sealed, subscription_id.bytes).decode()

    async def seal_old(self, conn: Connection) -> None:
        """Seal what version 0.1.0 left in the clear, once its processes are surely gone; again does nothing."""
        for subscription_id, secret in await store.clear_secrets(conn, UPGRADE):
            await store.seal_secret(conn, subscription_id, self.sealed(subscription_id, secret))

    async def seal_steadily(self, db: Database) -> None:
        """Look each hour, until cancelled."""
        while True:
            try:
                async with db.transaction() as conn:
                    await self.seal_old(conn)
            except TRANSIENT as error:
                log.warning("old secrets not sealed yet", error=type(error).__name__)
            await asyncio.sleep(3600)
