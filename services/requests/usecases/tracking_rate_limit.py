"""How often somebody may be wrong about a tracking code and its digits, whichever process they ask.

A guess is counted before it is looked at, or a thousand at once would all be the first; one that was right is taken
back. A code is counted whether there is such a case or not: being refused tells nothing. Addresses and codes are
counted by a hash under the service's own key: the table tells nobody who asked, nor for what.
"""

import asyncio
import hmac
from datetime import timedelta

import structlog
from limits import RateLimitItem

from services.requests.settings import Settings
from services.requests.store import guesses as store
from services.requests.store.guesses import Spent, Window
from shared.db import TRANSIENT, Database
from shared.edge.limits import Refusal, limit_of, network
from shared.seal import derive

SWEEP_SECONDS = 600.0

log = structlog.get_logger()


class Guesses:
    """The guesses by address and by code. Raises what the database raises: without it nobody guesses."""

    def __init__(self, settings: Settings) -> None:
        told = {"tracking": settings.rate_tracking, "tracking_code": settings.rate_tracking_code}
        self._address, self._code = (limit_of(rate, name) for name, rate in told.items())

    async def begin(self, db: Database, host: str, code: str) -> Refusal | None:
        """Count a guess; one too many is refused, and not counted."""
        counted = self._counted(db, host, code)
        windows = [Window(whose, limit.amount, timedelta(seconds=limit.get_expiry())) for limit, whose in counted]
        try:
            await store.count(db, windows)
        except Spent as spent:
            return Refusal(counted[spent.place][0], spent.seconds)
        return None

    async def right(self, db: Database, host: str, code: str) -> None:
        """It was no guess: the count is as before."""
        await store.take_back(db, [whose for _, whose in self._counted(db, host, code)])

    def _counted(self, db: Database, host: str, code: str) -> list[tuple[RateLimitItem, bytes]]:
        key = derive(db.command_key, "guesses")
        both = ((self._address, f"address {network(host)}"), (self._code, f"code {code}"))
        return [(limit, hmac.digest(key, who.encode(), "sha256")) for limit, who in both if limit is not None]


async def sweep_steadily(db: Database) -> None:
    """Forget what has ended, at start and then every so often, until cancelled."""
    while True:
        try:
            async with db.transaction() as conn:
                await store.sweep(conn)
        except TRANSIENT as error:
            log.warning("guesses not swept", error=type(error).__name__)
        await asyncio.sleep(SWEEP_SECONDS)
