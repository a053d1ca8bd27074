"""Rate limit of wrong tracking codes and digits, across all processes.

An attempt is counted before it is checked, because a thousand parallel attempts would all be the first otherwise; a
right one is taken back. A code is counted whether it exists or not, so that a refusal tells nothing. Addresses and
codes are counted by a keyed hash: the table tells nobody who asked, nor for what.
"""

import hmac
from datetime import timedelta

from limits import RateLimitItem

from services.requests.settings import Settings
from services.requests.store.tracking import rate_limit as store
from services.requests.store.tracking.rate_limit import RateExceeded, RateWindow
from shared.database.pool import Database
from shared.http.rate_limits import Refusal, limit_of, network
from shared.security.encryption import derive


class TrackingRateLimit:
    """The limits by address and by code. Raises what the database raises: without it nobody may try."""

    def __init__(self, settings: Settings) -> None:
        told = {"tracking": settings.rate_tracking, "tracking_code": settings.rate_tracking_code}
        self._address, self._code = (limit_of(rate, name) for name, rate in told.items())

    async def count(self, db: Database, host: str, code: str) -> Refusal | None:
        """Count an attempt; returns the refusal when it is one too many, and does not count that one."""
        counted = self._counted(db, host, code)
        windows = [RateWindow(whose, limit.amount, timedelta(seconds=limit.get_expiry())) for limit, whose in counted]
        try:
            await store.count(db, windows)
        except RateExceeded as spent:
            return Refusal(counted[spent.place][0], spent.seconds)
        return None

    async def take_back(self, db: Database, host: str, code: str) -> None:
        """The attempt was right: the counts are as before it."""
        await store.take_back(db, [whose for _, whose in self._counted(db, host, code)])

    def _counted(self, db: Database, host: str, code: str) -> list[tuple[RateLimitItem, bytes]]:
        key = derive(db.command_key, "guesses")
        both = ((self._address, f"address {network(host)}"), (self._code, f"code {code}"))
        return [(limit, hmac.digest(key, who.encode(), "sha256")) for limit, who in both if limit is not None]
